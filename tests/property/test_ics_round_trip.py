"""What is written as iCalendar is read back as the same events."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from aicalendar_tui.backend.domain.event import Resource, parse_event
from aicalendar_tui.backend.domain.recurrence import expand_series
from aicalendar_tui.backend.domain.times import Span, epoch_of, format_moment, original_key, parse_moment
from aicalendar_tui.backend.ics import write_ics
from aicalendar_tui.backend.ics.reading import parse_ics

ZONES = ("UTC", "Europe/Berlin", "Europe/Moscow", "America/New_York", "Asia/Kolkata", "Pacific/Auckland")
RULES = ("FREQ=DAILY;COUNT=9", "FREQ=WEEKLY;BYDAY=MO,TH;UNTIL=20271231T000000Z", "FREQ=MONTHLY;BYMONTHDAY=-1;COUNT=5")
PLAIN = ("summary", "location", "description", "status", "transparency", "visibility", "attendees", "reminders")

# Control characters, and line ends other than \n, are not kept: iCalendar has no place for them.
texts = st.text(st.characters(codec="utf-8", exclude_categories=("Cc",)) | st.just("\n"), max_size=60).filter(
    lambda text: text == text.strip() and text
)
names = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Zl", "Zp"), exclude_characters='"^\\'),
    min_size=1,
    max_size=20,
)
instants = st.integers(1_704_067_200, 1_830_297_600).map(lambda epoch: datetime.fromtimestamp(epoch, UTC))
guests = st.fixed_dictionaries(
    {
        "email": st.from_regex(r"[a-z]{1,8}@example\.com", fullmatch=True),
        "responseStatus": st.sampled_from(["accepted", "declined", "tentative", "needsAction"]),
    },
    optional={"displayName": names.filter(lambda name: name == name.strip()), "optional": st.just(True)},
)
reminders = st.builds(
    lambda minutes: {"useDefault": False, "overrides": [{"method": "popup", "minutes": each} for each in minutes]},
    st.lists(st.integers(0, 40_320), min_size=1, max_size=5, unique=True),
)


@st.composite
def events(draw: Any) -> Resource:
    """A single event or a series, timed or of whole days."""
    instant = draw(instants)
    start: date | datetime = instant
    zone = draw(st.sampled_from(ZONES))
    length = timedelta(minutes=draw(st.integers(0, 5000)))
    if draw(st.booleans()):
        start, zone, length = instant.date(), None, timedelta(days=draw(st.integers(1, 9)))
    number = draw(st.integers(0, 10**9))
    resource = {
        "id": f"event{number}",
        "iCalUID": f"uid-{number}@example.com",
        "status": draw(st.sampled_from(["confirmed", "tentative"])),
        "start": format_moment(start, zone),
        "end": format_moment(start + length, zone),
        **draw(
            st.fixed_dictionaries(
                {},
                optional={
                    "summary": texts,
                    "location": texts,
                    "description": texts,
                    "transparency": st.just("transparent"),
                    "visibility": st.sampled_from(["public", "private"]),
                    "attendees": st.lists(guests, min_size=1, max_size=3),
                    "reminders": reminders,
                },
            )
        ),
    }
    if draw(st.booleans()):
        rule = draw(st.sampled_from(RULES))
        resource["recurrence"] = [f"RRULE:{rule if zone else rule.replace('T000000Z', '')}"]
    return resource


def instances(resource: Resource) -> list[tuple[int, int]]:
    """When it takes place from 2024 on, in epoch seconds."""
    event = parse_event(resource)
    assert event
    span = Span(epoch_of(date(2023, 1, 1)), epoch_of(date(2029, 1, 1)))
    return [(epoch_of(start), epoch_of(end)) for start, end in expand_series(event, span)]


@settings(max_examples=60, deadline=None)
@given(st.lists(events(), min_size=1, max_size=3, unique_by=lambda event: event["id"]), names)
def test_events_survive_being_written_and_read(resources: list[Resource], name: str) -> None:
    """Their fields, their zones and every single time of theirs."""
    file = parse_ics(write_ics(resources, name).encode())

    assert ([], name.strip()) == (file.problems, file.name)
    for before, after in zip(resources, file.events, strict=True):
        assert before["iCalUID"] == after["iCalUID"]
        assert {field: before[field] for field in PLAIN if field in before} == {
            field: after[field] for field in PLAIN if field in after
        }
        assert before["start"].get("timeZone") == after["start"].get("timeZone")
        assert instances(before) == instances(after)


@settings(max_examples=40, deadline=None)
@given(events().filter(lambda event: "recurrence" in event and len(instances(event)) > 3), st.data())
def test_exceptions_survive_being_written_and_read(series: Resource, data: st.DataObject) -> None:
    """A changed instance keeps its series and its place in it; a cancelled one stays cancelled."""
    zone = series["start"].get("timeZone")
    event = parse_event(series)
    assert event
    starts = [start for start, _ in expand_series(event, Span(0, epoch_of(date(2029, 1, 1))))]
    changed, cancelled = data.draw(st.lists(st.sampled_from(starts), min_size=2, max_size=2, unique=True))
    override = {
        **{name: series[name] for name in ("iCalUID", "status")},
        "id": f"{series['id']}_1", "recurringEventId": series["id"], "summary": "Another",
        "originalStartTime": format_moment(changed, zone),
        "start": format_moment(changed + timedelta(days=1), zone),
        "end": format_moment(changed + timedelta(days=2), zone),
    }  # fmt: skip
    tombstone = {
        "id": f"{series['id']}_2", "status": "cancelled", "recurringEventId": series["id"],
        "originalStartTime": format_moment(cancelled, zone),
    }  # fmt: skip

    file = parse_ics(write_ics([tombstone, override, series], "calendar").encode())
    read_series = next(each for each in file.events if "recurringEventId" not in each)
    (read_override,) = [each for each in file.events if "recurringEventId" in each]

    assert [] == file.problems
    left = [when for when in instances(series) if when[0] != epoch_of(cancelled)]
    assert left == instances(read_series)
    original = parse_moment(read_override["originalStartTime"])
    assert original is not None
    assert (read_series["id"], original_key(changed)) == (read_override["recurringEventId"], original_key(original))
    assert instances(override) == instances(read_override)


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=400) | st.text(max_size=400).map(lambda text: text.encode("utf-8", "replace")))
def test_no_content_makes_reading_fail(garbage: bytes) -> None:
    """Alone, inside an event, inside a time zone: the good event is always found."""
    good = b"BEGIN:VEVENT\r\nUID:good\r\nDTSTART:20261123T080000Z\r\nEND:VEVENT\r\n"

    parse_ics(garbage)
    file = parse_ics(
        b"BEGIN:VCALENDAR\r\n" + good + b"BEGIN:VEVENT\r\n" + garbage + b"\r\nEND:VEVENT\r\n"
        b"BEGIN:VTIMEZONE\r\n" + garbage + b"\r\nEND:VTIMEZONE\r\nEND:VCALENDAR\r\n"
    )

    assert "good" in [event["iCalUID"] for event in file.events]


def test_a_backslash_in_a_name_becomes_a_slash_and_harms_nothing() -> None:
    """icalendar would read it as an escape and take the next parameter for a part of the name."""
    guest = {"email": "a@example.com", "displayName": "A\\", "responseStatus": "accepted"}
    moment = {"dateTime": "2026-11-23T09:00:00+00:00"}
    event = {"id": "a", "iCalUID": "a@example.com", "start": moment, "end": moment, "attendees": [guest]}

    (read,) = parse_ics(write_ics([event], "x").encode()).events

    assert [{**guest, "displayName": "A/"}] == read["attendees"]
