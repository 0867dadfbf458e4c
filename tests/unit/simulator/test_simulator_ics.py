"""People's own .ics files: what is good is kept, what is broken is named with its line."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aicalendar_tui.simulator.ics import Loaded, load_calendar, load_file
from aicalendar_tui.simulator.world import World
from tests.unit.simulator.simulated_client import Client

HEAD = ["BEGIN:VCALENDAR", "VERSION:2.0", "X-WR-CALNAME:Work"]


def event(*lines: str) -> list[str]:
    """The lines of one event."""
    return ["BEGIN:VEVENT", *lines, "END:VEVENT"]


def load(world: World, *events: list[str], ending: str = "\r\n") -> tuple[Loaded, list[dict]]:
    """A calendar of these events, and what Ana then sees of it, expanded."""
    lines = [*HEAD, *(line for one in events for line in one), "END:VCALENDAR", ""]
    loaded = load_calendar(world, world.users["ana@example.com"], ending.join(lines).encode(), name="work.ics")
    path = f"calendars/{loaded.calendar_id}/events"
    ana = Client(world, "ana")
    return loaded, ana.get(path, singleEvents=True, orderBy="startTime", maxResults=2500)["items"]


def starts(items: list[dict]) -> list[str]:
    """Start times or dates, as they are shown."""
    return [one["start"].get("dateTime") or one["start"]["date"] for one in items]


def test_a_plain_event_keeps_its_details(world: World) -> None:
    """Text is unescaped, people keep their names and answers."""
    loaded, items = load(
        world,
        event(
            "UID:1@x",
            "DTSTART:20261123T100000Z",
            "DTEND:20261123T110000Z",
            "SUMMARY:Lunch\\, long",
            "LOCATION:Kavárna",
            "DESCRIPTION:one\\ntwo",
            "ORGANIZER;CN=Boris:mailto:boris@example.org",
            "ATTENDEE;PARTSTAT=TENTATIVE;CN=Ana:mailto:ana@example.com",
            "CLASS:PRIVATE",
            "TRANSP:TRANSPARENT",
        ),
    )
    (item,) = items
    assert ([], 1) == (loaded.problems, loaded.events)
    assert ("Lunch, long", "Kavárna", "one\ntwo") == (item["summary"], item["location"], item["description"])
    assert ("1@x", "private", "transparent") == (item["iCalUID"], item["visibility"], item["transparency"])
    assert {"email": "boris@example.org", "displayName": "Boris"} == item["organizer"]
    assert "tentative" == item["attendees"][0]["responseStatus"]
    assert "Work" == world.calendars[loaded.calendar_id].summary


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["DTSTART:20261123T100000"], "2026-11-23T10:00:00+01:00"),
        (["DTSTART;TZID=America/New_York:20261123T100000"], "2026-11-23T16:00:00+01:00"),
        (["DTSTART;TZID=Eastern Standard Time:20261123T100000"], "2026-11-23T16:00:00+01:00"),
        (["DTSTART;VALUE=DATE:20261123"], "2026-11-23"),
        (["DTSTART:20261123T100000Z", "DURATION:PT2H"], "2026-11-23T11:00:00+01:00"),
    ],
)
def test_each_kind_of_time_is_understood(world: World, lines: list[str], expected: str) -> None:
    """Floating times are meant in the user's zone; Windows' zone names are known."""
    loaded, items = load(world, event("UID:1", *lines))
    assert ([], [expected]) == (loaded.problems, starts(items))


def test_a_series_keeps_its_exceptions(world: World) -> None:
    """Excluded, moved and cancelled instances, in whatever order they stand in the file."""
    _, items = load(
        world,
        event(
            "UID:s",
            "RECURRENCE-ID;TZID=Europe/Prague:20261124T090000",
            "DTSTART;TZID=Europe/Prague:20261124T100000",
            "DTEND;TZID=Europe/Prague:20261124T103000",
            "SUMMARY:moved",
        ),
        event(
            "UID:s",
            "DTSTART;TZID=Europe/Prague:20261123T090000",
            "DTEND;TZID=Europe/Prague:20261123T093000",
            "RRULE:FREQ=DAILY;COUNT=5",
            "EXDATE;TZID=Europe/Prague:2026112",
            " 5T090000",
            "SUMMARY:daily",
        ),
        event("UID:s", "RECURRENCE-ID:20261126T080000Z", "DTSTART:20261126T080000Z", "STATUS:CANCELLED"),
    )
    assert ["23T09:00", "24T10:00", "27T09:00"] == [one[8:16] for one in starts(items)]
    assert "moved" == items[1]["summary"]


def test_a_broken_event_is_named_by_its_line_and_the_rest_is_kept(world: World) -> None:
    """One problem each, pointing into the file."""
    good = event("UID:g", "DTSTART:20261123T100000Z", "SUMMARY:good")
    loaded, items = load(
        world,
        event("UID:1", "DTSTART:yesterday"),  # lines 4 to 7
        event("UID:2", "SUMMARY:no start"),  # 8 to 11
        event("UID:3", "DTSTART:20261123T100000Z", "this is no property"),  # 12 to 16
        event("UID:4", "DTSTART:20261123T100000Z", "RRULE:FREQ=NEVER"),  # 17 to 21
        event("UID:5", "DTSTART:20261123T100000Z", "DTEND:20261123T090000Z"),  # 22 to 26
        good,
    )
    assert ["good"] == [one["summary"] for one in items]
    assert [6, 8, 15, 20, 25] == sorted(problem.line for problem in loaded.problems)
    assert all(str(problem).startswith(f"work.ics:{problem.line}: ") for problem in loaded.problems)
    assert all("\n" not in str(problem) for problem in loaded.problems)


def test_an_unfinished_file_keeps_what_came_before(world: World) -> None:
    """A download that was cut off."""
    text = "\n".join([*HEAD, *event("UID:1", "DTSTART:20261123T100000Z"), "BEGIN:VEVENT", "UID:2"])
    loaded = load_calendar(world, world.users["ana@example.com"], text.encode(), name="cut.ics")
    assert (1, [8]) == (loaded.events, [problem.line for problem in loaded.problems])


def test_what_is_no_calendar_is_one_problem(world: World, tmp_path: Path) -> None:
    """A picture, an empty file, a folder, a file that is not there."""
    picture = tmp_path / "picture.ics"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n\x00\xff")
    ana = world.users["ana@example.com"]
    for path in (picture, tmp_path, tmp_path / "missing.ics"):
        loaded = load_file(world, ana, path)
        assert (0, 1) == (loaded.events, len(loaded.problems))
        assert str(loaded.problems[0]).startswith(f"{path}:1: ")


@given(
    st.lists(
        st.sampled_from(
            [
                *event("UID:1", "DTSTART:20261123T100000Z", "RRULE:FREQ=DAILY;COUNT=2"),
                "DTSTART;TZID=:x",
                "RRULE:FREQ=",
                "EXDATE:1",
                "ATTENDEE:;;",
                " folded",
                "DURATION:-PT1H",
                "RECURRENCE-ID;VALUE=DATE:20261124",
                "DTSTART;VALUE=DATE:99999999",
                ":",
                "BEGIN:VTIMEZONE",
                "TZID:x",
                "END:VTIMEZONE",
            ]
        ),
        max_size=20,
    )
)
def test_no_shuffled_file_brings_the_loader_down(lines: list[str]) -> None:
    """Garbage is a list of problems."""
    from datetime import UTC, datetime

    from aicalendar_tui.simulator.clock import ManualClock

    world = World(ManualClock(datetime(2026, 11, 23, tzinfo=UTC)))
    user = world.add_user("ana@example.com", "Ana", "Europe/Prague", access_token="ana")
    loaded = load_calendar(world, user, "\n".join([*HEAD, *lines]).encode(), name="x")
    listed = Client(world, "ana").get(f"calendars/{loaded.calendar_id}/events")
    assert len(listed["items"]) <= loaded.events
