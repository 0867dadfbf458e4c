"""Caches for the contract suite, and names that no two tests share."""

from collections.abc import Callable
from itertools import count
from uuid import uuid4

import pytest

from aicalendar_tui.backend.cache.memory import MemoryAgendaCache
from aicalendar_tui.backend.cache.views import RedisAgendaCache
from aicalendar_tui.backend.ports import ViewName
from tests.integration.cache.counted_database import CountedDatabase

_numbers = count(1)


@pytest.fixture
def database() -> CountedDatabase:
    """A database at its first revision."""
    return CountedDatabase()


@pytest.fixture
def user_id() -> str:
    """An account that only this test knows."""
    return f"user-{uuid4().hex[:8]}-{next(_numbers)}@example.com"


@pytest.fixture(params=["memory", "redis"])
def make_cache(request: pytest.FixtureRequest) -> Callable[[], MemoryAgendaCache | RedisAgendaCache]:
    """Builds the cache under test; the Redis ones share a server, as two processes do."""
    if request.param == "memory":
        return MemoryAgendaCache
    url: str = request.getfixturevalue("valkey")
    return lambda: RedisAgendaCache(url)


@pytest.fixture
def cache(
    make_cache: Callable[[], MemoryAgendaCache | RedisAgendaCache],
) -> MemoryAgendaCache | RedisAgendaCache:
    """One cache."""
    return make_cache()


@pytest.fixture
def week(user_id: str) -> ViewName:
    """A view of that account."""
    return ViewName(kind="events", user_id=user_id, field="2026-11-23/2026-11-30")
