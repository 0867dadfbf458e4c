"""A Redis-protocol server on a unix socket: one that all tests share, or one of the test's own."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.integration.valkey_server import ValkeyServer


@pytest.fixture(scope="session")
def _shared_valkey() -> Iterator[ValkeyServer]:
    with _short_folder() as folder:
        server = ValkeyServer(folder)
        server.start()
        yield server
        server.kill()


@pytest.fixture(scope="session")
def valkey(_shared_valkey: ValkeyServer) -> str:
    """The URL of a server that all tests share: use a user id or queue of your own, and don't flush."""
    return _shared_valkey.url


@pytest.fixture
def own_valkey() -> Iterator[ValkeyServer]:
    """A running server of the test's own, to be killed or frozen."""
    with _short_folder() as folder:
        server = ValkeyServer(folder)
        server.start()
        yield server
        server.kill()


@contextmanager
def _short_folder() -> Iterator[Path]:
    """A folder whose path leaves room for a socket's name: 108 bytes is all a unix socket gets."""
    with tempfile.TemporaryDirectory(prefix="aic-", dir="/tmp") as folder:
        yield Path(folder)
