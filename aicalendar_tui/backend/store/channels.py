"""The ledger of notification channels: each one opened stays until it is known dead."""

from collections.abc import Collection

import msgspec

from aicalendar_tui.backend.domain.channel import Channel, ChannelState
from aicalendar_tui.backend.store.schema import ChannelRow
from aicalendar_tui.backend.store.statements import Statements


class ChannelTable(Statements):
    """`channel`."""

    def channel(self, channel_id: str) -> Channel | None:
        """In any state, dead ones too."""
        rows = list(ChannelRow.select().where(ChannelRow.channel_id == channel_id).dicts().execute(self._db))
        return Channel(**rows[0]) if rows else None

    def channels(
        self, user_id: str | None = None, *, calendar_id: str | None = None, states: Collection[ChannelState] = ()
    ) -> list[Channel]:
        """The newest first."""
        query = ChannelRow.select().order_by(ChannelRow.created_at.desc(), ChannelRow.channel_id)
        if user_id is not None:
            query = query.where(ChannelRow.user_id == user_id)
        if calendar_id is not None:
            query = query.where(ChannelRow.calendar_id == calendar_id)
        if states:
            query = query.where(ChannelRow.state.in_(list(states)))
        return [Channel(**row) for row in query.dicts().execute(self._db)]

    def put_channel(self, channel: Channel) -> None:
        """Insert or update."""
        fields = msgspec.structs.asdict(channel)
        ChannelRow.insert(**fields).on_conflict(
            conflict_target=[ChannelRow.channel_id],
            update={name: value for name, value in fields.items() if name != "channel_id"},
        ).execute(self._db)

    def touch_channel(self, channel_id: str, *, last_message_at: int) -> None:
        """When its last notification came; nothing else of the row changes."""
        ChannelRow.update(last_message_at=last_message_at).where(ChannelRow.channel_id == channel_id).execute(
            self._db
        )

    def forget_channels(self, user_id: str, before: int) -> None:
        """Dead ones only: any other may still have to be stopped."""
        is_old = (ChannelRow.state == "dead") & (ChannelRow.created_at < before)
        ChannelRow.delete().where((ChannelRow.user_id == user_id) & is_old).execute(self._db)
