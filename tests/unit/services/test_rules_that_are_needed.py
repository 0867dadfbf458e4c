"""Trials for rules of pull and push that no other test would miss."""

from aicalendar_tui.backend.domain.draft import Draft
from aicalendar_tui.backend.domain.errors import NotFound
from aicalendar_tui.backend.domain.event import EventKey
from tests.unit.services.household import HOME, USER, Household, timed


def test_change_behind_a_protected_row_is_fetched(house: Household) -> None:
    """A push and then somebody else write the row while the list is under way: the list's row is not taken."""
    event = house.google.put(HOME, timed("Tea"))
    house.pull(USER, HOME)
    house.edit.change(EventKey(USER, HOME, event["id"]), Draft(summary="Coffee"))

    def both_write() -> None:
        house.push(USER)
        house.google.put(HOME, {**house.google.live_events(HOME)[event["id"]], "location": "There"})

    house.google.before_next("list_events", both_write)
    house.pull(USER, HOME)
    assert house.google.live_events(HOME) == house.mirror()


def test_404_as_the_answer_to_a_delete_is_done(house: Household) -> None:
    """It is gone already, and Google has forgotten it since it was compared."""
    event = house.google.put(HOME, timed("Tea"))
    house.pull(USER, HOME)
    house.edit.delete(EventKey(USER, HOME, event["id"]))
    house.google.cancel(HOME, event["id"])
    house.google.fail("delete_event", NotFound("no such event", code=404, reason="notFound"))
    house.push(USER)
    house.pull(USER, HOME)
    assert ([], {}) == (house.outbox(), house.mirror())
