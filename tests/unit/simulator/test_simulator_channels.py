"""Channels: opening, stopping, what they are told, and how messages are disturbed."""

from datetime import timedelta
from typing import Any

import pytest

from aicalendar_tui.simulator.channels import Notification
from aicalendar_tui.simulator.clock import ManualClock
from aicalendar_tui.simulator.world import World
from tests.unit.simulator.simulated_client import Client, reason_of

WATCH = "calendars/primary/events/watch"


def channel(**fields: Any) -> dict[str, Any]:
    """The body of a watch request."""
    return {"id": "one", "type": "web_hook", "address": "http://127.0.0.1:9/hook", "token": "t"} | fields


def take_all(world: World) -> list[Notification]:
    """The messages that wait, taken from the queue."""
    taken = []
    while (message := world.channels.take()) is not None:
        taken.append(message)
    return taken


def test_a_channel_is_told_sync_first_and_then_exists_for_each_change(ana: Client, world: World) -> None:
    """The headers are all there is; numbers grow."""
    opened = ana.read(ana.send("POST", WATCH, channel()))
    assert {"kind", "id", "resourceId", "resourceUri", "token", "expiration"} == opened.keys()
    assert str(1795435200000 + 604_800_000) == opened["expiration"]
    ana.insert()
    ana.insert()
    sync, *changes = take_all(world)
    assert {
        "X-Goog-Channel-ID": "one",
        "X-Goog-Channel-Token": "t",
        "X-Goog-Channel-Expiration": "Mon, 30 Nov 2026 12:00:00 GMT",
        "X-Goog-Resource-ID": opened["resourceId"],
        "X-Goog-Resource-URI": "https://www.googleapis.com/calendar/v3/calendars/ana%40example.com/events?alt=json",
        "X-Goog-Resource-State": "sync",
        "X-Goog-Message-Number": "1",
    } == sync.headers
    assert ["exists", "exists"] == [one.state for one in changes]
    assert [1] < [one.number for one in changes] == sorted({one.number for one in changes})


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"id": None}, "required"),
        ({"id": "x" * 65}, "invalid"),
        ({"id": "spaced out"}, "invalid"),
        ({"type": "carrier_pigeon"}, "invalid"),
        ({"address": None}, "required"),
        ({"address": "ftp://127.0.0.1/"}, "invalid"),
        ({"address": "http://127.0.0.1:99999/"}, "invalid"),
        ({"address": "http://127.0.0.1/\r\nX-Evil: 1"}, "invalid"),
        ({"address": "http://example.com/hook"}, "push.webhookUrlNotHttps"),
        ({"token": "x" * 257}, "invalid"),
        ({"expiration": "1"}, "invalid"),
        ({"expiration": "soon"}, "invalid"),
        ({"params": {"ttl": "-5"}}, "invalid"),
    ],
)
def test_a_wrong_channel_is_refused(ana: Client, world: World, fields: dict[str, Any], reason: str) -> None:
    """400, and nothing is sent."""
    assert (400, reason) == reason_of(ana.send("POST", WATCH, channel(**fields)))
    assert [] == take_all(world)


def test_plain_http_is_for_loopback_and_can_be_switched_off(ana: Client, world: World) -> None:
    """The real Google takes https only."""
    world.switches.require_https = True
    assert (400, "push.webhookUrlNotHttps") == reason_of(ana.send("POST", WATCH, channel()))


def test_a_channel_id_is_free_again_when_its_channel_is_over(ana: Client, clock: ManualClock) -> None:
    """channelIdNotUnique while it lives."""
    ana.read(ana.send("POST", WATCH, channel(params={"ttl": "60"})))
    assert (400, "channelIdNotUnique") == reason_of(ana.send("POST", WATCH, channel()))
    clock.advance(timedelta(seconds=61))
    assert 200 == ana.send("POST", WATCH, channel()).status


def test_the_shorter_life_holds(ana: Client) -> None:
    """Google's own limit, ttl or expiration."""
    now = 1795435200000
    for number, (fields, expected) in enumerate(
        [
            ({"params": {"ttl": "60"}}, now + 60_000),
            ({"expiration": str(now + 5000)}, now + 5000),
            ({"expiration": str(now + 10**12)}, now + 604_800_000),
        ]
    ):
        opened = ana.read(ana.send("POST", WATCH, channel(id=f"c{number}", **fields)))
        assert str(expected) == opened["expiration"]


def test_stopping_needs_both_ids_and_the_same_user(ana: Client, boris: Client, world: World) -> None:
    """204 once, 404 for anybody else and ever after; then nothing is sent."""
    opened = ana.read(ana.send("POST", WATCH, channel()))
    body = {"id": "one", "resourceId": opened["resourceId"]}
    assert (404, "notFound") == reason_of(boris.send("POST", "channels/stop", body))
    assert 404 == ana.send("POST", "channels/stop", body | {"resourceId": "other"}).status
    assert (204, b"") == (ana.send("POST", "channels/stop", body).status, b"")
    assert 404 == ana.send("POST", "channels/stop", body).status
    take_all(world)
    ana.insert()
    assert [] == take_all(world)


def test_all_channels_of_a_resource_share_its_resource_id(ana: Client, world: World) -> None:
    """Each is told of a change."""
    ids = {ana.read(ana.send("POST", WATCH, channel(id=name)))["resourceId"] for name in ("a", "b")}
    take_all(world)
    ana.insert()
    assert (1, {"a", "b"}) == (len(ids), {one.channel_id for one in take_all(world)})


def test_some_calendars_cant_be_watched(ana: Client, world: World) -> None:
    """Holidays and the like."""
    world.calendars["ana@example.com"].watchable = False
    assert (400, "pushNotSupportedForRequestedResource") == reason_of(ana.send("POST", WATCH, channel()))


def test_the_calendar_list_has_channels_of_its_own(ana: Client, world: World) -> None:
    """A new calendar is told there, an event is not."""
    ana.read(ana.send("POST", "users/me/calendarList/watch", channel()))
    take_all(world)
    ana.insert()
    assert [] == take_all(world)
    ana.read(ana.send("POST", "calendars", {"summary": "New"}))
    assert ["exists"] == [one.state for one in take_all(world)]


def test_an_error_tells_nobody(ana: Client, world: World) -> None:
    """A refused request changed nothing."""
    ana.read(ana.send("POST", WATCH, channel()))
    take_all(world)
    assert 404 == ana.delete("nosuchevent").status
    assert 400 == ana.send("POST", "calendars/primary/events", {}).status
    assert [] == take_all(world)


def test_messages_can_be_dropped_doubled_reordered_delayed_and_held(ana: Client, world: World) -> None:
    """Each disturbance takes the next messages, never sync."""
    rules = world.channels.disturbance
    ana.read(ana.send("POST", WATCH, channel()))
    rules.drop = 1
    ana.insert()
    assert ["sync"] == [one.state for one in take_all(world)]
    rules.duplicate = 1
    ana.insert()
    doubled = take_all(world)
    assert (2, 1) == (len(doubled), len({one.number for one in doubled}))
    rules.reorder = 2
    ana.insert()
    assert [] == take_all(world)
    ana.insert()
    late, early = take_all(world)
    assert late.number > early.number
    rules.delay, rules.delay_seconds = 1, 3.0
    ana.insert()
    assert [3.0] == [one.delay_seconds for one in take_all(world)]
    rules.paused = True
    ana.insert()
    assert [] == take_all(world)
    rules.paused = False
    assert 1 == len(take_all(world))
