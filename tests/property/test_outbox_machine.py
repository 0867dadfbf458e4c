"""Random edits with every scope, moves, undo and redo, crashes and lost answers: what is shown is what Google gets.

Nobody else edits in half of the schedules: then what the screen shows must never depend on how much was sent.
"""

import os
import random
import tempfile
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aicalendar_tui.backend.domain.agenda import Entry
from aicalendar_tui.backend.domain.draft import Draft
from aicalendar_tui.backend.domain.errors import InvalidEdit, NotFound, Rejected, Transient, Unreachable
from aicalendar_tui.backend.domain.event import is_cancelled
from tests.fakes.remote_calendar import FakeRemoteCalendar
from tests.unit.services.household import HOME, USER, Household, draft, timed

SCHEDULES = int(os.environ.get("AICALENDAR_SCHEDULES", "60"))
WORK = "work@example.com"
WRITES = ("insert_event", "patch_event", "delete_event", "move_event", "get_event", "find_instance")


class Desk:
    """One user with two calendars, and a die."""

    def __init__(self, folder: Path, seed: int, *, phone: bool) -> None:
        self.house = Household(folder, FakeRemoteCalendar(HOME, WORK, page_size=3))
        self.google = self.house.google
        self.house.connect()
        self.die = random.Random(seed)
        self.phone = phone

    def play(self, steps: int) -> None:
        """That many things happen."""
        rules = [self.create, self.change, self.change, self.delete, self.move, self.undo, self.redo, self.send]
        rules += [self.pull, self.crash, self.settle] + ([self.edit_on_the_phone] * 2 if self.phone else [])
        for _ in range(steps):
            self.die.choice(rules)()

    def create(self) -> None:
        """A single event or a series, here."""
        rule = self.die.choice([(), ("RRULE:FREQ=DAILY;COUNT=5",), ("RRULE:FREQ=DAILY;UNTIL=20261127T090000Z",)])
        day = self.die.randint(16, 24)
        self.house.edit.create(USER, self.die.choice([HOME, WORK]), draft(self.title(), day=day, recurrence=rule))

    def change(self) -> None:
        """Title, place or hour, of whatever scope."""
        if entry := self.entry():
            new = self.die.choice([Draft(summary=self.title()), Draft(location=self.title()), self.hour(entry)])
            with suppress(InvalidEdit):
                self.house.edit.change(entry.key, new, scope=self.die.choice(["this", "following", "all"]))

    def hour(self, entry: Entry) -> Draft:
        """That day or the next, at another hour."""
        start = entry.start_in(UTC).replace(hour=self.die.randint(1, 20)) + timedelta(days=self.die.randint(0, 1))
        return Draft(start=start, end=start.replace(minute=50))

    def delete(self) -> None:
        """Of whatever scope."""
        if entry := self.entry():
            self.house.edit.delete(entry.key, scope=self.die.choice(["this", "this", "following", "all"]))

    def move(self) -> None:
        """To the other calendar, and perhaps something else by the same action."""
        if entry := self.entry():
            other = WORK if entry.calendar_id == HOME else HOME
            new = self.die.choice([None, Draft(location=self.title()), self.hour(entry)])
            with suppress(InvalidEdit):
                self.house.edit.move(entry.key, (USER, other), draft=new, scope="all")

    def undo(self) -> None:
        """The newest."""
        self.house.edit.undo(USER)

    def redo(self) -> None:
        """What was undone last."""
        self.house.edit.redo(USER)

    def send(self) -> None:
        """With a fault somewhere, perhaps."""
        if self.die.random() < 0.5:
            self.google.fail(self.die.choice(WRITES), Unreachable(), after=self.die.random() < 0.5)
        self.unchanged(lambda: self.house.push(USER))

    def pull(self) -> None:
        """One of the calendars."""
        calendar_id = self.die.choice([HOME, WORK])
        full = self.die.random() < 0.2
        self.unchanged(lambda: self.house.pull(USER, calendar_id, full=full))

    def unchanged(self, act: Callable[[], object]) -> None:
        """Without anybody else, neither sending nor fetching changes what is shown."""
        before = self.shown()
        with suppress(Transient):
            act()
        if not self.phone:
            assert before == self.shown()

    def crash(self) -> None:
        """Nothing but the file is left."""
        self.house.restart()

    def settle(self) -> None:
        """Whatever waits for a decision."""
        for conflict in self.house.services().list_conflicts(USER):
            with suppress(NotFound):
                self.house.services().settle(conflict.change_id, self.die.choice(["mine", "theirs"]))

    def edit_on_the_phone(self) -> None:
        """A title, a deletion, or an instance."""
        calendar_id = self.die.choice([HOME, WORK])
        events = self.google.live_events(calendar_id)
        if not events:
            self.google.put(calendar_id, timed(self.title(), recurrence=["RRULE:FREQ=DAILY;COUNT=5"]))
            return
        event = events[self.die.choice(sorted(events))]
        with suppress(Rejected):
            if self.die.random() < 0.3:
                self.google.cancel(calendar_id, event["id"])
            else:
                self.google.put(calendar_id, {**event, "summary": self.title()})

    def title(self) -> str:
        """A letter."""
        return self.die.choice("ABCDE")

    def entry(self) -> Entry | None:
        """Something that is shown."""
        entries = self.house.agenda()
        return self.die.choice(entries) if entries else None

    def shown(self) -> list[tuple[str, int, int, str, str]]:
        """Everything that a user sees of November."""
        return sorted(
            (entry.calendar_id, entry.start, entry.end, entry.summary, entry.location)
            for entry in self.house.agenda()
        )

    def come_to_rest(self) -> None:
        """Edits stop, everything is settled, both ways work: both sides are the same."""
        self.google._faults.clear()
        for _ in range(40):
            self.unchanged(lambda: self.house.push(USER))
            for calendar_id in (HOME, WORK):
                self.unchanged(lambda calendar_id=calendar_id: self.house.pull(USER, calendar_id))
            if not self.house.outbox():
                break
            if not self.phone:
                assert [] == [(c.state, c.reason) for c in self.house.outbox() if c.state != "waiting"]
            self.settle()
        assert [] == self.house.outbox()
        for calendar_id in (HOME, WORK):
            self.house.pull(USER, calendar_id)
            live = self.google.live_events(calendar_id)
            assert {} == {i: e for i, e in live.items() if is_cancelled(e)}
            assert live == self.house.mirror(calendar_id)


@pytest.mark.parametrize("phone", [False, True])
@settings(max_examples=SCHEDULES, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_everything_comes_to_rest(phone: bool, seed: int) -> None:
    """Nothing lost, nothing doubled."""
    with tempfile.TemporaryDirectory(prefix="aic-desk-") as folder:
        desk = Desk(Path(folder), seed, phone=phone)
        try:
            desk.play(25)
            desk.come_to_rest()
        finally:
            desk.house.store.close()
