"""Events of a file go the way of any edit, and come out again as they are shown."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from aicalendar_tui.backend.domain.draft import Draft
from aicalendar_tui.backend.domain.errors import NotFound
from aicalendar_tui.backend.domain.event import EventKey, Resource
from aicalendar_tui.backend.domain.times import Days
from aicalendar_tui.backend.ics.reading import parse_ics
from aicalendar_tui.backend.ics.writing import write_ics
from aicalendar_tui.backend.services.transfer import Imported, Transfer
from tests.unit.services.household import HOME, USER, Household, timed

DAYS = Days(date(2026, 11, 20), date(2026, 12, 20), "UTC")
SERIES = b"""BEGIN:VCALENDAR
VERSION:2.0
BEGIN:VEVENT
UID:daily@example.com
DTSTART:20261123T090000Z
DTEND:20261123T093000Z
RRULE:FREQ=DAILY;COUNT=4
EXDATE:20261124T090000Z
SUMMARY:Daily
END:VEVENT
BEGIN:VEVENT
UID:daily@example.com
RECURRENCE-ID:20261125T090000Z
DTSTART:20261125T150000Z
DTEND:20261125T153000Z
SUMMARY:Daily, later
END:VEVENT
BEGIN:VEVENT
UID:once@example.com
DTSTART;VALUE=DATE:20261201
DTEND;VALUE=DATE:20261202
SUMMARY:Once
STATUS:TENTATIVE
END:VEVENT
END:VCALENDAR
"""


@pytest.fixture
def house(tmp_path: Path) -> Household:
    """One calendar, synced."""
    made = Household(tmp_path)
    made.connect()
    return made


def transfer_of(house: Household) -> Transfer:
    """On the household's adapters."""
    return Transfer(house.store, house.cache, house.publisher, house.clock)


def shown(house: Household) -> list[tuple[str, str]]:
    """(title, start) of what a screen shows."""
    return sorted((entry.summary, entry.start_in(UTC).isoformat()[:16]) for entry in house.agenda(DAYS))


EXPECTED = [
    ("Daily", "2026-11-23T09:00"),
    ("Daily", "2026-11-26T09:00"),
    ("Daily, later", "2026-11-25T15:00"),
    ("Once", "2026-12-01T00:00"),
]


def test_a_file_is_shown_at_once_and_then_at_google(house: Household):
    """With its moved and its left-out instance."""
    events = parse_ics(SERIES).events
    assert Imported(taken=2, known=0) == transfer_of(house).take(USER, HOME, events)
    assert EXPECTED == shown(house)
    house.push(USER)
    house.pull(USER, HOME)
    assert [] == house.outbox()
    assert house.google.live_events(HOME) == house.mirror()
    assert EXPECTED == shown(house)


@pytest.mark.parametrize("sent", [False, True])
def test_a_file_that_is_taken_twice_adds_nothing_twice(house: Household, sent: bool):
    """Whether or not the first time has reached Google yet."""
    events = parse_ics(SERIES).events
    transfer_of(house).take(USER, HOME, events)
    if sent:
        house.push(USER)
    assert Imported(taken=0, known=2) == transfer_of(house).take(USER, HOME, events)
    assert EXPECTED == shown(house)


def test_an_event_that_was_deleted_can_be_taken_again(house: Household):
    """Under another id: Google never gives a deleted one's again."""
    events = parse_ics(SERIES).events
    transfer_of(house).take(USER, HOME, events)
    house.push(USER)
    once = next(one for one in events if one["summary"] == "Once")
    house.edit.delete(EventKey(USER, HOME, once["id"]), scope="all")
    house.push(USER)
    assert 1 == transfer_of(house).take(USER, HOME, events).taken
    house.push(USER)
    assert [] == house.outbox()
    assert EXPECTED == shown(house)


def test_many_events_are_taken_in_batches(house: Household):
    """No writer waits for all of them; progress is told."""
    events: list[Resource] = [{**timed(f"Event {number}"), "id": f"import{number}"} for number in range(120)]
    told: list[tuple[int, int]] = []
    transfer_of(house).take(USER, HOME, events, progress=lambda *numbers: told.append(numbers))
    assert [(50, 120), (100, 120), (120, 120)] == told
    assert 120 == len(house.outbox())


def test_an_unknown_calendar_takes_nothing(house: Household):
    """And says so."""
    with pytest.raises(NotFound):
        transfer_of(house).take(USER, "nowhere", parse_ics(SERIES).events)


def test_what_is_shown_comes_out_with_what_waits(house: Household):
    """A renamed instance, a new event and a deleted one, none of them at Google yet."""
    kept = house.google.put(HOME, timed("Kept"))
    gone = house.google.put(HOME, timed("Gone"))
    house.pull(USER, HOME)
    transfer_of(house).take(USER, HOME, parse_ics(SERIES).events)
    house.edit.change(EventKey(USER, HOME, kept["id"]), Draft(summary="Renamed"), scope="all")
    house.edit.delete(EventKey(USER, HOME, gone["id"]), scope="all")
    before = shown(house)

    text = write_ics(transfer_of(house).shown_resources(USER, HOME), "Home")

    (house.folder / "other").mkdir()
    other = Household(house.folder / "other")
    other.connect()
    transfer_of(other).take(USER, HOME, parse_ics(text.encode()).events)
    assert before == shown(other)
    assert "Renamed" in dict(before)


def test_the_clock_of_the_edit_is_the_households(house: Household):
    """The outbox says when it was taken."""
    transfer_of(house).take(USER, HOME, parse_ics(SERIES).events)
    assert {int(datetime(2026, 11, 23, 12, tzinfo=UTC).timestamp())} == {one.created_at for one in house.outbox()}
