"""What open screens are told: identity only, the reader reads again."""

from msgspec import Struct

from aicalendar_tui.backend.domain.times import Span


class CalendarChanged(Struct, frozen=True, kw_only=True, tag=True):
    """Something in that calendar is shown differently from revision `revision` on, within `span` (None: anywhere)."""

    user_id: str
    calendar_id: str
    revision: int
    span: Span | None = None


class TasksChanged(Struct, frozen=True, kw_only=True, tag=True):
    """The ledger of tasks has news."""

    user_id: str
    task_id: str = ""


class ConnectionChanged(Struct, frozen=True, kw_only=True, tag=True):
    """Channels, reachability or the sign-in changed: the state line reads again."""

    user_id: str


News = CalendarChanged | TasksChanged | ConnectionChanged
