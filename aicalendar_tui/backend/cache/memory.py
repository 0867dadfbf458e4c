"""The cache and the change stream within one process: for tests, and for a process that has no server."""

import time
from collections.abc import Callable, Collection
from threading import Lock

from msgspec import Struct

from aicalendar_tui.backend.cache.keys import event_key, events_key, sync_token_key, user_calendars_key
from aicalendar_tui.backend.cache.read_through import ReadThroughCache
from aicalendar_tui.backend.domain.news import News
from aicalendar_tui.backend.ports import Revision


class _Hash(Struct):
    revision: Revision
    expires_at: float
    fields: dict[str, bytes]


class MemoryAgendaCache(ReadThroughCache):
    """`ports.AgendaCache` with the rules of the Redis one, in a dict. Never away."""

    away = False

    def __init__(self, *, ttl_seconds: int = 360, monotonic: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._ttl_seconds = ttl_seconds
        self._monotonic = monotonic
        self._lock = Lock()
        self._hashes: dict[str, _Hash] = {}
        self.sync_tokens: dict[str, dict[str, str]] = {}

    def invalidate(self, user_id: str, *, event_ids: Collection[str] = ()) -> None:
        """Drops the user's views and those events."""
        with self._lock:
            for key in (events_key(user_id), user_calendars_key(user_id)):
                self._hashes.pop(key, None)
            for event_id in event_ids:
                self._hashes.pop(event_key(user_id, event_id), None)

    def invalidate_user_cache(self, user_id: str) -> int:
        """Drops every cached thing of that user; returns how many keys went."""
        prefix = event_key(user_id, "")
        with self._lock:
            gone = [
                key
                for key in self._hashes
                if key.startswith(prefix) or key in (events_key(user_id), user_calendars_key(user_id))
            ]
            for key in gone:
                del self._hashes[key]
            tokens = self.sync_tokens.pop(sync_token_key(user_id), None)
        return len(gone) + (tokens is not None)

    def put_sync_token(self, user_id: str, calendar_id: str, sync_token: str) -> None:
        """A copy to look at."""
        with self._lock:
            self.sync_tokens.setdefault(sync_token_key(user_id), {})[calendar_id] = sync_token

    def _look_up(self, key: str, field: str, current: Revision) -> bytes | None:
        with self._lock:
            found = self._live(key)
            return found.fields.get(field) if found is not None and found.revision == current else None

    def _fill(self, key: str, field: str, revision: Revision, value: bytes) -> None:
        with self._lock:
            found = self._live(key)
            if found is None or found.revision != revision:
                if (
                    found is not None
                    and found.revision.database_id == revision.database_id
                    and found.revision.number > revision.number
                ):
                    return
                found = self._hashes[key] = _Hash(revision, self._monotonic() + self._ttl_seconds, {})
            found.fields[field] = value

    def _live(self, key: str) -> _Hash | None:
        found = self._hashes.get(key)
        if found is not None and found.expires_at <= self._monotonic():
            del self._hashes[key]
            return None
        return found


class MemoryChangePublisher:
    """`ports.ChangePublisher` that keeps what it was told, oldest first."""

    def __init__(self) -> None:
        self.published: list[News] = []

    def publish(self, news: News) -> None:
        """Appends to `published`."""
        self.published.append(news)
