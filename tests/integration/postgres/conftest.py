"""A private PostgreSQL for all tests here, a database for each; skipped where PostgreSQL is not installed."""

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

pytest.importorskip("psycopg", reason="psycopg is not installed (pip install 'aicalendar-tui[postgres]')")

from aicalendar_tui.backend.store.postgres import PostgresStore
from tests.integration.postgres.server import NoPostgres, PostgresServer


@pytest.fixture(scope="session")
def _shared_server() -> Iterator[PostgresServer]:
    with tempfile.TemporaryDirectory(prefix="aic-", dir="/tmp", ignore_cleanup_errors=True) as folder:
        try:
            server = PostgresServer(Path(folder))
            server.start()
        except NoPostgres as reason:
            pytest.skip(f"no PostgreSQL here: {reason}")
        yield server
        server.kill()


@pytest.fixture
def own_server() -> Iterator[PostgresServer]:
    """A running server of the test's own, to be stopped or frozen."""
    with tempfile.TemporaryDirectory(prefix="aic-", dir="/tmp", ignore_cleanup_errors=True) as folder:
        try:
            server = PostgresServer(Path(folder))
            server.start()
        except NoPostgres as reason:
            pytest.skip(f"no PostgreSQL here: {reason}")
        yield server
        server.kill()


@pytest.fixture
def server(_shared_server: PostgresServer) -> PostgresServer:
    """Shared by all tests: don't stop it."""
    return _shared_server


@pytest.fixture
def url(server: PostgresServer) -> str:
    """Of an empty place for tables."""
    return server.new_schema()


@pytest.fixture
def open_store(url: str) -> Iterator[Callable[[], PostgresStore]]:
    """Opens the test's database once more, as another process would."""
    opened: list[PostgresStore] = []

    def open_one() -> PostgresStore:
        opened.append(PostgresStore(url))
        return opened[-1]

    yield open_one
    for store in opened:
        store.close()


@pytest.fixture
def store(open_store: Callable[[], PostgresStore]) -> PostgresStore:
    """With the user `ana` and her calendars `home` and `work`."""
    store = open_store()
    with store.write() as unit:
        unit.put_account("ana", email="ana@example.com", endpoint="https://google.test", now=1_795_435_200)
        for position, calendar_id in enumerate(("home", "work")):
            resource = {"id": calendar_id, "summary": calendar_id.title(), "accessRole": "owner"}
            unit.put_calendar("ana", calendar_id, resource, position)
    return store
