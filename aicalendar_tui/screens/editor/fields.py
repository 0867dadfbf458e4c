"""The form's own widgets: a line to choose on, a line for a time, and a line of text that takes no odd characters."""

import unicodedata
from collections.abc import Sequence
from typing import ClassVar, Generic, TypeVar

from textual import events
from textual.app import RenderResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.suggester import Suggester
from textual.widget import Widget
from textual.widgets import Input

from aicalendar_tui.screens.sheet import FAINT, MUTED

Value = TypeVar("Value")


def editable(text: str, *, lines: bool = False) -> str:
    """`text` without what a terminal would act on: controls, direction marks, halves of characters.

    Unlike `text.clean` it keeps length and spaces, since what is shown in a field is also what is saved.
    """
    kept = "\n\t" if lines else ""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not lines:
        text = text.replace("\n", " ").replace("\t", " ")
    return "".join(c for c in text if c in kept or unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Zl", "Zp"))


class TextLine(Input):
    """An Input that drops what could disturb the terminal, typed, pasted or loaded."""

    def __init__(self, value: str = "", *, name: str, suggester: Suggester | None = None) -> None:
        super().__init__(editable(value), suggester=suggester, id=name, compact=True, select_on_focus=False)

    def validate_value(self, value: str) -> str:
        """Called by the reactive before the value is taken."""
        return editable(value)


class TimeLine(TextLine):
    """Up and Down ask for a step later or earlier; with Shift, for a day."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "step(1)", show=False),
        Binding("down", "step(-1)", show=False),
        Binding("shift+up", "step(1, True)", show=False),
        Binding("shift+down", "step(-1, True)", show=False),
    ]

    class Stepped(Message):
        """An arrow key was pressed on a time."""

        def __init__(self, line: "TimeLine", steps: int, days: bool) -> None:
            super().__init__()
            self.line = line
            self.steps = steps
            self.days = days

    class Left(Message):
        """The focus left the line: what was typed is meant."""

        def __init__(self, line: "TimeLine") -> None:
            super().__init__()
            self.line = line

    def action_step(self, steps: int, days: bool = False) -> None:
        """The form knows what a step is."""
        self.post_message(self.Stepped(self, steps, days))

    def on_blur(self, event: events.Blur) -> None:
        """Says that typing is over."""
        self.post_message(self.Left(self))


class Choice(Widget, Generic[Value], can_focus=True):
    """One of a few values on one line: `‹ busy ›`. Arrows, Space and clicks move on, a letter jumps."""

    ALLOW_SELECT = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left,up", "move(-1)", show=False),
        Binding("right,down,space", "move(1)", show=False),
    ]

    class Changed(Message):
        """Another value was chosen."""

        def __init__(self, choice: "Choice") -> None:
            super().__init__()
            self.choice = choice

        @property
        def control(self) -> "Choice":
            """The line that was changed."""
            return self.choice

    def __init__(
        self, options: Sequence[tuple[Value, Content | str]], value: Value, *, name: str, fixed: bool = False
    ) -> None:
        """`fixed` shows the value without letting it be changed."""
        super().__init__(id=name)
        self._options = list(options)
        self._position = next((n for n, (option, _label) in enumerate(self._options) if option == value), 0)
        self._fixed = fixed
        self.can_focus = not fixed

    @property
    def value(self) -> Value:
        """What is chosen."""
        return self._options[self._position][0]

    def set_options(self, options: Sequence[tuple[Value, Content | str]]) -> None:
        """Other labels for the same values, in the same order."""
        self._options = list(options)
        self._position = min(self._position, len(self._options) - 1)
        self.refresh()

    def choose(self, value: Value) -> None:
        """Without telling anyone."""
        self._position = next(n for n, (option, _label) in enumerate(self._options) if option == value)
        self.refresh()

    def render(self) -> RenderResult:
        """The value; between its arrows while it can be changed from here."""
        label = self._options[self._position][1]
        if self._fixed:
            return Content.styled(label, MUTED) if isinstance(label, str) else label
        arrow = "$text-accent" if self.has_focus else FAINT
        return Content.assemble(("‹ ", arrow), label, (" ›", arrow))

    def action_move(self, steps: int) -> None:
        """Round and round."""
        self._go_to((self._position + steps) % len(self._options))

    def on_click(self, event: events.Click) -> None:
        """The left arrow goes back, anything else on."""
        if not self._fixed:
            self.action_move(-1 if event.x < 2 else 1)

    def on_key(self, event: events.Key) -> None:
        """A letter jumps to the next value that begins with it."""
        if not event.is_printable or not event.character or event.character == " ":
            return
        event.stop()
        count = len(self._options)
        for steps in range(1, count + 1):
            position = (self._position + steps) % count
            label = str(self._options[position][1]).lstrip("■ ").lower()
            if label.startswith(event.character.lower()):
                self._go_to(position)
                return

    def _go_to(self, position: int) -> None:
        if position != self._position and not self._fixed:
            self._position = position
            self.refresh()
            self.post_message(self.Changed(self))
