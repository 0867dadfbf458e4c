"""Who can be completed in a field for guests."""

from aicalendar_tui.backend.domain.guests import Person
from tests.unit.services.household import HOME, USER, Household, timed


def test_guests_are_known_by_how_often_they_were_met(house: Household) -> None:
    """Under the name that they go by; rooms, the user, and what is no address are not people."""
    boris = {"email": "Boris@example.com"}
    for day, guests in (
        (23, [boris, {"email": "jana@example.com"}]),
        (24, [{**boris, "displayName": "Boris"}, {"email": "room4@example.com", "resource": True}]),
        (25, [boris, {"email": "ana@example.com", "self": True}, {"email": "nobody"}]),
        (26, [{"email": 5}, {"email": "lost@example.com"}]),
    ):
        house.google.put(HOME, timed(day=day, attendees=guests))
    house.google.put(HOME, timed(day=27, description='"attendees":['))
    house.pull(USER, HOME)
    assert [Person("boris@example.com", "Boris"), Person("jana@example.com")] == house.read.people(USER)
