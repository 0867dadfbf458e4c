"""The form's own widgets: lines of text, of a time, of guests, of weekdays, and a line to choose on."""

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

from aicalendar_tui.screens.dates import two_letters
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


_LATIN, _CYRILLIC = "qwertyuiop[]asdfghjkl;'zxcvbnm,.", "йцукенгшщзхъфывапролджэячсмитьбю"


def latin_letter(letter: str) -> str:
    """What stands on the same key of a Latin keyboard; the letter itself when it is no Cyrillic one."""
    place = _CYRILLIC.find(letter)
    return _LATIN[place] if place >= 0 else letter


class TextLine(Input):
    """An Input that drops what could disturb the terminal, typed, pasted or loaded."""

    def __init__(
        self,
        value: str = "",
        *,
        name: str,
        suggester: Suggester | None = None,
        placeholder: str = "",
        disabled: bool = False,
    ) -> None:
        super().__init__(
            editable(value),
            suggester=suggester,
            placeholder=placeholder,
            id=name,
            compact=True,
            select_on_focus=False,
            disabled=disabled,
        )

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


class GuestsLine(TextLine):
    """Up and Down go through the people that are offered; taking one is the form's affair."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "point(1)", show=False),
        Binding("up", "point(-1)", show=False),
    ]

    class Pointed(Message):
        """An arrow key was pressed among the people."""

        def __init__(self, steps: int) -> None:
            super().__init__()
            self.steps = steps

    def action_point(self, steps: int) -> None:
        """The form knows who is offered."""
        self.post_message(self.Pointed(steps))


class WeekdayLine(Widget, can_focus=True):
    """The days of the week on one line: arrows go along, Space and 1 to 7 choose. One at least stays chosen."""

    ALLOW_SELECT = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "move(-1)", show=False),
        Binding("right", "move(1)", show=False),
        Binding("space", "choose_day", show=False),
        *(Binding(str(n), f"choose_day({n - 1})", show=False) for n in range(1, 8)),
    ]
    STRIDE: ClassVar[int] = 4
    """Cells from one day to the next."""

    class Changed(Message):
        """Other days were chosen."""

        def __init__(self, line: "WeekdayLine") -> None:
            super().__init__()
            self.line = line

    def __init__(self, days: frozenset[int], *, name: str) -> None:
        super().__init__(id=name)
        self.days = days
        self._cursor = min(days, default=0)

    def choose(self, days: frozenset[int]) -> None:
        """Without telling anyone."""
        self.days = days
        self.refresh()

    def render(self) -> RenderResult:
        """Chosen days stand out; the cursor shows while it can be moved."""
        parts: list[tuple[str, str]] = []
        for day in range(7):
            style = "bold $text-accent" if day in self.days else MUTED
            if self.has_focus and day == self._cursor:
                style += " reverse"
            parts += [(f" {two_letters(day)} "[: self.STRIDE].ljust(self.STRIDE), style)]
        return Content.assemble(*parts)

    def action_move(self, steps: int) -> None:
        """Round and round."""
        self._cursor = (self._cursor + steps) % 7
        self.refresh()

    def action_choose_day(self, day: int | None = None) -> None:
        """That day, or the one under the cursor."""
        self._cursor = self._cursor if day is None else day
        days = self.days ^ {self._cursor}
        if days:
            self.days = days
            self.post_message(self.Changed(self))
        self.refresh()

    def on_click(self, event: events.Click) -> None:
        """The day that was clicked."""
        if (day := (event.x - self.gutter.left) // self.STRIDE) in range(7):
            self.action_choose_day(day)


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
        """A letter jumps to the next value that begins with it, or with the Latin letter at its place."""
        if not event.is_printable or not event.character or event.character == " ":
            return
        event.stop()
        typed = event.character.lower()
        for letter in (typed, latin_letter(typed)):
            if (position := self._find(letter)) is not None:
                self._go_to(position)
                return

    def _find(self, letter: str) -> int | None:
        count = len(self._options)
        for steps in range(1, count + 1):
            position = (self._position + steps) % count
            if str(self._options[position][1]).lstrip("■ ").lower().startswith(letter):
                return position
        return None

    def _go_to(self, position: int) -> None:
        if position != self._position and not self._fixed:
            self._position = position
            self.refresh()
            self.post_message(self.Changed(self))
