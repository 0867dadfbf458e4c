"""A grid in which the mouse drags: an event to another place, its end, or a range of free time."""

from textual import events
from textual.message import Message

from aicalendar_tui.backend.domain.event import EventKey
from aicalendar_tui.screens.calendar.scene import Slot
from aicalendar_tui.screens.painted import Painted

Place = tuple[Slot, EventKey | None]


class Dragged(Message):
    """With its button down, the mouse came from `start` to `slot`; `key` is the event it took hold of, if any."""

    def __init__(self, start: Slot, slot: Slot, key: EventKey | None, *, resize: bool) -> None:
        super().__init__()
        self.start = start
        self.slot = slot
        self.key = key
        self.resize = resize

    def can_replace(self, message: Message) -> bool:
        """Of many moves that wait, only the last one matters."""
        return isinstance(message, Dragged)


class DragEnded(Message):
    """The button was let go after a drag."""


class DraggedGrid(Painted):
    """Subclasses say what is where; a press that moves to another slot is a drag, any other one a click."""

    _pressed: tuple[Slot, EventKey | None, bool] | None = None
    _slot: Slot | None = None
    _dragging = False

    def place_at(self, x: int, y: int) -> Place | None:
        """What is there; None for nothing that can be pointed at."""
        raise NotImplementedError

    def is_end(self, x: int, y: int) -> bool:
        """Whether the last row of an event is there, by which its end is taken."""
        del x, y
        return False

    def slot_for(self, x: int, y: int) -> Slot | None:
        """Where a drag is, seen from there."""
        place = self.place_at(x, y)
        return place[0] if place else None

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """It may become a drag."""
        self._dragging = False
        place = self.place_at(event.x, event.y) if event.button == 1 else None
        self._pressed = (*place, self.is_end(event.x, event.y)) if place else None
        self._slot = place[0] if place else None

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """It is one as soon as another slot is reached."""
        if self._pressed is None:
            return
        if event.button != 1:  # let go outside of the terminal
            self._end_drag()
            return
        slot = self.slot_for(event.x, event.y)
        if slot is None or slot == self._slot:
            return
        if not self._dragging:
            self._dragging = True
            self.capture_mouse()
        self._slot = slot
        start, key, resize = self._pressed
        self.post_message(Dragged(start, slot, key, resize=resize))

    def on_mouse_up(self) -> None:
        """Where it is now, it stays."""
        self._end_drag()

    def _end_drag(self) -> None:
        self._pressed = None
        if self._dragging:
            self.release_mouse()
            self.post_message(DragEnded())

    @property
    def drags(self) -> bool:
        """Whether the button is down in a drag."""
        return self._dragging and self._pressed is not None

    def was_drag(self) -> bool:
        """Whether the click at hand is only the end of a drag."""
        dragged, self._dragging = self._dragging, False
        return dragged
