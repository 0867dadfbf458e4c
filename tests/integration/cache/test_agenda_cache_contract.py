"""What every cache of views promises, in memory or on a real server."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event

import pytest
from msgspec.structs import replace

from aicalendar_tui.backend.cache.memory import MemoryAgendaCache
from aicalendar_tui.backend.cache.views import RedisAgendaCache
from aicalendar_tui.backend.ports import Revision, ViewName
from tests.integration.cache.counted_database import CountedDatabase

AnyCache = MemoryAgendaCache | RedisAgendaCache


def test_second_reader_is_served_without_the_database(
    cache: AnyCache, week: ViewName, database: CountedDatabase
) -> None:
    """A fill, then a hit."""
    first = cache.view(week, database.revision, database.load)
    second = cache.view(week, database.revision, database.load)
    assert (b"db-1:1", b"db-1:1", 1) == (first, second, database.reads)


def test_write_makes_old_value_unservable_without_invalidation(
    cache: AnyCache, week: ViewName, database: CountedDatabase
) -> None:
    """The revision alone decides."""
    cache.view(week, database.revision, database.load)
    database.write()
    assert b"db-1:2" == cache.view(week, database.revision, database.load)


def test_late_writer_cannot_put_an_older_state_over_a_newer_one(
    cache: AnyCache, week: ViewName, database: CountedDatabase
) -> None:
    """Compare and set: the slow reader gets its value, the cache keeps the newer one."""
    old = Revision("db-1", 1)
    database.write()
    cache.view(week, database.revision, database.load)
    assert b"old" == cache.view(week, old, lambda: (old, b"old"))
    cache.view(week, database.revision, database.load)
    assert 1 == database.reads


def test_value_of_another_database_is_never_served(
    cache: AnyCache, week: ViewName, database: CountedDatabase
) -> None:
    """A reset database counts from the beginning again, under another name."""
    for _ in range(5):
        database.write()
    cache.view(week, database.revision, database.load)
    database.revision = Revision("db-2", 1)
    assert b"db-2:1" == cache.view(week, database.revision, database.load)
    assert b"db-2:1" == cache.view(week, database.revision, database.load)
    assert 2 == database.reads


def test_new_revision_drops_the_fields_of_the_old_one(
    cache: AnyCache, week: ViewName, database: CountedDatabase
) -> None:
    """Otherwise a field of revision 1 would pass for one of revision 2."""
    month = replace(week, field="2026-11-01/2026-12-01")
    cache.view(month, database.revision, database.load)
    database.write()
    cache.view(week, database.revision, database.load)
    assert b"db-1:2" == cache.view(month, database.revision, database.load)


def test_kinds_users_and_events_do_not_share_values(cache: AnyCache, user_id: str) -> None:
    """Ids with separators, globs, spaces and other scripts stay apart."""
    names = [
        ViewName(kind=kind, user_id=user, field=field, event_id=event_id)
        for user in (user_id, f"{user_id}:a", f"{user_id}%3Aa", f"{user_id}*", f"[{user_id}]", f"{user_id} ю")
        for kind, field, event_id in (
            ("events", "calendars", ""),
            ("user_calendars", "calendars", ""),
            ("user_calendars", "revision", ""),
            ("user_calendars", "%revision", ""),
            ("event", "calendars", "x"),
            ("event", "calendars", "a:x"),
        )
    ]
    revision = Revision("db-1", 1)
    for number, name in enumerate(names):
        cache.view(name, revision, lambda number=number: (revision, str(number).encode()))
    assert [str(number).encode() for number in range(len(names))] == [
        cache.view(name, revision, lambda: (revision, b"not cached")) for name in names
    ]


def test_invalidation_drops_views_and_named_events_only(
    cache: AnyCache, user_id: str, database: CountedDatabase
) -> None:
    """A hint about what has changed."""
    views = [
        ViewName(kind="events", user_id=user_id, field="week"),
        ViewName(kind="user_calendars", user_id=user_id, field="calendars"),
        ViewName(kind="event", user_id=user_id, field="primary", event_id="changed"),
    ]
    kept = [
        ViewName(kind="event", user_id=user_id, field="primary", event_id="other"),
        ViewName(kind="events", user_id=f"{user_id}x", field="week"),
    ]
    for name in views + kept:
        cache.view(name, database.revision, database.load)
    cache.invalidate(user_id, event_ids=["changed"])
    database.reads = 0
    for name in kept:
        cache.view(name, database.revision, database.load)
    assert 0 == database.reads
    for name in views:
        cache.view(name, database.revision, database.load)
    assert len(views) == database.reads


@pytest.mark.parametrize("suffix", ["", "*", "[a-z]", "?", "\\", " ", ":x", "%", "ю"])
def test_clearing_a_user_touches_nobody_else(
    cache: AnyCache, user_id: str, database: CountedDatabase, suffix: str
) -> None:
    """Whatever letters the user's id is made of."""
    target, others = f"{user_id}{suffix}", [f"{user_id}{other}" for other in ("a", "*a", "?:", "\\a", "  ")]
    names = [ViewName(kind="event", user_id=target, field="primary", event_id=f"e{n}") for n in range(3)]
    names.append(ViewName(kind="events", user_id=target, field="week"))
    foreign = [ViewName(kind="event", user_id=other, field="primary", event_id="e") for other in others]
    for name in names + foreign:
        cache.view(name, database.revision, database.load)
    cache.put_sync_token(target, "primary", "token")
    assert len(names) + 1 == cache.invalidate_user_cache(target)
    database.reads = 0
    for name in foreign:
        cache.view(name, database.revision, database.load)
    assert 0 == database.reads
    for name in names:
        cache.view(name, database.revision, database.load)
    assert len(names) == database.reads


