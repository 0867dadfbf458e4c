"""Live updates: channels are opened, renewed and stopped so that the user's wish comes true (PROTOCOL 9–15)."""

from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass

from msgspec.structs import replace

from aicalendar_tui.backend.domain.channel import (
    MOST_SECONDS,
    Channel,
    has_ended,
    hash_token,
    renewal_is_due,
    renewal_jitter,
)
from aicalendar_tui.backend.domain.errors import (
    AddressRefused,
    ChannelIdNotUnique,
    NotFound,
    NotWatchable,
    Rejected,
    Transient,
)
from aicalendar_tui.backend.domain.news import CalendarChanged, ConnectionChanged
from aicalendar_tui.backend.ports import (
    AgendaCache,
    ChangePublisher,
    Clock,
    Lock,
    RemoteCalendar,
    Remotes,
    Store,
)
from aicalendar_tui.backend.services.ledger import Ledger
from aicalendar_tui.backend.services.trouble import ADDRESS_REFUSED

WEBHOOK_PATH = "/webhook/google-calendar"
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
    lock: Lock
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

    def publish_address(self, address: str, problem: str = "") -> bool:
        """Stores where the receiver can be reached from now on ('': nowhere, `problem` says why).

        Returns whether the address is news.

        Channels of the former address are opened anew by the backstop (PROTOCOL 14). What was sent to an address
        while it led nowhere is lost, so that all watched calendars are looked at once more.
        """
        with self.store.read() as unit:
            known, known_problem = unit.public_address(), unit.tunnel_problem()
        if (known, known_problem) == (address, problem):
            return False
        with self.store.write() as unit:
            unit.set_public_address(address, problem)
            if known == address:
                return False
            accounts = [account.user_id for account in unit.accounts()]
            for user_id in accounts:
                for calendar in unit.calendars(user_id):
                    if calendar.live_wanted and address:
                        unit.mark_dirty(user_id, calendar.calendar_id)
                        unit.clear_queued(user_id, calendar.calendar_id)
                unit.bump_revision(user_id)
        for user_id in accounts:
            self._announce(user_id, "")
        return True

    def start(self, user_id: str, calendar_id: str) -> bool:
        """Opens a channel unless one will do, requests a pull, then stops the others; returns whether it is live.

        Without a public address, or for a calendar that can't be watched, it is polled: that is no error. Nor is a
        channel that can't be stopped now: it stays in the ledger, and the backstop comes back to it. While another
        worker is at it for this calendar, nothing is done: two would stop each other's channels.
        """
        with self.lock.hold(f"watch {user_id} {calendar_id}") as free:
            if free:
                return self._start(user_id, calendar_id)
        with self.store.read() as unit:
            calendar = unit.calendar(user_id, calendar_id)
        return calendar is not None and calendar.live == "live"

    def _start(self, user_id: str, calendar_id: str) -> bool:
        with self.store.read() as unit:
            calendar = unit.calendar(user_id, calendar_id)
            address = unit.public_address()
            watchable = unit.sync_state(user_id, calendar_id).watchable
            active = unit.channels(user_id, calendar_id=calendar_id, states=("active",))
        if calendar is None or not calendar.live_wanted or not watchable:
            return False
        if not address:
            # What is active may do again when the address comes back.
            self._sweep(user_id, calendar_id, keep=[channel.channel_id for channel in active])
            return False
        now = self.clock.epoch()
        good = [c for c in active if c.address == address and not renewal_is_due(c, now, renewal_jitter(c))]
        if good:
            newest = max(good, key=lambda channel: (channel.expiration_ms or 0, channel.created_at))
            self._sweep(user_id, calendar_id, keep=[newest.channel_id])
            return True
        try:
            channel = self._open(self.remotes(user_id), user_id, calendar_id, address)
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
        self._sweep(user_id, calendar_id, keep=[channel.channel_id])
        return True

    def stop(self, user_id: str, calendar_id: str) -> int:
        """Ends the calendar's channels unless they are wanted again; returns how many.

        0 also while another worker opens or ends them: the backstop looks again.
        """
        with self.lock.hold(f"watch {user_id} {calendar_id}") as free:
            if not free:
                return 0
            with self.store.read() as unit:
                calendar = unit.calendar(user_id, calendar_id)
                watchable = unit.sync_state(user_id, calendar_id).watchable
            if calendar is not None and calendar.live_wanted and watchable:
                return 0
            stopped = self._stop_all(user_id, calendar_id)
        with self.store.write() as unit:
            unit.bump_revision(user_id)
        self._announce(user_id, calendar_id)
        return stopped

    def leave(self) -> int:
        """Ends all channels of the present address, which will not come back; returns how many Google confirmed.

        They are `retiring` before the first request leaves: what there is no time for, the next start sweeps.
        """
        with self.store.write() as unit:
            address = unit.public_address()
            leaving = [
                channel
                for account in unit.accounts()
                for channel in unit.channels(account.user_id, states=("active",))
                if channel.address == address
            ]
            for channel in leaving:
                unit.put_channel(replace(channel, state="retiring"))
        stopped = 0
        for channel in leaving:
            try:
                self._end(self.remotes(channel.user_id), channel)
            except Transient:
                break
            stopped += 1
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
                    ttl_seconds=MOST_SECONDS,
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
            with self.store.write() as unit:
                # The first notification may have come before the answer, and the calendar may have gone.
                stored = unit.channel(channel.channel_id) or channel
                opened = replace(
                    stored,
                    state="active" if stored.state == "pending" else stored.state,
                    resource_id=watched.resource_id,
                    expiration_ms=watched.expiration_ms,
                )
                unit.put_channel(opened)
            return opened
        raise AssertionError("unreachable: the last attempt returns or raises")

    def _sweep(self, user_id: str, calendar_id: str, *, keep: Iterable[str]) -> None:
        with suppress(Transient):  # they are retiring now, and asked for again
            self._stop_all(user_id, calendar_id, keep=keep)

    def _stop_all(self, user_id: str, calendar_id: str, *, keep: Iterable[str] = ()) -> int:
        """Under the calendar's lock, so that a pending row is one whose answer was lost, not one under way."""
        kept = set(keep)
        with self.store.write() as unit:
            known = unit.channels(user_id, calendar_id=calendar_id)
            ending = [c for c in known if c.state != "dead" and c.channel_id not in kept]
            for channel in ending:
                unit.put_channel(replace(channel, state="retiring"))
        # All channels of a calendar have one resourceId (PROTOCOL 10): it ends those too whose answer was lost.
        resource_id = next((channel.resource_id for channel in known if channel.resource_id), "")
        stopped = 0
        for channel in ending:
            channel = replace(channel, resource_id=channel.resource_id or resource_id)
            if channel.resource_id:
                self._end(self.remotes(user_id), channel)
                stopped += 1
            elif has_ended(channel, self.clock.epoch()):
                self._bury(channel)
        return stopped

    def _end(self, remote: RemoteCalendar, channel: Channel) -> None:
        # NotFound: it ended by itself. Any other refusal is for good; its messages are answered and ignored.
        with suppress(Rejected):
            remote.stop_channel(channel_id=channel.channel_id, resource_id=channel.resource_id)
        self._bury(channel)

    def _bury(self, channel: Channel) -> None:
        with self.store.write() as unit:
            unit.put_channel(replace(unit.channel(channel.channel_id) or channel, state="dead"))

    def _announce(self, user_id: str, calendar_id: str) -> None:
        self.cache.invalidate(user_id)
        with self.store.read() as unit:
            revision = unit.revision(user_id)
        self.publisher.publish(CalendarChanged(user_id=user_id, calendar_id=calendar_id, revision=revision))
        self.publisher.publish(ConnectionChanged(user_id=user_id))
