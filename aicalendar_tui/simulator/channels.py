"""Notification channels: opening and stopping them, and the messages that wait to be delivered."""

from __future__ import annotations

import hashlib
import random
import re
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from aicalendar_tui.simulator.clock import Clock
from aicalendar_tui.simulator.errors import ApiError, invalid, not_found, required
from aicalendar_tui.simulator.switches import Switches

_ID = re.compile(r"[A-Za-z0-9\-_+/=]{1,64}\Z")
_LOOPBACK = ("127.0.0.1", "::1", "localhost")


@dataclass(slots=True)
class Channel:
    """One subscription of one user to one resource."""

    id: str
    user: str
    client_id: str
    resource: str
    """What is watched, e.g. `calendars/ana@example.com/events`."""
    resource_id: str
    resource_uri: str
    address: str
    token: str | None
    expiration_ms: int
    last_number: int = 0
    payload: bool = False


@dataclass(frozen=True, slots=True)
class Notification:
    """One message to a channel's address: headers only, the body is always empty."""

    channel_id: str
    address: str
    number: int
    state: str
    """`sync`, `exists` or `not_exists`."""
    headers: dict[str, str]
    delay_seconds: float = 0.0


@dataclass(slots=True)
class Disturbance:
    """What happens to the next messages on their way (never to `sync`, unless `also_sync`)."""

    drop: int = 0
    duplicate: int = 0
    reorder: int = 0
    """So many messages are held back, then sent in reverse order."""
    delay: int = 0
    """So many messages are late by `delay_seconds`."""
    delay_seconds: float = 0.0
    paused: bool = False
    """Everything waits until this is false again."""
    also_sync: bool = False
    held: list[Notification] = field(default_factory=list)


