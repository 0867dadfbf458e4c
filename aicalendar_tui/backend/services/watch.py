"""Live updates: channels are opened, renewed and stopped so that the user's wish comes true (PROTOCOL 9–15)."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from msgspec.structs import replace

from aicalendar_tui.backend.domain.channel import Channel, hash_token, renewal_is_due
from aicalendar_tui.backend.domain.errors import (
    AddressRefused,
    ChannelIdNotUnique,
    NotFound,
    NotWatchable,
    Rejected,
)
from aicalendar_tui.backend.domain.news import CalendarChanged, ConnectionChanged
from aicalendar_tui.backend.ports import AgendaCache, ChangePublisher, Clock, RemoteCalendar, Remotes, Store
from aicalendar_tui.backend.services.ledger import Ledger
from aicalendar_tui.backend.services.trouble import ADDRESS_REFUSED

WEBHOOK_PATH = "/webhook/google-calendar"
TTL_SECONDS = 7 * 86_400
MOST_IDS = 3
"""How many channel ids are tried when Google says that one is taken."""


@dataclass(frozen=True, slots=True)
class Watch:
    """Opens and stops channels, and stores the wish for them."""

    store: Store
    remotes: Remotes
    cache: AgendaCache
    publisher: ChangePublisher
    ledger: Ledger
    clock: Clock
    new_id: Callable[[], str]
    """A fresh UUID as text."""
    new_token: Callable[[], str]
    """A fresh token of 256 random bits as text."""

    def set_live(self, user_id: str, calendar_id: str | None, wanted: bool) -> list[str]:
        """Stores the wish (None: for all shown calendars) and requests its fulfilment; returns the task ids.

        Raises NotFound for an unknown user or calendar, Transient when no task can be enqueued (the wish stays
        stored, and the backstop fulfils it).
        """
        with self.store.write() as unit:
            if unit.account(user_id) is None:
                raise NotFound(f"there is no user {user_id!r}", code=404, reason="notFound")
            calendars = [
                calendar
                for calendar in unit.calendars(user_id)
                if (calendar.shown if calendar_id is None else calendar.calendar_id == calendar_id)
            ]
            if calendar_id is not None and not calendars:
                raise NotFound(f"there is no calendar {calendar_id!r}", code=404, reason="notFound")
            for calendar in calendars:
                unit.set_live_wanted(user_id, calendar.calendar_id, wanted)
            unit.bump_revision(user_id)
        self._announce(user_id, "")
        name = "calendar.watch" if wanted else "calendar.unwatch"
        return [
            self.ledger.request(name, user_id, calendar_id=calendar.calendar_id, subject=calendar.summary)
            for calendar in calendars
        ]

    def unsubscribe(self, channel_id: str) -> str | None:
        """Requests the end of one channel and drops the wish for its calendar; None: no such channel."""
        with self.store.write() as unit:
            channel = unit.channel(channel_id)
            if channel is None or channel.state == "dead":
                return None
            unit.set_live_wanted(channel.user_id, channel.calendar_id, False)
            calendar = unit.calendar(channel.user_id, channel.calendar_id)
            unit.bump_revision(channel.user_id)
        self._announce(channel.user_id, channel.calendar_id)
        return self.ledger.request(
            "calendar.unwatch",
            channel.user_id,
            calendar_id=channel.calendar_id,
            subject=calendar.summary if calendar else "",
        )

    def publish_address(self, address: str) -> bool:
        """Stores where the receiver can be reached from now on ('': nowhere); returns whether that is news.

        Channels of the former address are opened anew by the backstop (PROTOCOL 14).
        """
        with self.store.read() as unit:
            if unit.public_address() == address:
                return False
        with self.store.write() as unit:
            unit.set_public_address(address)
        return True

    def start(self, user_id: str, calendar_id: str) -> bool:
        """Opens a channel unless one will do, requests a pull, then stops the older ones; returns whether it is live.

        Without a public address, or for a calendar that can't be watched, it is polled: that is no error.
        """
        with self.store.read() as unit:
            calendar = unit.calendar(user_id, calendar_id)
            address = unit.public_address()
            watchable = unit.sync_state(user_id, calendar_id).watchable
            active = [
                channel
                for channel in unit.channels(user_id, calendar_id=calendar_id, states=("active",))
                if channel.address == address and not renewal_is_due(channel, self.clock.epoch())
            ]
        if calendar is None or not calendar.live_wanted or not watchable or not address:
            return False
        if active:
            return True
        remote = self.remotes(user_id)
        try:
            channel = self._open(remote, user_id, calendar_id, address)
        except NotWatchable:
            with self.store.write() as unit:
                unit.set_watchable(user_id, calendar_id, False)
                unit.bump_revision(user_id)
            self._announce(user_id, calendar_id)
            return False
        with self.store.write() as unit:
            must_enqueue = unit.mark_dirty(user_id, calendar_id)
            unit.bump_revision(user_id)
        self._announce(user_id, calendar_id)
        if must_enqueue:
            self.ledger.request("calendar.pull", user_id, calendar_id=calendar_id, subject=calendar.summary)
        self._stop_all(remote, user_id, calendar_id, but=channel.channel_id)
        return True

    def stop(self, user_id: str, calendar_id: str) -> int:
        """Ends the calendar's channels unless they are wanted again; returns how many."""
        with self.store.read() as unit:
            calendar = unit.calendar(user_id, calendar_id)
        if calendar is not None and calendar.live_wanted:
            return 0
        stopped = self._stop_all(self.remotes(user_id), user_id, calendar_id)
        with self.store.write() as unit:
            unit.bump_revision(user_id)
        self._announce(user_id, calendar_id)
        return stopped

    def _open(self, remote: RemoteCalendar, user_id: str, calendar_id: str, address: str) -> Channel:
        """The row is written before the call: `sync` may arrive before its answer (PROTOCOL 2)."""
        for attempt in range(1, MOST_IDS + 1):
            token = self.new_token()
            channel = Channel(
                channel_id=self.new_id(),
                user_id=user_id,
                calendar_id=calendar_id,
                token_hash=hash_token(token),
                address=address,
                created_at=self.clock.epoch(),
            )
            with self.store.write() as unit:
                unit.put_channel(channel)
            try:
                watched = remote.watch_events(
                    calendar_id,
                    channel_id=channel.channel_id,
                    token=token,
                    address=address + WEBHOOK_PATH,
                    ttl_seconds=TTL_SECONDS,
                )
            except Rejected as error:
                self._bury(channel)
                if isinstance(error, ChannelIdNotUnique) and attempt < MOST_IDS:
                    continue
                if isinstance(error, AddressRefused):
                    with self.store.write() as unit:
                        unit.set_problem(user_id, calendar_id, ADDRESS_REFUSED)
                        unit.bump_revision(user_id)
                    self._announce(user_id, calendar_id)
                raise
            opened = replace(
                channel, state="active", resource_id=watched.resource_id, expiration_ms=watched.expiration_ms
            )
            with self.store.write() as unit:
                unit.put_channel(opened)
            return opened
        raise AssertionError("unreachable: the last attempt returns or raises")

    def _stop_all(self, remote: RemoteCalendar, user_id: str, calendar_id: str, *, but: str = "") -> int:
        with self.store.write() as unit:
            channels = [
                channel
                for channel in unit.channels(
                    user_id, calendar_id=calendar_id, states=("pending", "active", "retiring")
                )
                if channel.channel_id != but
            ]
            for channel in channels:
                unit.put_channel(replace(channel, state="retiring"))
        for channel in channels:
            if channel.resource_id:
                with suppress(NotFound):  # it ended by itself
                    remote.stop_channel(channel_id=channel.channel_id, resource_id=channel.resource_id)
            self._bury(channel)
        return len(channels)

    def _bury(self, channel: Channel) -> None:
        with self.store.write() as unit:
            unit.put_channel(replace(channel, state="dead"))

    def _announce(self, user_id: str, calendar_id: str) -> None:
        self.cache.invalidate(user_id)
        with self.store.read() as unit:
            revision = unit.revision(user_id)
        self.publisher.publish(CalendarChanged(user_id=user_id, calendar_id=calendar_id, revision=revision))
        self.publisher.publish(ConnectionChanged(user_id=user_id))
