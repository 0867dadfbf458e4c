"""The lines of guests and of reminders: what is typed, what is written out, and who is completed."""

import pytest

from aicalendar_tui.backend.domain.draft import Reminder
from aicalendar_tui.backend.domain.event import Attendee, parse_event
from aicalendar_tui.backend.domain.guests import Person
from aicalendar_tui.screens.editor.people import (
    NotAnAddress,
    matching_people,
    read_guests,
    with_person,
    write_guests,
)
from aicalendar_tui.screens.editor.reminding import NotAReminder, read_reminders, reminders_of, write_reminders

PEOPLE = [Person("mira@example.com", "Mira Holub"), Person("p.ivanov@example.com", "Пётр Иванов"), Person("m@x.io")]


def test_guests_are_read_as_they_are_written() -> None:
    """Names, optional guests, any separator; the same one once."""
    typed = "Mira Holub <mira@example.com>; jana@example.com (optional), MIRA@example.com,"
    guests = [Attendee("mira@example.com", "Mira Holub"), Attendee("jana@example.com", optional=True)]
    assert guests == read_guests(typed)
    assert guests == read_guests(write_guests(guests))


def test_a_hostile_name_does_not_break_the_line() -> None:
    """Commas, brackets and escape sequences in it are nobody's address."""
    guests = [Attendee("a@example.com", 'Evil, <b@example.com>; (optional) \x1b[31m"'), Attendee("c@example.com")]
    assert ["a@example.com", "c@example.com"] == [guest.email for guest in read_guests(write_guests(guests))]


@pytest.mark.parametrize("text", ["mira", "a@b@c", "Mira <mira>", "a b@c d", "@", "a@b, ??"])
def test_what_is_no_address_is_named(text: str) -> None:
    """So that it can be said beside the line."""
    with pytest.raises(NotAnAddress):
        read_guests(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("mir", ["mira@example.com"]),
        ("hol", ["mira@example.com"]),
        ("a@b.c, ива", ["p.ivanov@example.com"]),
        ("ivan", ["p.ivanov@example.com"]),
        ("m", ["mira@example.com", "m@x.io"]),
        ("mira@example.com, m", ["m@x.io"]),
        ("mira@example.com", []),
        ("", []),
        ("a@b.c, ", []),
    ],
)
def test_people_already_seen_are_completed(text: str, expected: list[str]) -> None:
    """By the beginning of any part of a name or address; who is invited already is not offered again."""
    assert expected == [person.email for person in matching_people(text, PEOPLE)]


def test_a_completion_leaves_room_for_the_next_guest() -> None:
    """And what stood before it alone."""
    assert "a@b.c, Mira Holub <mira@example.com>, " == with_person("a@b.c,mi", PEOPLE[0])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", None),
        ("none", ()),
        ("нет", ()),
        ("10 min", (Reminder(10),)),
        ("10", (Reminder(10),)),
        ("0", (Reminder(0),)),
        ("1 day by mail, 15m", (Reminder(1440, by_mail=True), Reminder(15))),
        ("за", "за"),
        ("1h30 before", (Reminder(90),)),
        ("10 мин, 2 часа почтой", (Reminder(10), Reminder(120, by_mail=True))),
        ("soon", "soon"),
        ("by mail", "by mail"),
    ],
)
def test_reminders_are_read(text: str, expected: object) -> None:
    """In both languages; what can't be read is named."""
    if isinstance(expected, str):
        with pytest.raises(NotAReminder, match=expected):
            read_reminders(text)
    else:
        assert expected == read_reminders(text)


@pytest.mark.parametrize(
    "reminders", [None, (), (Reminder(0),), (Reminder(10), Reminder(10, by_mail=True), Reminder(2880))]
)
def test_reminders_are_read_as_they_are_written(reminders: tuple[Reminder, ...] | None) -> None:
    """So an untouched line changes nothing."""
    assert reminders == read_reminders(write_reminders(reminders))


def test_an_event_tells_its_reminders_by_their_way() -> None:
    """The same time may be told twice, in both ways."""
    alarms = [("popup", 10), ("email", 10), ("email", 60)]
    resource = {
        "id": "a",
        "start": {"date": "2026-11-23"},
        "reminders": {"useDefault": False, "overrides": [{"method": m, "minutes": n} for m, n in alarms]},
    }
    event = parse_event(resource)
    assert event is not None
    assert (Reminder(10), Reminder(10, by_mail=True), Reminder(60, by_mail=True)) == reminders_of(event)
