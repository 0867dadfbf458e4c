"""What an edit shows in another calendar than its own: there until it is sent, and marked nowhere else."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from aicalendar_tui.backend.domain.draft import Draft
from aicalendar_tui.backend.domain.event import EventKey
from tests.fakes.remote_calendar import FakeRemoteCalendar
from tests.unit.services.household import HOME, MONTH, USER, Household, timed

WORK = "work@example.com"
BEN, BENS = "ben", "ben@example.com"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Household]:
    """Two calendars of one user."""
    house = Household(tmp_path, FakeRemoteCalendar(HOME, WORK))
    house.connect()
    yield house
    house.store.close()


def test_full_sync_of_the_other_account_keeps_what_is_on_its_way_there(house: Household) -> None:
    """The change is the user's, and what it shows is in the calendar of somebody else."""
    house.remotes.accounts[BEN] = FakeRemoteCalendar(BENS)
    with house.store.write() as unit:
        unit.put_account(BEN, email=BENS, endpoint="https://google.test", now=house.clock.epoch())
        unit.put_calendar(BEN, BENS, {"id": BENS, "summary": "Ben", "accessRole": "owner"}, 0)
    house.edit.move(house.create("Tea"), (BEN, BENS))
    house.use(house.remotes.accounts[BEN])
    house.pull(BEN, BENS, full=True)
    assert ["Tea"] == [entry.summary for entry in house.read.agenda(BEN, MONTH).entries]


def test_conflict_over_a_moved_event_marks_it_only_where_it_was(house: Household) -> None:
    """Somebody moves the event, whose id stays the same, before our edit of it gets there."""
    event = house.google.put(HOME, timed("Tea"))
    house.pull(USER, HOME)
    house.edit.change(EventKey(USER, HOME, event["id"]), Draft(summary="Coffee"))
    house.google.move_event(HOME, event["id"], WORK)
    house.pull(USER, WORK)
    house.pull(USER, HOME)
    house.push(USER)
    assert ["conflict"] == [change.state for change in house.outbox()]
    assert [(WORK, False, False)] == [
        (entry.calendar_id, entry.waiting, entry.problem) for entry in house.agenda() if entry.calendar_id == WORK
    ]
