"""Files as other programs write them become Google resources; what is broken is named with its line."""

from pathlib import Path

import pytest

from aicalendar_tui.backend.domain.event import Resource
from aicalendar_tui.backend.ics import IcsFile, read_ics

CUSTOM_ZONE = """\
BEGIN:VTIMEZONE
TZID:Our Office
BEGIN:STANDARD
DTSTART:19701025T030000
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:19700329T020000
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
END:DAYLIGHT
END:VTIMEZONE
BEGIN:VTIMEZONE
TZID:Like no other
BEGIN:STANDARD
DTSTART:19700101T000000
TZOFFSETFROM:+0117
TZOFFSETTO:+0117
END:STANDARD
END:VTIMEZONE
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the files are."""
    return tmp_path


def read(folder: Path, *events: str, head: str = "", newline: str = "\r\n") -> IcsFile:
    """A file of VEVENTs with these inner lines; each has a UID of its own unless it brings one."""
    blocks = []
    for number, event in enumerate(events):
        uid = "" if "UID:" in event else f"UID:{number}\n"
        blocks.append(f"BEGIN:VEVENT\n{uid}{event.strip()}\nEND:VEVENT\n")
    text = f"BEGIN:VCALENDAR\nVERSION:2.0\n{head}{''.join(blocks)}END:VCALENDAR\n"
    path = folder / "calendar.ics"
    path.write_bytes(text.replace("\n", newline).encode())
    return read_ics(path, zone="Europe/Moscow")


def read_one(folder: Path, event: str, head: str = "") -> Resource:
    """The only event of a file without problems."""
    file = read(folder, event, head=head)
    assert [] == file.problems
    (resource,) = file.events
    return resource


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("DTSTART:20261123T080000Z", {"dateTime": "2026-11-23T08:00:00+00:00", "timeZone": "UTC"}),
        (
            "DTSTART;TZID=Europe/Berlin:20261123T090000",
            {"dateTime": "2026-11-23T09:00:00+01:00", "timeZone": "Europe/Berlin"},
        ),
        (
            "DTSTART;TZID=W. Europe Standard Time:20261123T090000",
            {"dateTime": "2026-11-23T09:00:00+01:00", "timeZone": "Europe/Berlin"},
        ),
        (
            "DTSTART;TZID=/mozilla.org/20070129_1/America/New_York:20261123T090000",
            {"dateTime": "2026-11-23T09:00:00-05:00", "timeZone": "America/New_York"},
        ),
        (
            "DTSTART;TZID=Our Office:20260723T090000",
            {"dateTime": "2026-07-23T09:00:00+02:00", "timeZone": "Europe/Berlin"},
        ),
        ("DTSTART;TZID=Like no other:20261123T091700", {"dateTime": "2026-11-23T08:00:00+00:00", "timeZone": "UTC"}),
        ("DTSTART:20261123T090000", {"dateTime": "2026-11-23T09:00:00+03:00", "timeZone": "Europe/Moscow"}),
        ("DTSTART;VALUE=DATE:20261123", {"date": "2026-11-23"}),
    ],
    ids=["UTC", "IANA", "Windows", "path", "VTIMEZONE", "odd VTIMEZONE", "floating", "all-day"],
)
def test_a_start_is_read_in_its_zone(folder: Path, line: str, expected: dict[str, str]) -> None:
    """Google gets an instant and the IANA name of a zone."""
    assert expected == read_one(folder, line, head=CUSTOM_ZONE)["start"]


def test_floating_times_are_in_the_zone_that_the_file_names(folder: Path) -> None:
    """Else in the viewer's."""
    resource = read_one(folder, "DTSTART:20261123T090000", head="X-WR-TIMEZONE:Asia/Tokyo\n")

    assert {"dateTime": "2026-11-23T09:00:00+09:00", "timeZone": "Asia/Tokyo"} == resource["start"]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ("DTSTART;VALUE=DATE:20261123", {"date": "2026-11-24"}),
        ("DTSTART;VALUE=DATE:20261123\nDTEND;VALUE=DATE:20261123", {"date": "2026-11-24"}),
        ("DTSTART;VALUE=DATE:20261123\nDURATION:P3D", {"date": "2026-11-26"}),
        ("DTSTART:20261123T080000Z", {"dateTime": "2026-11-23T08:00:00+00:00", "timeZone": "UTC"}),
        ("DTSTART:20261123T080000Z\nDURATION:PT90M", {"dateTime": "2026-11-23T09:30:00+00:00", "timeZone": "UTC"}),
        (
            "DTSTART;TZID=Europe/Berlin:20261024T120000\nDURATION:P1D",
            {"dateTime": "2026-10-25T12:00:00+01:00", "timeZone": "Europe/Berlin"},
        ),
        (
            "DTSTART;TZID=Europe/Berlin:20261024T120000\nDURATION:PT24H",
            {"dateTime": "2026-10-25T12:00:00+01:00", "timeZone": "Europe/Berlin"},
        ),
        (
            "DTSTART;TZID=Europe/Berlin:20261123T090000\nDTEND;TZID=Asia/Tokyo:20261123T190000",
            {"dateTime": "2026-11-23T19:00:00+09:00", "timeZone": "Asia/Tokyo"},
        ),
    ],
)
def test_an_end_is_given_meant_or_counted(folder: Path, lines: str, expected: dict[str, str]) -> None:
    """By DTEND, by DURATION, or as RFC 5545 says for neither."""
    assert expected == read_one(folder, lines)["end"]


