"""The reading end of the change stream, for an event loop.

One blocked XREAD serves all users of a screen, so that an idle calendar wakes up twice a minute.
"""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import AsyncIterator, Collection
from typing import TYPE_CHECKING, Any

from aicalendar_tui.backend.cache.keys import changes_key
from aicalendar_tui.backend.cache.link import RedisLink, link_to
from aicalendar_tui.backend.cache.stream import decode_news
from aicalendar_tui.backend.domain.news import News

if TYPE_CHECKING:
    from redis.asyncio import Redis

BLOCK_SECONDS = 30
REPLAY_SECONDS = 10
"""How far before its first connection a reader begins: what was published while it was starting up."""

EntryId = tuple[int, int]
"""Milliseconds of the server's clock, and a count within them."""

FIRST_BACKOFF_SECONDS = 0.1
LONGEST_BACKOFF_SECONDS = 2.0


class RedisChangeFeed:
    """`ports.ChangeFeed`: remembers, for each user, the last entry it gave out."""

    def __init__(
        self, server: str | RedisLink, *, block_seconds: float = BLOCK_SECONDS, connect_seconds: float = 1.0
    ) -> None:
        self._link = link_to(server)
        self._block_seconds = block_seconds
        self._connect_seconds = connect_seconds
        self._last_ids: dict[str, EntryId] = {}

    async def follow(self, user_ids: Collection[str]) -> AsyncIterator[News | None]:
        """News as it comes, for ever; None when the connection was lost and when it is back.

        While the server is away nothing comes. Close the iterator (or cancel its task) to let go of the socket.
        """
        keys = [changes_key(user_id) for user_id in user_ids]
        if not keys:
            await asyncio.Event().wait()  # nobody to hear from; XREAD takes no empty list
        # In a thread: the import takes longer than a frame.
        errors: Any = await asyncio.to_thread(importlib.import_module, "redis.exceptions")
        asynchronous: Any = await asyncio.to_thread(importlib.import_module, "redis.asyncio")
        away, backoff = False, FIRST_BACKOFF_SECONDS
        while True:
            client = self._connect(asynchronous.Redis)
            try:
                await self._find_start(client, keys)
                self._link.note_reachable()
                if away:
                    away, backoff = False, FIRST_BACKOFF_SECONDS
                    yield None
                while True:
                    for key, entry_id, news in await self._read(client, keys):
                        self._last_ids[key] = entry_id
                        yield news
            except (errors.RedisError, OSError):
                if not away:
                    away = True
                    yield None
            finally:
                await client.aclose()
            await asyncio.sleep(backoff)
            backoff = min(backoff * 2, LONGEST_BACKOFF_SECONDS)

    def _connect(self, client_class: Any) -> Redis:
        backoff = importlib.import_module("redis.backoff")
        retry = importlib.import_module("redis.asyncio.retry")
        return client_class.from_url(
            self._link.url,
            single_connection_client=True,
            socket_connect_timeout=self._connect_seconds,
            socket_timeout=None,  # with one, redis-py sends in asyncio.wait_for, which loses a cancel before 3.12
            retry=retry.Retry(backoff.NoBackoff(), 0),
            protocol=2,
            decode_responses=False,
        )

    async def _find_start(self, client: Redis, keys: list[str]) -> None:
        """Where to go on: after the last entry given out, unless the server's clock says that it was another's."""
        async with asyncio.timeout(self._connect_seconds):
            seconds, micros = await client.time()
        now_ms = int(seconds) * 1000 + int(micros) // 1000
        for key in keys:
            start = self._last_ids.get(key, (now_ms - REPLAY_SECONDS * 1000, 0))
            self._last_ids[key] = min(start, (now_ms, 0))

    async def _read(self, client: Redis, keys: list[str]) -> list[tuple[str, EntryId, News | None]]:
        """What came after the last ids, or nothing after a block's time; what can't be read is None."""
        streams = {key: "{}-{}".format(*self._last_ids[key]) for key in keys}
        async with asyncio.timeout(self._block_seconds + 5):  # a half-open connection never answers
            answer: Any = await client.xread(streams, block=int(self._block_seconds * 1000))  # type: ignore[arg-type] # an invariant dict
        return [
            (key.decode(), _parse_entry_id(entry_id), decode_news(fields))
            for key, entries in answer or ()
            for entry_id, fields in entries
        ]


def _parse_entry_id(text: bytes) -> EntryId:
    milliseconds, _, sequence = text.partition(b"-")
    return int(milliseconds), int(sequence)
