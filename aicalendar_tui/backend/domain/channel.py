"""Notification channels and their life: pending → active → retiring → dead (PROTOCOL 9–15)."""

import hmac
from hashlib import sha256
from typing import Literal
from zlib import crc32

from msgspec import Struct

ChannelState = Literal["pending", "active", "retiring", "dead"]


MOST_SECONDS = 7 * 86_400
"""How long a life is asked for."""


class Channel(Struct, frozen=True, kw_only=True):
    """A row of the ledger of channels; the token itself is never stored, only its SHA-256."""

    channel_id: str
    user_id: str
    calendar_id: str
    token_hash: str
    state: ChannelState = "pending"
    resource_id: str = ""
    expiration_ms: int | None = None
    """The stricter of what was asked for and what Google answered (PROTOCOL 13)."""
    address: str = ""
    created_at: int = 0
    last_message_at: int | None = None


class Notification(Struct, frozen=True, kw_only=True):
    """The headers of a POST from Google; it means no more than "something changed" (PROTOCOL 1)."""

    channel_id: str
    token: str
    resource_state: str = "exists"
    resource_id: str = ""
    message_number: int | None = None
    expiration: str = ""


def hash_token(token: str) -> str:
    """How a channel's token is kept."""
    return sha256(token.encode()).hexdigest()


def token_matches(channel: Channel, token: str) -> bool:
    """Whether the notification's token is this channel's, compared as bytes in constant time."""
    return hmac.compare_digest(channel.token_hash.encode(), hash_token(token).encode())


def renewal_is_due(channel: Channel, now: int, jitter: float = 0.0) -> bool:
    """Whether an active channel should be replaced now: min(24 h, 20 % of its life) before it ends.

    `jitter` in [0, 1) moves that point earlier by up to a tenth, so that many channels don't renew at once.
    """
    if channel.expiration_ms is None:
        return False
    expiration = channel.expiration_ms / 1000
    margin = min(86_400.0, 0.2 * max(0.0, expiration - channel.created_at))
    return now >= expiration - margin * (1 + jitter / 10)


def has_ended(channel: Channel, now: int) -> bool:
    """Whether the channel is over by itself; one whose answer was lost lives no longer than was asked for."""
    if channel.expiration_ms is None:
        return now >= channel.created_at + MOST_SECONDS
    return now * 1000 >= channel.expiration_ms


def renewal_jitter(channel: Channel) -> float:
    """In [0, 1), always the same for a channel, so that all who ask agree on when its renewal is due."""
    return crc32(channel.channel_id.encode()) / 2**32
