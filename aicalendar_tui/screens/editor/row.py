"""A row of the form: a label, what is filled in, and the place beside it where the form answers."""

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input, Static

from aicalendar_tui.screens.editor.fields import TextLine
from aicalendar_tui.screens.sheet import MUTED


class FieldRow(Horizontal):
    """Answers in a calm colour, or refuses in a loud one until what it refused is changed."""

    def __init__(self, label: str, *fields: Widget, name: str, classes: str = "") -> None:
        """The first of `fields` gets the focus when the row refuses something; `name` is part of the ids."""
        super().__init__(id=f"row-{name}", classes=f"row {classes}")
        self.field_name = name
        self.error = ""
        self._label = label
        self._fields = fields
        self._wrong: Widget | None = None
        self._refused = ""

    def compose(self) -> ComposeResult:
        yield Static(self._label, classes="label", markup=False)
        yield from self._fields
        yield Static(id=f"note-{self.field_name}", classes="note", markup=False)

    def say(self, text: Content | str) -> None:
        """The answer; '' takes it away."""
        self._show(text if isinstance(text, Content) else Content.styled(text, MUTED))

    def refuse(self, message: str, field: Widget | None = None) -> None:
        """What is wrong, and with which of the row's fields."""
        self._wrong = field or (self._fields[0] if self._fields else None)
        self._refused = self._wrong.value if isinstance(self._wrong, TextLine) else ""
        self.error = message
        self._show(Content.styled(message, "$text-error"))
        self.add_class("-wrong")

    def accept(self) -> None:
        """Nothing is wrong any more."""
        if self.error:
            self.error = ""
            self.say("")
        self.remove_class("-wrong")

    def repeats_refused(self, line: TextLine) -> bool:
        """Whether the line says again what was refused: news of typing that the error has answered already."""
        return bool(self.error) and line is self._wrong and line.value == self._refused

    def focus_wrong(self) -> None:
        """Where one has to mend something."""
        if self._wrong is not None:
            self._wrong.focus()
            self._wrong.scroll_visible()

    def _show(self, text: Content) -> None:
        note = self.query_one(f"#note-{self.field_name}", Static)
        note.display = bool(text.plain)
        if str(note.content) != text.plain or getattr(note.content, "spans", None) != text.spans:
            note.update(text)
            # A layout that is under way may have measured the old text: measure again once it is over.
            note.call_after_refresh(note.refresh, layout=True)


def row_of(widget: Widget) -> FieldRow | None:
    """The row that the widget stands in."""
    return next((parent for parent in widget.ancestors if isinstance(parent, FieldRow)), None)


def typed_line(event: Input.Changed) -> TextLine | None:
    """The line that something new was typed into, its row at peace again; None for old news."""
    line, row = event.input, row_of(event.input)
    if not isinstance(line, TextLine) or row is None or row.repeats_refused(line):
        return None
    row.accept()
    return line
