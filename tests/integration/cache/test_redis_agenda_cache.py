"""The views on a real server: what redis-cli sees, and what happens when the server doesn't answer."""

import subprocess
import sys
import time
from collections.abc import Iterator

import pytest
import redis

from aicalendar_tui.backend.cache.link import RedisLink, ServerAway
from aicalendar_tui.backend.cache.views import RedisAgendaCache
from aicalendar_tui.backend.ports import Revision, ViewName
from tests.integration.cache.counted_database import CountedDatabase
from tests.integration.valkey_server import ValkeyServer


class Stopwatch:
    """A monotonic clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        """The time now."""
        return self.seconds


@pytest.fixture
def client(valkey: str) -> Iterator[redis.Redis]:
    """What one does by hand in redis-cli."""
    with redis.Redis.from_url(valkey, decode_responses=True) as client:
        yield client


def test_keys_are_the_documented_ones(valkey: str, client: redis.Redis, user_id: str) -> None:
    """An address is written as it is, so that one can type the key."""
    cache, revision = RedisAgendaCache(valkey), Revision("db", 7)
    for name in (
        ViewName(kind="events", user_id=user_id, field="week"),
        ViewName(kind="event", user_id=user_id, field="primary", event_id="e1"),
        ViewName(kind="user_calendars", user_id=user_id, field="calendars"),
    ):
        cache.view(name, revision, lambda: (revision, b"[]"))
    cache.put_sync_token(user_id, "primary", "CPj=")
    assert {"revision": "db:7", "week": "[]"} == client.hgetall(f"calendar:events:{user_id}")
    assert {"revision": "db:7", "primary": "[]"} == client.hgetall(f"calendar:event:{user_id}:e1")
    assert {"revision": "db:7", "calendars": "[]"} == client.hgetall(f"calendar:user_calendars:{user_id}")
    assert {"primary": "CPj="} == client.hgetall(f"calendar:sync_token:{user_id}")


def test_time_to_live_counts_from_the_creation_of_the_key(
    valkey: str, client: redis.Redis, week: ViewName, database: CountedDatabase
) -> None:
    """A later fill of the same revision doesn't prolong it; a new revision starts anew."""
    cache, key = RedisAgendaCache(valkey, ttl_seconds=360), f"calendar:events:{week.user_id}"
    cache.view(week, database.revision, database.load)
    created = client.ttl(key)
    client.expire(key, 100)
    month = ViewName(kind="events", user_id=week.user_id, field="month")
    cache.view(month, database.revision, database.load)
    filled = client.ttl(key)
    database.write()
    cache.view(week, database.revision, database.load)
    assert (360, 100, 360) == tuple(round(ttl, -1) for ttl in (created, filled, client.ttl(key)))  # type: ignore[arg-type] # redis-py's type for async too


def test_copy_of_sync_tokens_expires_from_its_creation(valkey: str, client: redis.Redis, user_id: str) -> None:
    """Like the views."""
    cache, key = RedisAgendaCache(valkey, ttl_seconds=360), f"calendar:sync_token:{user_id}"
    cache.put_sync_token(user_id, "primary", "one")
    client.expire(key, 100)
    cache.put_sync_token(user_id, "other", "two")
    assert 100 == round(client.ttl(key), -1)  # type: ignore[arg-type] # redis-py's type for async too


@pytest.mark.parametrize("command", [("SET", "text"), ("LPUSH", "item"), ("HSET", "revision", "nonsense")])
def test_key_that_someone_overwrote_is_replaced(
    valkey: str, client: redis.Redis, week: ViewName, database: CountedDatabase, command: tuple[str, ...]
) -> None:
    """Neither an error on the screen nor a view that is never cached again."""
    client.execute_command(command[0], f"calendar:events:{week.user_id}", *command[1:])
    cache = RedisAgendaCache(valkey)
    for _ in range(3):
        assert b"db-1:1" == cache.view(week, database.revision, database.load)
    assert 1 == database.reads


def test_script_flush_and_flushall_cost_one_read(
    own_valkey: ValkeyServer, week: ViewName, database: CountedDatabase
) -> None:
    """The server may forget scripts and data at any time."""
    cache = RedisAgendaCache(own_valkey.url)
    cache.view(week, database.revision, database.load)
    with redis.Redis.from_url(own_valkey.url) as client:
        client.script_flush()
        client.flushall()
    for _ in range(3):
        cache.view(week, database.revision, database.load)
    assert 2 == database.reads


