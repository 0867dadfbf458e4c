"""What a failed task leaves behind."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from aicalendar_tui.backend.domain.errors import NotAuthorized, Unreachable
from aicalendar_tui.backend.services.trouble import SIGNED_OUT, UNREACHABLE
from tests.unit.services.household import USER, Household


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Household]:
    """One calendar."""
    house = Household(tmp_path)
    house.connect()
    yield house
    house.store.close()


def problems(house: Household) -> list[str]:
    """Of each calendar."""
    with house.store.read() as unit:
        return [calendar.problem for calendar in unit.calendars(USER)]


def test_a_try_that_fails_as_the_one_before_changes_nothing(house: Household) -> None:
    """A signed-out account is tried again and again: screens need not repaint for that."""
    house.trouble(USER, None, NotAuthorized())
    before = house.revision()
    house.trouble(USER, None, NotAuthorized())
    assert (before, [SIGNED_OUT]) == (house.revision(), problems(house))


def test_another_problem_than_before_is_told(house: Household) -> None:
    """Of the same calendar."""
    house.trouble(USER, None, NotAuthorized())
    before = house.revision()
    house.trouble(USER, None, Unreachable("no route"))
    assert [UNREACHABLE] == problems(house)
    assert house.revision() > before
