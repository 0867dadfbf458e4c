"""A notification arrives: note that the calendar is dirty and make sure that a pull is on its way."""

from dataclasses import dataclass
from typing import Literal

from msgspec.structs import replace

from aicalendar_tui.backend.domain.channel import Notification, token_matches
from aicalendar_tui.backend.domain.errors import Transient
from aicalendar_tui.backend.ports import Clock, Store
from aicalendar_tui.backend.services.ledger import Ledger

Accepted = Literal["accepted", "retired", "unknown"]


@dataclass(frozen=True, slots=True)
class Accept:
    """The receiver's one use case."""

    store: Store
    ledger: Ledger
    clock: Clock

    def __call__(self, notification: Notification) -> Accepted:
        """`unknown` and `retired` change nothing. Raises Transient when no task could be enqueued (answer 503).

        No notification is dropped for its message number: it may be the only trace of a change (PROTOCOL 3).
        """
        with self.store.read() as unit:
            channel = unit.channel(notification.channel_id)
        if channel is None or not token_matches(channel, notification.token):
            return "unknown"
        if channel.state == "dead":
            return "retired"
        user_id, calendar_id = channel.user_id, channel.calendar_id
        with self.store.write() as unit:
            unit.touch_channel(channel.channel_id, last_message_at=self.clock.epoch())
            if not channel.resource_id and notification.resource_id:
                # Should the answer of the watch call be lost, the channel can be stopped all the same.
                stored = unit.channel(channel.channel_id) or channel
                unit.put_channel(replace(stored, resource_id=stored.resource_id or notification.resource_id))
            must_enqueue = unit.mark_dirty(user_id, calendar_id)
            calendar = unit.calendar(user_id, calendar_id)
        if must_enqueue:
            try:
                subject = calendar.summary if calendar else ""
                self.ledger.request("calendar.pull", user_id, calendar_id=calendar_id, subject=subject)
            except Transient:
                with self.store.write() as unit:
                    unit.clear_queued(user_id, calendar_id)
                raise
        return "accepted"
