"""Cached views in Redis: one hash a subject, whose `revision` says which state of the database it shows.

Correct without any invalidation: a reader compares the revision with the database's, and a late writer can't
put an older state over a newer one. Deleting any key at any time costs one read of the database.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from aicalendar_tui.backend.cache.keys import (
    REVISION,
    event_key,
    event_pattern,
    events_key,
    sync_token_key,
    user_calendars_key,
)
from aicalendar_tui.backend.cache.link import CommandRefused, RedisLink, ServerAway, link_to
from aicalendar_tui.backend.cache.read_through import ReadThroughCache
from aicalendar_tui.backend.ports import Revision

if TYPE_CHECKING:
    from redis import Redis

FILL_SCRIPT = """\
local key, database, number = KEYS[1], ARGV[1], ARGV[2]
local field, value, ttl = ARGV[3], ARGV[4], ARGV[5]
local token = database .. ':' .. number
local stored = redis.pcall('HGET', key, 'revision')
if type(stored) == 'table' then stored = nil end
if stored ~= token then
  if stored then
    local stored_database, stored_number = string.match(stored, '^(.*):(%d+)$')
    if stored_database == database and tonumber(stored_number) > tonumber(number) then return 0 end
  end
  redis.call('DEL', key)
  redis.call('HSET', key, 'revision', token)
  redis.call('EXPIRE', key, ttl)
end
redis.call('HSET', key, field, value)
return 1
"""
"""Compare and set. Anything under the key that is no hash of ours is replaced; the TTL starts with a new revision."""

SYNC_TOKEN_SCRIPT = """\
local created = redis.call('EXISTS', KEYS[1]) == 0
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
if created then redis.call('EXPIRE', KEYS[1], ARGV[3]) end
return 1
"""


class RedisAgendaCache(ReadThroughCache):
    """`ports.AgendaCache` on a server that may be away, or be emptied under it, at any time."""

    def __init__(self, server: str | RedisLink, *, ttl_seconds: int = 360) -> None:
        super().__init__()
        self._link = link_to(server)
        self._ttl_seconds = ttl_seconds

    @property
    def away(self) -> bool:
        """Whether the last attempt did not reach the server."""
        return self._link.away

    def invalidate(self, user_id: str, *, event_ids: Collection[str] = ()) -> None:
        """Frees memory early; never needed for what is shown to be right."""
        keys = [events_key(user_id), user_calendars_key(user_id)]
        keys += [event_key(user_id, event_id) for event_id in event_ids]
        try:
            self._link.call(lambda client: client.delete(*keys))
        except (ServerAway, CommandRefused):
            return  # the revision keeps what is left there from being served

    def invalidate_user_cache(self, user_id: str) -> int:
        """Removes every cached thing of that user, and of no other; returns how many keys went.

        The change stream stays: it is no copy of anything. Raises: `ServerAway`, `CommandRefused`.
        """
        return self._link.call(lambda client: self._delete_all(client, user_id))

    def put_sync_token(self, user_id: str, calendar_id: str, sync_token: str) -> None:
        """A copy to look at; the truth is in the database."""
        try:
            arguments = (calendar_id, sync_token, str(self._ttl_seconds))
            self._link.call(lambda client: _evaluate(client, SYNC_TOKEN_SCRIPT, sync_token_key(user_id), *arguments))
        except (ServerAway, CommandRefused):
            return  # nobody reads it back

    def _look_up(self, key: str, field: str, current: Revision) -> bytes | None:
        try:
            revision, value = self._link.call(lambda client: _read_fields(client, key, REVISION, field))
        except (ServerAway, CommandRefused):
            return None
        return value if revision == str(current).encode() else None

    def _fill(self, key: str, field: str, revision: Revision, value: bytes) -> None:
        arguments = (revision.database_id, str(revision.number), field, value, str(self._ttl_seconds))
        try:
            self._link.call(lambda client: _evaluate(client, FILL_SCRIPT, key, *arguments))
        except (ServerAway, CommandRefused):
            return  # the reader has its value; the next one loads again

    def _delete_all(self, client: Redis, user_id: str) -> int:
        keys = [
            events_key(user_id).encode(),
            user_calendars_key(user_id).encode(),
            sync_token_key(user_id).encode(),
            *client.scan_iter(match=event_pattern(user_id), count=500),
        ]
        return sum(int(client.delete(*keys[n : n + 500])) for n in range(0, len(keys), 500))  # type: ignore[arg-type] # as above


def _read_fields(client: Redis, key: str, *fields: str) -> list[bytes | None]:
    return client.hmget(key, list(fields))  # type: ignore[return-value] # redis-py knows no decode_responses=False


def _evaluate(client: Redis, script: str, key: str, *arguments: str | bytes) -> None:
    """EVALSHA, and EVAL when the server has forgotten the script."""
    client.register_script(script)(keys=[key], args=arguments)
