"""News from a publisher to a feed over a real server that comes and goes."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import redis

from aicalendar_tui.backend.cache.feed import RedisChangeFeed
from aicalendar_tui.backend.cache.link import RedisLink
from aicalendar_tui.backend.cache.stream import STREAM_LENGTH, RedisChangePublisher
from aicalendar_tui.backend.domain.news import CalendarChanged, ConnectionChanged, News, TasksChanged
from aicalendar_tui.backend.domain.times import Span
from tests.integration.valkey_server import ValkeyServer


class Listener:
    """Collects what a feed says, in a task of its own."""

    def __init__(self, feed: RedisChangeFeed, *user_ids: str) -> None:
        self.heard: list[News | None] = []
        self._news = asyncio.Condition()
        self._task = asyncio.create_task(self._listen(feed.follow(user_ids)))

    async def _listen(self, news: AsyncIterator[News | None]) -> None:
        async for item in news:
            async with self._news:
                self.heard.append(item)
                self._news.notify_all()

    async def wait_for(self, count: int) -> list[News | None]:
        """The first `count` news."""
        async with self._news, asyncio.timeout(10):
            await self._news.wait_for(lambda: len(self.heard) >= count)
        return self.heard[:count]

    async def stop(self) -> None:
        """Cancels the task, as a screen does when it closes."""
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task


def changed(user_id: str, revision: int) -> CalendarChanged:
    """News whose order shows."""
    return CalendarChanged(user_id=user_id, calendar_id="primary", revision=revision)


async def test_every_kind_of_news_arrives_as_it_was_sent(valkey: str, user_id: str) -> None:
    """Spans included."""
    sent: list[News | None] = [
        CalendarChanged(user_id=user_id, calendar_id="primary", revision=3, span=Span(10, 20)),
        CalendarChanged(user_id=user_id, calendar_id="ю", revision=4),
        TasksChanged(user_id=user_id, task_id="t"),
        ConnectionChanged(user_id=user_id),
    ]
    listener, publisher = Listener(RedisChangeFeed(valkey), user_id), RedisChangePublisher(valkey)
    for news in sent:
        assert news is not None
        publisher.publish(news)
    assert sent == await listener.wait_for(len(sent))
    await listener.stop()


async def test_feed_hears_the_users_it_follows_and_no_others(valkey: str, user_id: str) -> None:
    """Several accounts on one screen."""
    publisher = RedisChangePublisher(valkey)
    listener = Listener(RedisChangeFeed(valkey), user_id, f"{user_id}-2")
    for number, user in enumerate((user_id, f"{user_id}-3", f"{user_id}-2", user_id)):
        publisher.publish(changed(user, number))
    assert {changed(user_id, 0), changed(f"{user_id}-2", 2), changed(user_id, 3)} == set(await listener.wait_for(3))
    await listener.stop()


async def test_news_between_two_follows_are_not_lost(valkey: str, user_id: str) -> None:
    """A feed goes on after the last entry it gave out, without giving it out again."""
    feed, publisher = RedisChangeFeed(valkey), RedisChangePublisher(valkey)
    publisher.publish(changed(user_id, 1))
    publisher.publish(changed(user_id, 2))
    first = feed.follow([user_id])
    assert changed(user_id, 1) == await anext(first)
    await first.aclose()  # type: ignore[attr-defined] # it is a generator
    publisher.publish(changed(user_id, 3))
    second = feed.follow([user_id])
    assert [changed(user_id, 2), changed(user_id, 3)] == [await anext(second), await anext(second)]
    await second.aclose()  # type: ignore[attr-defined] # it is a generator


async def test_lost_and_found_connection_each_say_read_again(own_valkey: ValkeyServer, user_id: str) -> None:
    """None when the server was killed, None when it is back, and news go on."""
    link = RedisLink(own_valkey.url, pause_seconds=1000)
    publisher = RedisChangePublisher(link)
    listener = Listener(RedisChangeFeed(link), user_id)
    publisher.publish(changed(user_id, 1))
    await listener.wait_for(1)
    own_valkey.kill()
    await listener.wait_for(2)
    publisher.publish(changed(user_id, 2))
    assert True is link.away
    await asyncio.to_thread(own_valkey.start)
    await listener.wait_for(3)
    assert False is link.away
    publisher.publish(changed(user_id, 3))
    assert [changed(user_id, 1), None, None, changed(user_id, 3)] == await listener.wait_for(4)
    await listener.stop()


async def test_server_that_starts_later_is_found(own_valkey: ValkeyServer, user_id: str) -> None:
    """A screen is open before its services are."""
    own_valkey.kill()
    listener = Listener(RedisChangeFeed(own_valkey.url), user_id)
    assert [None] == await listener.wait_for(1)
    await asyncio.to_thread(own_valkey.start)
    await listener.wait_for(2)
    RedisChangePublisher(own_valkey.url).publish(changed(user_id, 1))
    assert [None, None, changed(user_id, 1)] == await listener.wait_for(3)
    await listener.stop()


async def test_deleted_stream_goes_on_with_the_next_news(valkey: str, user_id: str) -> None:
    """DEL of any key at any time is harmless."""
    publisher, listener = RedisChangePublisher(valkey), Listener(RedisChangeFeed(valkey), user_id)
    publisher.publish(changed(user_id, 1))
    await listener.wait_for(1)
    with redis.Redis.from_url(valkey) as client:
        client.delete(f"calendar:changes:{user_id}")
    publisher.publish(changed(user_id, 2))
    assert [changed(user_id, 1), changed(user_id, 2)] == await listener.wait_for(2)
    await listener.stop()


@pytest.mark.parametrize("entry", [{"news": "{"}, {"news": '{"type":"FromTheFuture"}'}, {"other": "x"}])
async def test_entry_that_cannot_be_read_says_read_again(valkey: str, user_id: str, entry: dict[str, str]) -> None:
    """Another version's, or made by hand; what follows is heard."""
    listener = Listener(RedisChangeFeed(valkey), user_id)
    with redis.Redis.from_url(valkey) as client:
        client.xadd(f"calendar:changes:{user_id}", entry)  # type: ignore[arg-type] # an invariant dict
    RedisChangePublisher(valkey).publish(changed(user_id, 1))
    assert [None, changed(user_id, 1)] == await listener.wait_for(2)
    await listener.stop()


