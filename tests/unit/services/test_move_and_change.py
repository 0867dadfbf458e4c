"""A move and a change of the same event, one right after the other, as the form hands them over."""

import pytest

from aicalendar_tui.backend.domain.draft import Draft
from aicalendar_tui.backend.domain.event import EventKey
from tests.unit.services.household import HOME, USER, Household
from tests.unit.services.test_move import WORK, house, places, pulled, series, sync

__all__ = ["house"]


@pytest.mark.parametrize("whole_series", [False, True])
def test_what_was_just_moved_can_be_changed_and_both_be_taken_back(house: Household, whole_series: bool) -> None:
    """Before anything was sent: the change first, then the move."""
    key = series(house) if whole_series else pulled(house, summary="Tea")
    before = places(house)
    moved = house.edit.move(EventKey(USER, HOME, key.event_id), (USER, WORK))
    house.edit.change(moved, Draft(summary="Coffee"), scope="all")
    assert (WORK, "Coffee") in places(house)
    house.edit.undo(USER)
    assert [(WORK, title) for _calendar, title in before] == places(house)
    house.edit.undo(USER)
    assert before == places(house)


def test_both_arrive(house: Household) -> None:
    """In that order."""
    key = pulled(house, summary="Tea")
    moved = house.edit.move(key, (USER, WORK))
    house.edit.change(moved, Draft(summary="Coffee"))
    sync(house)
    assert [(WORK, "Coffee")] == places(house)