def test_a_series_keeps_its_rule_and_dates(folder: Path) -> None:
    """In the series' own zone, UNTIL in UTC, as Google wants them."""
    resource = read_one(
        folder,
        """
DTSTART;TZID=Europe/Berlin:20261123T090000
RRULE:FREQ=WEEKLY;BYDAY=MO,WE;UNTIL=20261223T090000
EXDATE;TZID=Europe/Berlin:20261125T090000
EXDATE:20261130T080000Z
EXDATE;VALUE=DATE:20261202
RDATE;TZID=Asia/Tokyo:20261127T170000
""",
    )

    assert [
        "RRULE:FREQ=WEEKLY;UNTIL=20261223T080000Z;BYDAY=MO,WE",
        "RDATE;TZID=Europe/Berlin:20261127T090000",
        "EXDATE;TZID=Europe/Berlin:20261125T090000,20261130T090000,20261202T090000",
    ] == resource["recurrence"]


def test_an_all_day_series_has_days_everywhere(folder: Path) -> None:
    """A time as UNTIL or EXDATE is its day."""
    resource = read_one(
        folder, "DTSTART;VALUE=DATE:20261123\nRRULE:FREQ=DAILY;UNTIL=20261130T000000Z\nEXDATE;VALUE=DATE:20261125"
    )

    assert ["RRULE:FREQ=DAILY;UNTIL=20261130", "EXDATE;VALUE=DATE:20261125"] == resource["recurrence"]


def test_overrides_name_their_series_and_cancelled_ones_are_left_out_of_it(folder: Path) -> None:
    """Whatever their order in the file."""
    file = read(
        folder,
        "UID:s\nRECURRENCE-ID:20261124T080000Z\nDTSTART:20261124T100000Z\nSUMMARY:Later",
        "UID:s\nDTSTART;TZID=Europe/Berlin:20261123T090000\nRRULE:FREQ=DAILY;COUNT=5\nSUMMARY:Daily",
        "UID:s\nRECURRENCE-ID;TZID=Europe/Berlin:20261125T090000\nDTSTART:20261125T080000Z\nSTATUS:CANCELLED",
    )
    master, override = file.events

    assert ("Daily", ["RRULE:FREQ=DAILY;COUNT=5", "EXDATE;TZID=Europe/Berlin:20261125T090000"]) == (
        master["summary"], master["recurrence"],
    )  # fmt: skip
    assert ("Later", master["id"], {"dateTime": "2026-11-24T09:00:00+01:00", "timeZone": "Europe/Berlin"}) == (
        override["summary"], override["recurringEventId"], override["originalStartTime"],
    )  # fmt: skip


def test_an_instance_without_its_series_stands_alone(folder: Path) -> None:
    """An invitation to one meeting of many."""
    resource = read_one(folder, "UID:s\nRECURRENCE-ID:20261124T080000Z\nDTSTART:20261124T100000Z")

    assert "recurringEventId" not in resource


def test_the_same_file_gives_the_same_ids(folder: Path) -> None:
    """So importing it twice inserts nothing twice; the alphabet is that of Google's ids."""
    first, second = (read(folder, "DTSTART:20261123T080000Z", "DTSTART:20261124T080000Z") for _ in range(2))

    ids = [event["id"] for event in first.events]
    assert ids == [event["id"] for event in second.events]
    assert 2 == len(set(ids))
    assert set("".join(ids)) <= set("0123456789abcdefghijklmnopqrstuv")