async def test_quiet_feed_stays_silent_past_its_block_time(valkey: str, user_id: str) -> None:
    """The end of a blocked read is no news."""
    listener = Listener(RedisChangeFeed(valkey, block_seconds=0.01), user_id)
    await asyncio.sleep(0.1)  # ten block times: there is no condition to wait for when nothing is to happen
    RedisChangePublisher(valkey).publish(changed(user_id, 1))
    assert [changed(user_id, 1)] == await listener.wait_for(1)
    await listener.stop()


async def test_cancelled_feed_leaves_no_connection(own_valkey: ValkeyServer, user_id: str) -> None:
    """Even while it is blocked in a read."""
    listener = Listener(RedisChangeFeed(own_valkey.url), user_id)
    RedisChangePublisher(own_valkey.url).publish(changed(user_id, 1))
    await listener.wait_for(1)
    await listener.stop()
    with redis.Redis.from_url(own_valkey.url, decode_responses=True) as client:
        async with asyncio.timeout(10):
            while any("xread" in entry["cmd"] for entry in client.client_list()):  # type: ignore[union-attr] # redis-py's type for async too
                await asyncio.sleep(0.01)


def test_stream_is_trimmed(valkey: str, user_id: str) -> None:
    """A screen that is never closed doesn't make the server grow."""
    publisher = RedisChangePublisher(valkey)
    for number in range(STREAM_LENGTH + 500):
        publisher.publish(changed(user_id, number))
    with redis.Redis.from_url(valkey) as client:
        assert STREAM_LENGTH <= client.xlen(f"calendar:changes:{user_id}") < STREAM_LENGTH + 200  # type: ignore[operator] # redis-py's type for async too


def test_publishing_to_a_server_that_is_away_does_not_raise(tmp_path: Path, user_id: str) -> None:
    """Nor wait."""
    link = RedisLink(f"unix://{tmp_path}/none.sock")
    RedisChangePublisher(link).publish(changed(user_id, 1))
    assert True is link.away