def test_full_server_only_makes_views_slower(
    own_valkey: ValkeyServer, week: ViewName, database: CountedDatabase
) -> None:
    """Out of memory is an answer, not an absence."""
    with redis.Redis.from_url(own_valkey.url) as client:
        client.config_set("maxmemory", "1")
    cache = RedisAgendaCache(own_valkey.url)
    assert b"db-1:1" == cache.view(week, database.revision, database.load)
    assert False is cache.away


def test_server_that_was_never_there_is_not_an_error(tmp_path: object, week: ViewName) -> None:
    """Views come from the database; hints do nothing; clearing says so."""
    database, cache = CountedDatabase(), RedisAgendaCache(f"unix://{tmp_path}/none.sock")
    assert b"db-1:1" == cache.view(week, database.revision, database.load)
    cache.invalidate(week.user_id)
    cache.put_sync_token(week.user_id, "primary", "token")
    assert True is cache.away
    with pytest.raises(ServerAway):
        cache.invalidate_user_cache(week.user_id)


def test_frozen_server_delays_one_view_and_not_the_next(
    own_valkey: ValkeyServer, week: ViewName, database: CountedDatabase
) -> None:
    """The pause after a timeout is shared by all views; a thawed server is used again by itself."""
    stopwatch = Stopwatch()
    cache = RedisAgendaCache(RedisLink(own_valkey.url, timeout_seconds=0.2, pause_seconds=2, monotonic=stopwatch))
    cache.view(week, database.revision, database.load)
    own_valkey.freeze()
    begun = time.monotonic()
    for _ in range(20):
        assert b"db-1:1" == cache.view(week, database.revision, database.load)
    taken = time.monotonic() - begun
    assert True is cache.away
    own_valkey.thaw()
    stopwatch.seconds += 2.1
    database.reads = 0
    cache.view(week, database.revision, database.load)
    assert (False, 0) == (cache.away, database.reads)
    assert taken < 20 * 0.2 * 0.75  # waiting for each would take four seconds


def test_killed_server_is_used_again_once_it_is_back(
    own_valkey: ValkeyServer, week: ViewName, database: CountedDatabase
) -> None:
    """Also when it came and went between two views, so that the socket kept open is a dead one."""
    stopwatch = Stopwatch()
    cache = RedisAgendaCache(RedisLink(own_valkey.url, monotonic=stopwatch))
    cache.view(week, database.revision, database.load)
    own_valkey.kill()
    own_valkey.start()
    cache.view(week, database.revision, database.load)
    assert (False, 2) == (cache.away, database.reads)
    own_valkey.kill()
    cache.view(week, database.revision, database.load)
    assert True is cache.away
    own_valkey.start()
    stopwatch.seconds += 2.1
    cache.view(week, database.revision, database.load)
    cache.view(week, database.revision, database.load)
    assert (False, 4) == (cache.away, database.reads)


def test_another_ones_success_ends_the_pause(own_valkey: ValkeyServer, week: ViewName) -> None:
    """The change feed reconnects sooner than a view would try."""
    database, link = CountedDatabase(), RedisLink(own_valkey.url, pause_seconds=1000)
    cache = RedisAgendaCache(link)
    own_valkey.kill()
    cache.view(week, database.revision, database.load)
    own_valkey.start()
    link.note_reachable()
    assert False is cache.away
    cache.view(week, database.revision, database.load)
    cache.view(week, database.revision, database.load)
    assert 2 == database.reads


HEAVY = "sorted({name.partition('.')[0] for name in sys.modules} & {'redis', 'celery', 'kombu', 'fastapi'})"


@pytest.mark.parametrize(
    "code",
    [
        "import aicalendar_tui.backend.cache.stream, aicalendar_tui.backend.cache.feed, aicalendar_tui.backend.queue",
        "RedisAgendaCache('unix:///none.sock').invalidate('user')",
    ],
    ids=["imported", "used without a server"],
)
def test_redis_is_imported_when_there_is_a_server_to_talk_to(code: str) -> None:
    """It costs as much as a first paint."""
    program = f"import sys\nfrom aicalendar_tui.backend.cache.views import RedisAgendaCache\n{code}\nprint({HEAVY})"
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ("[]", "") == (answer.stdout.strip(), answer.stderr)
