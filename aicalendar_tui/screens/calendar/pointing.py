"""What a view reports when the user points at something in it."""

from textual.message import Message

from aicalendar_tui.backend.domain.event import EventKey
from aicalendar_tui.screens.calendar.scene import Slot


class PlacePointed(Message):
    """The user pointed at a place, or at the event there.

    `create` says that they want a new one, `open` that they want to see the event, or without one the day.
    """

    def __init__(self, slot: Slot, key: EventKey | None, *, create: bool = False, open: bool = False) -> None:
        super().__init__()
        self.slot = slot
        self.key = key
        self.create = create
        self.open = open


class EdgeReached(Message):
    """A list that has no end was scrolled near the end of what it has: `forward` says which end."""

    def __init__(self, *, forward: bool) -> None:
        super().__init__()
        self.forward = forward


class MonthTurned(Message):
    """Another month is wanted: `months` is 1 or -1."""

    def __init__(self, months: int) -> None:
        super().__init__()
        self.months = months


class YearTurned(Message):
    """Another year is wanted: `years` is 1 or -1."""

    def __init__(self, years: int) -> None:
        super().__init__()
        self.years = years