class Channels:
    """All live channels, and the queue of what they have to be told."""

    def __init__(self, clock: Clock, chance: random.Random, switches: Switches) -> None:
        self.by_id: dict[str, Channel] = {}
        self.queue: deque[Notification] = deque()
        self.disturbance = Disturbance()
        self.on_queued: Callable[[], None] | None = None
        """Called when something was queued; the notifier wakes up by it."""
        self._clock = clock
        self._chance = chance
        self._switches = switches
        self._by_resource: dict[str, dict[str, Channel]] = {}

    def open(self, *, user: str, client_id: str, resource: str, resource_uri: str, body: dict[str, Any]) -> Channel:
        """Open a channel and queue its `sync` message.

        Raises:
            ApiError: 400, the body is no channel, its id is taken, or its address is not allowed.
        """
        self.drop_expired()
        channel_id, kind, address = body.get("id"), body.get("type"), body.get("address")
        for name, value in (("id", channel_id), ("type", kind), ("address", address)):
            if value is None:
                raise required(f"Required: resource.{name}", parameter=f"resource.{name}")
        if not isinstance(channel_id, str) or _ID.match(channel_id) is None:
            raise invalid("Invalid value for: resource.id.", parameter="resource.id")
        if kind not in ("web_hook", "webhook"):
            raise invalid(f"Unknown channel type: {kind}", parameter="resource.type")
        token = body.get("token")
        if token is not None and (not isinstance(token, str) or len(token) > 256):
            raise invalid("Invalid value for: resource.token.", parameter="resource.token")
        self._check_address(address)
        if channel_id in self.by_id:
            raise ApiError(400, "channelIdNotUnique", f"Channel id {channel_id} not unique")
        channel = Channel(
            id=channel_id,
            user=user,
            client_id=client_id,
            resource=resource,
            resource_id=_name_resource(user, resource),
            resource_uri=resource_uri,
            address=str(address),
            token=token,
            expiration_ms=self._choose_expiration(body),
        )
        self.by_id[channel_id] = channel
        self._by_resource.setdefault(resource, {})[channel_id] = channel
        self._send(channel, "sync")
        return channel

    def _check_address(self, address: Any) -> None:
        try:
            parts = urlsplit(address) if isinstance(address, str) else None
            host = parts.hostname if parts else None
            port_is_fine = parts is not None and (parts.port is None or parts.port > 0)
        except ValueError:
            parts, host, port_is_fine = None, None, False
        if parts is None or not host or not port_is_fine or parts.scheme not in ("http", "https"):
            raise invalid("Invalid value for: resource.address.", parameter="resource.address")
        if re.search(r"[\x00-\x20\x7f]", str(address)):
            raise invalid("Invalid value for: resource.address.", parameter="resource.address")
        loopback_allowed = not self._switches.require_https and host in _LOOPBACK
        if parts.scheme == "http" and not loopback_allowed:
            raise ApiError(
                400,
                "push.webhookUrlNotHttps",
                f"WebHook callback must be HTTPS: {address}",
            )

    def _choose_expiration(self, body: dict[str, Any]) -> int:
        now_ms = int(self._clock.now().timestamp() * 1000)
        latest = now_ms + self._switches.channel_seconds * 1000
        try:
            ttl = (body.get("params") or {}).get("ttl")
            if ttl is not None:
                latest = min(latest, now_ms + int(ttl) * 1000)
            if body.get("expiration") is not None:
                latest = min(latest, int(body["expiration"]))
        except (TypeError, ValueError, AttributeError) as error:
            raise invalid("Invalid value for: resource.expiration.", parameter="resource.expiration") from error
        if latest <= now_ms:
            raise invalid("Invalid value for: resource.expiration.", parameter="resource.expiration")
        return latest

    def stop(self, *, user: str, client_id: str, channel_id: Any, resource_id: Any) -> None:
        """Close a channel; only the user and the client that opened it can.

        Raises:
            ApiError: 400, an id is missing; 404, there is no such live channel.
        """
        self.drop_expired()
        for name, value in (("id", channel_id), ("resourceId", resource_id)):
            if not isinstance(value, str) or not value:
                raise required(f"Required: resource.{name}", parameter=f"resource.{name}")
        channel = self.by_id.get(channel_id)
        if channel is None or (channel.resource_id, channel.user, channel.client_id) != (
            resource_id,
            user,
            client_id,
        ):
            raise not_found()
        self.remove(channel)

    def remove(self, channel: Channel) -> None:
        """Close a channel without ceremony; messages on their way still arrive."""
        self.by_id.pop(channel.id, None)
        self._by_resource.get(channel.resource, {}).pop(channel.id, None)

    def restore(self, channel: Channel) -> None:
        """Put back a channel that was open before."""
        self.by_id[channel.id] = channel
        self._by_resource.setdefault(channel.resource, {})[channel.id] = channel

    def remove_of_user(self, user: str, client_id: str | None = None) -> None:
        """Close what a user (through one client) had opened: the grant is gone."""
        for channel in list(self.by_id.values()):
            if channel.user == user and client_id in (None, channel.client_id):
                self.remove(channel)

    def remove_of_resource(self, resource: str) -> None:
        """Close all channels on a resource: it is gone."""
        for channel in list(self._by_resource.get(resource, {}).values()):
            self.remove(channel)

    def drop_expired(self) -> None:
        """Forget the channels whose time is over."""
        now_ms = self._clock.now().timestamp() * 1000
        for channel in [one for one in self.by_id.values() if one.expiration_ms <= now_ms]:
            self.remove(channel)

    def announce(self, resource: str) -> None:
        """Tell all channels of a resource that it changed."""
        watching = self._by_resource.get(resource)
        if not watching:
            return
        self.drop_expired()
        for channel in list(self._by_resource[resource].values()):
            self._send(channel, "exists")

    def _send(self, channel: Channel, state: str) -> None:
        # Numbers grow but leave gaps, as Google's do; the sync message is always the first.
        channel.last_number += 1 if state == "sync" else self._chance.choice((1, 1, 1, 2, 5))
        expires = datetime.fromtimestamp(channel.expiration_ms / 1000, UTC)
        headers = {
            "X-Goog-Channel-ID": channel.id,
            "X-Goog-Channel-Expiration": expires.strftime("%a, %d %b %Y %H:%M:%S GMT"),
            "X-Goog-Resource-ID": channel.resource_id,
            "X-Goog-Resource-URI": channel.resource_uri,
            "X-Goog-Resource-State": state,
            "X-Goog-Message-Number": str(channel.last_number),
        }
        if channel.token is not None:
            headers["X-Goog-Channel-Token"] = channel.token
        self._pass_disturbance(Notification(channel.id, channel.address, channel.last_number, state, headers))

    def _pass_disturbance(self, message: Notification) -> None:
        rules = self.disturbance
        if message.state == "sync" and not rules.also_sync:
            self._put(message)
        elif rules.drop > 0:
            rules.drop -= 1
        elif rules.duplicate > 0:
            rules.duplicate -= 1
            self._put(message)
            self._put(message)
        elif rules.reorder > 0:
            rules.reorder -= 1
            rules.held.append(message)
            if rules.reorder == 0:
                self.release_held()
        elif rules.delay > 0:
            rules.delay -= 1
            late = Notification(
                message.channel_id,
                message.address,
                message.number,
                message.state,
                message.headers,
                rules.delay_seconds,
            )
            self._put(late)
        else:
            self._put(message)

    def release_held(self) -> None:
        """Send what was held back for reordering, the newest first."""
        held, self.disturbance.held = self.disturbance.held[::-1], []
        for message in held:
            self._put(message)

    def _put(self, message: Notification) -> None:
        self.queue.append(message)
        self.wake()

    def wake(self) -> None:
        """Have the queue looked at."""
        if self.on_queued is not None:
            self.on_queued()

    def take(self) -> Notification | None:
        """The next message to deliver; None when there is none, or all are held up."""
        if self.disturbance.paused or not self.queue:
            return None
        return self.queue.popleft()


def _name_resource(user: str, resource: str) -> str:
    """The opaque name of a watched resource: the same for all channels of a user on it."""
    digest = hashlib.sha256(f"{user}\n{resource}".encode()).hexdigest()
    return digest[:27]
