"""A store on a real file."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from aicalendar_tui.backend.store.store import PeeweeStore


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the database is."""
    return tmp_path / "calendar.db"


@pytest.fixture
def store(path: Path) -> Iterator[PeeweeStore]:
    """With the user `ana` and her calendars `home` and `work`."""
    store = PeeweeStore(path)
    with store.write() as unit:
        unit.put_account("ana", email="ana@example.com", endpoint="https://google.test", now=1_795_435_200)
        for position, calendar_id in enumerate(("home", "work")):
            resource = {"id": calendar_id, "summary": calendar_id.title(), "accessRole": "owner"}
            unit.put_calendar("ana", calendar_id, resource, position)
    yield store
    store.close()