def test_hundred_readers_on_a_cold_key_read_the_database_once(
    cache: AnyCache, week: ViewName, database: CountedDatabase
) -> None:
    """Single flight."""
    start = Barrier(100)

    def read() -> bytes:
        start.wait()
        return cache.view(week, database.revision, database.load)

    with ThreadPoolExecutor(100) as pool:
        answers = [future.result() for future in [pool.submit(read) for _ in range(100)]]
    assert {b"db-1:1"} == set(answers)
    assert 1 == database.reads


def test_failed_load_wakes_the_waiting_readers(cache: AnyCache, week: ViewName, database: CountedDatabase) -> None:
    """The failure stays with its own reader; the next one tries and succeeds."""
    loading, fail = Event(), Event()

    def load_and_fail() -> tuple[Revision, bytes]:
        loading.set()
        fail.wait()
        raise OSError("disk is gone")

    with ThreadPoolExecutor(2) as pool:
        unlucky = pool.submit(cache.view, week, database.revision, load_and_fail)
        loading.wait()
        waiting = pool.submit(cache.view, week, database.revision, database.load)
        fail.set()
        assert b"db-1:1" == waiting.result(timeout=5)
        with pytest.raises(OSError, match="disk is gone"):
            unlucky.result(timeout=5)


def test_waiting_reader_refuses_what_is_older_than_it_asked_for(
    cache: AnyCache, week: ViewName, database: CountedDatabase
) -> None:
    """It joined a flight that began before the write it knows of."""
    loading, go_on = Event(), Event()

    def load_slowly() -> tuple[Revision, bytes]:
        loaded = Revision("db-1", 1), b"db-1:1"
        loading.set()
        go_on.wait()
        return loaded

    with ThreadPoolExecutor(2) as pool:
        slow = pool.submit(cache.view, week, Revision("db-1", 1), load_slowly)
        loading.wait()
        database.write()
        fresh = pool.submit(cache.view, week, database.revision, database.load)
        go_on.set()
        assert (b"db-1:1", b"db-1:2") == (slow.result(timeout=5), fresh.result(timeout=5))


def test_two_processes_do_not_hide_each_others_writes(
    make_cache: Callable[[], AnyCache], week: ViewName, database: CountedDatabase
) -> None:
    """Two caches, one database: each is right at each moment."""
    one, other = make_cache(), make_cache()
    for cache in (one, other, one, other):
        assert str(database.revision).encode() == cache.view(week, database.revision, database.load)
        database.write()


def test_cache_that_answers_is_not_away(cache: AnyCache, week: ViewName, database: CountedDatabase) -> None:
    """The status line reads it."""
    cache.view(week, database.revision, database.load)
    assert False is cache.away