def test_people_links_and_alarms_come_along(folder: Path) -> None:
    """What Google has a place for."""
    resource = read_one(
        folder,
        """
DTSTART:20261123T080000Z
DTEND:20261123T090000Z
SUMMARY:Plan\\, talk\\; decide
DESCRIPTION:First line\\nsecond
 , folded
LOCATION:Room 1
STATUS:TENTATIVE
TRANSP:TRANSPARENT
CLASS:CONFIDENTIAL
URL:https://example.com/plan
CONFERENCE;VALUE=URI;FEATURE=VIDEO:https://meet.example.com/abc
ORGANIZER;CN=Boris:MAILTO:boris@example.com
ATTENDEE;CN="Ana, the boss";PARTSTAT=ACCEPTED:mailto:ana@example.com
ATTENDEE;ROLE=OPT-PARTICIPANT:mailto:carl@example.com
ATTENDEE;CUTYPE=ROOM;PARTSTAT=DECLINED:mailto:room@example.com
BEGIN:VALARM
ACTION:DISPLAY
TRIGGER:-PT15M
END:VALARM
BEGIN:VALARM
ACTION:EMAIL
TRIGGER;RELATED=END:-PT2H
END:VALARM
BEGIN:VALARM
ACTION:DISPLAY
TRIGGER:PT15M
END:VALARM
""",
    )

    assert {
        "summary": "Plan, talk; decide",
        "description": "First line\nsecond, folded",
        "location": "Room 1",
        "status": "tentative",
        "transparency": "transparent",
        "visibility": "private",
        "source": {"url": "https://example.com/plan", "title": "Plan, talk; decide"},
        "organizer": {"email": "boris@example.com", "displayName": "Boris"},
        "attendees": [
            {"email": "ana@example.com", "displayName": "Ana, the boss", "responseStatus": "accepted"},
            {"email": "carl@example.com", "responseStatus": "needsAction", "optional": True},
            {"email": "room@example.com", "responseStatus": "declined", "resource": True},
        ],
        "reminders": {
            "useDefault": False,
            "overrides": [{"method": "popup", "minutes": 15}, {"method": "email", "minutes": 60}],
        },
    } == {
        name: value
        for name, value in resource.items()
        if name not in ("id", "iCalUID", "start", "end", "conferenceData")
    }
    assert "https://meet.example.com/abc" == resource["conferenceData"]["entryPoints"][0]["uri"]


def test_cancelled_events_are_not_imported(folder: Path) -> None:
    """They don't take place."""
    assert [] == read(folder, "DTSTART:20261123T080000Z\nSTATUS:CANCELLED").events


@pytest.mark.parametrize(
    ("event", "line"),
    [
        ("SUMMARY:No start", 8),
        ("SUMMARY:Bad start\nDTSTART:someday", 11),
        ("DTSTART:20261332T080000Z", 10),
        ("DTSTART;TZID=Nowhere/City:20261123T080000", 10),
        ("DTSTART:20261123T080000Z\nDTEND:20261122T080000Z", 11),
        ("DTSTART:20261123T080000Z\nDTEND;VALUE=DATE:20261124", 11),
        ("DTSTART:20261123T080000Z\nDURATION:-PT1H", 11),
        ("DTSTART:20261123T080000Z\nRRULE:FREQ=NEVER", 11),
        ("DTSTART:20261123T080000Z\nRRULE:COUNT=3", 11),
        ("DTSTART:20261123T080000Z\nSUMMARY:x\nEXDATE:never", 12),
        ("DTSTART:20261123T080000Z\nRECURRENCE-ID:never", 11),
    ],
)
@pytest.mark.parametrize("newline", ["\r\n", "\n"])
def test_a_broken_event_is_named_with_its_line_and_the_others_stay(
    folder: Path, event: str, line: int, newline: str
) -> None:
    """Lines count from 1, as editors count them."""
    good = "SUMMARY:Good\nDTSTART:20261123T080000Z"

    file = read(folder, good, event, good, newline=newline)

    assert [line] == [problem.line for problem in file.problems]
    assert all(problem.message for problem in file.problems)
    assert ["Good", "Good"] == [resource["summary"] for resource in file.events]


@pytest.mark.parametrize("text", ["no colon here", "DTSTAMP:garbage", "GEO:here"])
def test_a_line_that_does_not_matter_costs_no_event(folder: Path, text: str) -> None:
    """The event is kept, the line is named."""
    file = read(folder, f"DTSTART:20261123T080000Z\n{text}")

    assert (1, [6]) == (len(file.events), [problem.line for problem in file.problems])


def test_an_event_that_never_ends_does_not_swallow_the_next(folder: Path) -> None:
    """A file cut and glued together."""
    file = read(folder, "DTSTART:20261123T080000Z\nBEGIN:VEVENT\nUID:2\nDTSTART:20261124T080000Z")

    assert (1, [3]) == (len(file.events), [problem.line for problem in file.problems])


@pytest.mark.parametrize(
    "content", [b"", b"\x00\xff" * 500, b"hello", b"PK\x03\x04", "BEGIN:VEVENT\n".encode("utf-16")]
)
def test_what_is_no_calendar_is_one_problem(folder: Path, content: bytes) -> None:
    """Not an error."""
    path = folder / "other.ics"
    path.write_bytes(content)

    file = read_ics(path)

    assert ([], [1]) == (file.events, [problem.line for problem in file.problems])


def test_a_file_that_is_not_there_is_an_error(folder: Path) -> None:
    """It is the caller's to say so."""
    with pytest.raises(FileNotFoundError):
        read_ics(folder / "nothing.ics")
