"""Three days on a train: two hundred edits without Google, then all of them go out, in order, as few requests."""

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, NoReturn

import pytest

from aicalendar_tui.backend.domain.agenda import Entry
from aicalendar_tui.backend.domain.draft import Draft
from aicalendar_tui.backend.domain.errors import InvalidEdit, Unreachable
from tests.integration.services.office import HOME, Office
from tests.unit.services.household import USER

EDITS = 200
THREE_DAYS_SECONDS = 3 * 86_400
RULES = ((), (), ("RRULE:FREQ=DAILY;COUNT=5",), ("RRULE:FREQ=WEEKLY;BYDAY=TU;COUNT=3",))


class Nowhere:
    """No answer to anything, as in a tunnel."""

    def __getattr__(self, name: str) -> Callable[..., NoReturn]:
        """Any method of the port."""

        def request(*_arguments: Any, **_named: Any) -> NoReturn:
            raise Unreachable(name)

        return request


class Traveller:
    """Edits whatever is on the screen."""

    def __init__(self, office: Office, seed: int) -> None:
        self.office = office
        self.die = random.Random(seed)
        self.made = 0

    def entry(self) -> Entry | None:
        """Something that is shown."""
        entries = self.office.agenda()
        return self.die.choice(entries) if entries else None

    def edit(self) -> None:
        """One user action; what is refused at once is none."""
        entry, edits = self.entry(), self.office.edit
        action = self.die.choice(["create", "change", "change", "change", "grab", "delete", "move", "undo", "redo"])
        try:
            if entry is None or action == "create":
                self.create()
            elif action == "change":
                edits.change(entry.key, self.words(), scope=self.die.choice(["this", "following", "all"]))
            elif action == "grab":
                start = entry.start_in(UTC) + timedelta(hours=self.die.choice([-1, 1, 24]))
                new = Draft(start=start, end=start + timedelta(minutes=50))
                edits.change(entry.key, new, scope=self.die.choice(["this", "all"]))
            elif action == "delete":
                edits.delete(entry.key, scope=self.die.choice(["this", "this", "following"]))
            elif action == "move":
                there = self.office.work if entry.calendar_id == HOME else HOME
                edits.move(entry.key, (USER, there), draft=self.words(), scope="all")
            elif (edits.undo if action == "undo" else edits.redo)(USER) is None:
                return
        except InvalidEdit:
            return
        self.made += 1

    def create(self) -> None:
        """A single event or a series."""
        start = datetime(2026, 11, self.die.randint(16, 25), self.die.randint(7, 18), tzinfo=UTC)
        new = Draft(
            summary=self.title(), start=start, end=start + timedelta(hours=1), recurrence=self.die.choice(RULES)
        )
        self.office.edit.create(USER, self.die.choice([HOME, self.office.work]), new)

    def words(self) -> Draft:
        """A title or a place."""
        return self.die.choice([Draft(summary=self.title()), Draft(location=self.title())])

    def title(self) -> str:
        """A number that was not yet."""
        return f"Edit {self.made}"


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_two_hundred_edits_of_three_days_without_google_all_arrive(office: Office, seed: int) -> None:
    """Every hour it is tried in vain, every day the program starts anew; nothing is lost, doubled or in conflict."""
    office.series()
    traveller = Traveller(office, seed)
    begin = office.clock.epoch()
    while traveller.made < EDITS:
        before = office.clock.epoch()
        traveller.edit()
        office.clock.advance(THREE_DAYS_SECONDS // EDITS)
        if office.clock.epoch() // 3_600 > before // 3_600:
            with pytest.raises(Unreachable):
                replace(office.push, remotes=lambda _user_id: Nowhere())(USER)  # pyright: ignore[reportArgumentType]
        if office.clock.epoch() // 86_400 > before // 86_400:
            shown = office.agenda()
            office.restart()
            assert shown == office.agenda()
    assert office.clock.epoch() - begin >= THREE_DAYS_SECONDS
    assert {"waiting"} == {change.state for change in office.outbox()}
    assert len(office.outbox()) < EDITS
    office.sync()


def test_a_hundred_changes_of_one_event_are_one_request_when_google_is_back(office: Office) -> None:
    """And the undo of the last goes one back, not a hundred."""
    office.phone.insert_event(
        HOME,
        {
            "id": "a0a0a0a0a0",
            "summary": "Tea",
            "start": {"dateTime": "2026-11-24T09:00:00Z"},
            "end": {"dateTime": "2026-11-24T10:00:00Z"},
        },
    )
    office.pull(USER, HOME)
    (entry,) = office.agenda()
    for number in range(100):
        office.edit.change(entry.key, Draft(summary=f"Tea {number}"))
        office.clock.advance(2_592)
    assert 1 == len(office.outbox())
    office.sync()
    (event,) = office.at_google().values()
    assert ("Tea 99", 0) == (event["summary"], event["sequence"])
    office.edit.undo(USER)
    office.sync()
    assert ["Tea 98"] == [entry.summary for entry in office.agenda()]
