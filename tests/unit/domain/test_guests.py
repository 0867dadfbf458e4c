"""Inviting and leaving out, without touching what others answered."""

from aicalendar_tui.backend.domain.event import Attendee
from aicalendar_tui.backend.domain.guests import invite

BORIS = {"email": "boris@example.com", "displayName": "Boris", "responseStatus": "tentative", "comment": "late"}
ROOM = {"email": "room4@example.com", "resource": True, "responseStatus": "accepted"}


def test_who_stays_keeps_their_answer() -> None:
    """And their place in the list; the address is compared without its case."""
    event = {"attendees": [BORIS, ROOM]}
    guests = [Attendee("jana@example.com", "Jana", optional=True), Attendee("Boris@Example.com")]
    jana = {"email": "jana@example.com", "displayName": "Jana", "optional": True, "responseStatus": "needsAction"}
    assert [BORIS, jana] == invite(event, guests)


def test_a_guest_becomes_optional_and_needed_again() -> None:
    """Nothing else of them changes."""
    optional = invite({"attendees": [BORIS]}, [Attendee("boris@example.com", optional=True)])
    assert [{**BORIS, "optional": True}] == optional
    assert [BORIS] == invite({"attendees": optional}, [Attendee("boris@example.com")])


def test_nobody_is_invited_twice() -> None:
    """However often they are named."""
    assert ["a@example.com"] == [
        guest["email"] for guest in invite({}, [Attendee("a@example.com"), Attendee("A@example.com")])
    ]
