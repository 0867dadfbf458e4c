"""A household of the test's own; its database is closed at the end, whatever the test did."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.services.household import Household


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Household]:
    """An account that was never synced."""
    household = Household(tmp_path)
    yield household
    household.store.close()


@pytest.fixture
def house(fresh: Household) -> Household:
    """An account whose one calendar was pulled and is empty."""
    fresh.connect()
    return fresh
