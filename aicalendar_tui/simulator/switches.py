"""What can be set differently about the simulated Google."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Switches:
    """Behaviour that differs between Google's documents and what was seen, or between setups."""

    require_https: bool = False
    """Refuse `http://` channel addresses, loopback ones too."""
    guests_may_edit: bool = False
    """Let guests change shared properties of their copy instead of 403 forbiddenForNonOrganizer."""
    rate_limit_code: int = 403
    """403 or 429: both were seen with reason rateLimitExceeded."""
    requests_per_minute: int | None = None
    """Quota a user; None for none. Google's is 600."""
    access_token_seconds: int = 3599
    rotate_refresh_tokens: bool = False
    """Give a new refresh token with each renewal, and take the old one no more; Google does not."""
    channel_seconds: int = 604_800
    """The longest life of a channel; a shorter one that was asked for holds."""
    tombstone_days: int = 30
    """How far back `updatedMin` may reach."""
    sync_before_watch_returns: bool = False
    """Deliver a channel's `sync` message before the watch request is answered."""
