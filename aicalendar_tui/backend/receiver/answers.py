"""What the local API answers, as values; `description.py` makes OpenAPI schemas of the same types."""

from collections.abc import Iterable
from typing import Literal

from msgspec import Struct

from aicalendar_tui.backend.domain.calendar import Calendar
from aicalendar_tui.backend.domain.channel import Channel, ChannelState
from aicalendar_tui.backend.domain.task import Task


class Accepted(Struct, frozen=True, kw_only=True):
    """A notification was taken."""

    status: Literal["accepted"] = "accepted"


class TaskLink(Struct, frozen=True, kw_only=True):
    """A task that was handed to the workers, and where to ask for its state."""

    task_id: str
    status_url: str


class Requested(Struct, frozen=True, kw_only=True):
    """Work that was asked for; it goes on in the background."""

    user_id: str
    task_ids: list[str]
    tasks: list[TaskLink]


class Subscribed(Struct, frozen=True, kw_only=True):
    """Live updates were asked for; `calendars` are those that it is about."""

    user_id: str
    task_ids: list[str]
    tasks: list[TaskLink]
    calendars: list[Calendar]


class Unsubscribed(Struct, frozen=True, kw_only=True):
    """The channel will be stopped at Google by that task."""

    channel_id: str
    task_id: str | None
    status_url: str | None


class ChannelStatus(Struct, frozen=True, kw_only=True):
    """A notification channel; times in epoch seconds, `expiration_ms` in milliseconds."""

    channel_id: str
    calendar_id: str
    state: ChannelState
    address: str
    created_at: int
    expiration_ms: int | None
    last_message_at: int | None


class TunnelStatus(Struct, frozen=True, kw_only=True):
    """Where Google reaches us; no address means that calendars are polled, and `problem` may say why."""

    address: str | None
    problem: str = ""


class Counts(Struct, frozen=True, kw_only=True):
    """What waits and what is wrong: edits not at Google yet, edits to settle, tasks to do."""

    waiting: int
    conflicts: int
    rejected: int
    open_tasks: int


class Status(Struct, frozen=True, kw_only=True):
    """The state of a user's live updates."""

    user_id: str
    tunnel: TunnelStatus
    channels: list[ChannelStatus]
    calendars: list[Calendar]
    counts: Counts


class Tasks(Struct, frozen=True, kw_only=True):
    """Open tasks first, then the newest."""

    user_id: str
    tasks: list[Task]


class Retried(Struct, frozen=True, kw_only=True):
    """The task that does the failed one's work again."""

    task_id: str
    status_url: str


def link_to_task(task_id: str) -> TaskLink:
    """The address is relative to the API's own."""
    return TaskLink(task_id=task_id, status_url=f"/webhook/task-status/{task_id}")


def describe_channels(channels: Iterable[Channel]) -> list[ChannelStatus]:
    """All but what is secret."""
    return [
        ChannelStatus(
            channel_id=channel.channel_id,
            calendar_id=channel.calendar_id,
            state=channel.state,
            address=channel.address,
            created_at=channel.created_at,
            expiration_ms=channel.expiration_ms,
            last_message_at=channel.last_message_at,
        )
        for channel in channels
    ]
