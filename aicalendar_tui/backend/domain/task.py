"""A background task as the task panel and the API show it."""

from typing import Literal

from msgspec import Struct

TaskState = Literal["queued", "running", "retrying", "done", "failed"]


class Task(Struct, frozen=True, kw_only=True):
    """A row of the ledger; an id that is not in it is unknown, not pending. Times are epoch seconds."""

    task_id: str
    user_id: str
    name: str
    """Celery's name: `calendar.pull`, `calendar.push`, `calendar.watch`, …"""
    calendar_id: str | None = None
    subject: str = ""
    """What it is about, in the user's words: a calendar's name or an event's title."""
    state: TaskState = "queued"
    done: int = 0
    total: int | None = None
    """Progress as a count of events or changes; `total` is None while it is unknown."""
    result: str = ""
    error: str = ""
    retries: int = 0
    retry_at: int | None = None
    """When it is done again: after a fault (`retrying`), or when a burst may have ended (`queued`)."""
    queued_at: int = 0
    started_at: int | None = None
    finished_at: int | None = None

    @property
    def is_open(self) -> bool:
        """Whether it is still to do or being done."""
        return self.state in ("queued", "running", "retrying")
