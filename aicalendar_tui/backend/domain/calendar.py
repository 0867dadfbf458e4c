"""A calendar as an account sees it, and the state of keeping it up to date."""

from typing import Literal

from msgspec import Struct

LiveState = Literal["live", "starting", "polling", "unwatchable", "degraded"]
"""`live`: notifications arrive; `starting`: asked for, not yet confirmed; `polling`: not asked for;
`unwatchable`: Google offers none for it (it is polled, and healthy); `degraded`: the last sync failed."""


class Calendar(Struct, frozen=True, kw_only=True):
    """One entry of an account's calendar list; `calendar_id` is unique within `user_id` only."""

    user_id: str
    calendar_id: str
    summary: str
    color: str = "#7aa2f7"
    """The background colour as `#rrggbb`."""
    access_role: str = "owner"
    primary: bool = False
    shown: bool = True
    """Whether its events are in the views."""
    position: int = 0
    zone: str | None = None
    live: LiveState = "polling"
    live_wanted: bool = False
    synced_at: int | None = None
    """When the last sync ended well, in epoch seconds; None: never."""
    problem: str = ""
    """Why the last sync failed, or ''."""

    @property
    def writable(self) -> bool:
        """Whether events can be created and changed in it."""
        return self.access_role in ("owner", "writer")


class SyncState(Struct, frozen=True, kw_only=True):
    """How far a calendar has been pulled; `dirty_seq > synced_seq` means that there is something to fetch."""

    sync_token: str | None = None
    fingerprint: str = ""
    """The list parameters that `sync_token` was issued for (PROTOCOL 16)."""
    staged: bool = False
    """A full sync is under way and goes on where it stopped."""
    dirty_seq: int = 0
    synced_seq: int = 0
    queued: bool = False
    watchable: bool = True
