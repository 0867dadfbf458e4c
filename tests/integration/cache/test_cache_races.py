"""Seeded interleavings of everything that can happen around a cached view: none may show something stale.

Each actor is a generator that stops between any two of its steps; a seeded scheduler picks who goes on. So a
reader may stop after it read the database's revision, after it loaded, and before its fill: where races are.
`CACHE_RACES` sets how many interleavings are tried.
"""

import os
import random
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from queue import SimpleQueue
from threading import Thread

import pytest
import redis

from aicalendar_tui.backend.cache.link import RedisLink
from aicalendar_tui.backend.cache.memory import MemoryAgendaCache
from aicalendar_tui.backend.cache.read_through import ReadThroughCache
from aicalendar_tui.backend.cache.views import RedisAgendaCache
from aicalendar_tui.backend.ports import Revision, ViewName

RACES = int(os.environ.get("CACHE_RACES", "400"))
Actor = Iterator[None]


class World:
    """A database that is written and reset, a cache over it, and what readers were shown.

    `open_cache` gives each reader a cache object of its own, as if it were in a process of its own.
    """

    def __init__(self, user_id: str, open_cache: Callable[[], ReadThroughCache], client: redis.Redis) -> None:
        self.user_id = user_id
        self.open_cache = open_cache
        self.client = client
        self.revision = Revision("db-0", 0)
        self.truth: dict[Revision, bytes] = {self.revision: b"0"}
        self.stale: list[str] = []

    def write(self, choices: random.Random) -> Actor:
        """New data under a new revision; then the hint, which may come late or never."""
        self._commit(Revision(self.revision.database_id, self.revision.number + 1), choices)
        yield
        if choices.random() < 0.7:
            self.client.delete(f"calendar:events:{self.user_id}")

    def reset(self, choices: random.Random) -> Actor:
        """Another database, whose numbers collide with those of the old one."""
        self._commit(Revision(f"db-{choices.getrandbits(30)}", choices.randrange(3)), choices)
        yield

    def interfere(self, choices: random.Random) -> Actor:
        """Someone at redis-cli."""
        yield
        self.client.delete(f"calendar:events:{self.user_id}")

    def read(self, choices: random.Random) -> Actor:
        """A view, interrupted at each place where another process could go on."""
        field = choices.choice(["week", "month"])
        name = ViewName(kind="events", user_id=self.user_id, field=field)
        asked = self.revision
        yield
        steps, cache = Steps(), self.open_cache()

        def load() -> tuple[Revision, bytes]:
            steps.pause()
            loaded = self.revision, self.truth[self.revision] + field.encode()
            steps.pause()
            return loaded

        yield from steps.run(lambda: cache.view(name, asked, load))
        self._judge(asked, field, steps.result)

    def _commit(self, revision: Revision, choices: random.Random) -> None:
        self.revision = revision
        self.truth[revision] = str(choices.getrandbits(60)).encode()

    def _judge(self, asked: Revision, field: str, shown: bytes) -> None:
        """Right is the state that was asked for, or any that came after it."""
        states = list(self.truth)
        if shown not in {self.truth[state] + field.encode() for state in states[states.index(asked) :]}:
            self.stale.append(f"asked {asked}, shown {shown!r}")


class Steps:
    """Runs a call in a thread that stops at each `pause` until it is told to go on: one thread runs at a time."""

    def __init__(self) -> None:
        self._go: SimpleQueue[None] = SimpleQueue()
        self._stopped: SimpleQueue[bool] = SimpleQueue()
        self.result = b""

    def pause(self) -> None:
        """Called within the call."""
        self._stopped.put(False)
        self._go.get(timeout=10)

    def run(self, call: Callable[[], bytes]) -> Iterator[None]:
        """Yields at each pause; `result` is set at the end."""

        def work() -> None:
            self.result = call()
            self._stopped.put(True)

        thread = Thread(target=work, daemon=True)
        thread.start()
        while not self._stopped.get(timeout=10):
            yield
            self._go.put(None)
        thread.join()


class DeletingCache(ReadThroughCache):
    """What one would write first: serve what is there, delete it after a write."""

    def __init__(self, client: redis.Redis) -> None:
        super().__init__()
        self._client = client

    def _look_up(self, key: str, field: str, current: Revision) -> bytes | None:
        return self._client.hget(key, field)  # type: ignore[return-value] # redis-py's type for async too

    def _fill(self, key: str, field: str, revision: Revision, value: bytes) -> None:
        self._client.hset(key, field, value)  # type: ignore[arg-type] # typed str, takes bytes


class TrustingCache(RedisAgendaCache):
    """Compares revisions, but lets whoever comes last write."""

    def _fill(self, key: str, field: str, revision: Revision, value: bytes) -> None:
        mapping = {"revision": str(revision), field: value}
        self._link.call(lambda client: client.hset(key, mapping=mapping))  # type: ignore[arg-type] # an invariant dict


def race(world: World, seed: int) -> list[str]:
    """One interleaving of twenty actors, up to six at a time; what was stale."""
    choices = random.Random(seed)
    kinds = [world.read] * 9 + [world.write] * 3 + [world.interfere, world.reset]
    actors = [choices.choice(kinds)(choices) for _ in range(20)]
    while actors:
        actor = choices.choice(actors[:6])  # so that some begin when others have ended
        if next(actor, "ended") == "ended":
            actors.remove(actor)
    return world.stale


@pytest.fixture
def client(valkey: str) -> Iterator[redis.Redis]:
    """A pair of hands at the server."""
    with redis.Redis.from_url(valkey) as client:
        yield client


def test_no_interleaving_shows_something_stale(valkey: str, client: redis.Redis, user_id: str) -> None:
    """Readers, writers, deletions and resets in `CACHE_RACES` seeded orders."""
    link = RedisLink(valkey)
    found = {
        seed: stale
        for seed in range(RACES)
        if (stale := race(World(f"{user_id}-{seed}", lambda: RedisAgendaCache(link), client), seed))
    }
    assert {} == found


@pytest.mark.parametrize("kind", ["deleting", "trusting"])
def test_the_trial_catches_simpler_caches(valkey: str, client: redis.Redis, user_id: str, kind: str) -> None:
    """A trial that can't fail proves nothing: deletion alone, and comparison without refusal, lose this race."""
    link = RedisLink(valkey)
    open_cache = {"deleting": lambda: DeletingCache(client), "trusting": lambda: TrustingCache(link)}[kind]
    assert any(race(World(f"{user_id}-{seed}", open_cache, client), seed) for seed in range(100))


@pytest.mark.parametrize("seed", range(3))
def test_threads_that_share_a_cache_never_see_something_stale(valkey: str, user_id: str, seed: int) -> None:
    """Real threads with single flight, one writer, no schedule: each answer is at least as new as what was asked."""
    caches = [RedisAgendaCache(valkey), RedisAgendaCache(valkey), MemoryAgendaCache()]
    database = [0]
    name = ViewName(kind="events", user_id=user_id, field="week")

    def load() -> tuple[Revision, bytes]:
        number = database[0]
        return Revision("db", number), b"%d" % number

    def read(number: int) -> int:
        asked = database[0]
        return int(caches[number % 3].view(name, Revision("db", asked), load)) - asked

    choices = random.Random(seed)

    def work(number: int) -> int:
        if choices.random() < 0.2:
            database[0] += 1
        if choices.random() < 0.1:
            caches[number % 3].invalidate(user_id)
        return read(number)

    with ThreadPoolExecutor(8) as pool:
        assert min(pool.map(work, range(600))) >= 0
