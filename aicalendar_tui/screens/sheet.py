"""The sheet that every dialog is drawn on: at the bottom of the screen, with an accent bar instead of a frame."""

from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen, ScreenResultType
from textual.widget import Widget
from textual.widgets import Static

MUTED = "$foreground 68%"
"""For labels, hints and what matters less, inside a text (in .tcss it is $text-muted); still easy to read."""
FAINT = "$foreground 40%"
"""For what is only there to be looked past: the rest of a progress line, arrows that are not in use."""


class Sheet(ModalScreen[ScreenResultType]):
    """A heading, a body that scrolls when the terminal is low, and a line of key hints.

    Subclasses give `compose_body`, and put `SHEET_CSS` before their own file in CSS_PATH.
    """

    SHEET_CSS: ClassVar[str] = "../sheet.tcss"
    ROWS_AROUND_BODY: ClassVar[int] = 7
    """Rows that are not the body's: margin, padding, heading, hints and the gaps between."""

    def compose(self) -> ComposeResult:
        with Vertical(id="sheet"):
            with Horizontal(id="heading"):
                yield Static(id="title", markup=False)
                yield Static(id="aside", markup=False)
            with VerticalScroll(id="body", can_focus=False):
                yield from self.compose_body()
            yield Static(id="hints", markup=False)

    def compose_body(self) -> ComposeResult:
        """What stands between the heading and the hints."""
        raise NotImplementedError

    @property
    def body(self) -> Widget:
        """The part that scrolls."""
        return self.query_one("#body")

    def show_title(self, title: Content | str, aside: Content | str = "") -> None:
        """The heading, and what stands at the right of it."""
        self.show_text("#title", title)
        self.show_text("#aside", aside)

    def show_text(self, selector: str, text: Content | str) -> None:
        """Puts `text` into a Static; one that says so already is not painted again."""
        static = self.query_one(selector, Static)
        shown = static.content
        if not isinstance(shown, type(text)) or str(shown) != str(text) or _spans(shown) != _spans(text):
            static.update(text)
            # A layout that is under way may have measured the old text: measure again once it is over.
            static.call_after_refresh(static.refresh, layout=True)

    def show_hints(self, *hints: tuple[str, str], remark: str = "") -> None:
        """Key hints as (key, what it does), after a remark that wants attention."""
        parts: list[str | tuple[str, str]] = [(f"{remark}   ", "$text-warning")] if remark else []
        for key, label in hints:
            parts += [(key, "bold $text-accent"), f" {label}   "]
        self.show_text("#hints", Content.assemble(*parts))

    def on_resize(self, event: events.Resize) -> None:
        """Leaves the body what the rest of the sheet does not take."""
        self.body.styles.max_height = max(1, event.size.height - self.ROWS_AROUND_BODY)


def _spans(text: object) -> object:
    return text.spans if isinstance(text, Content) else None
