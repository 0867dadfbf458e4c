"""This one, this and the following, or all: asked when an edit is about an event of a series."""

from collections.abc import Awaitable, Callable, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.screen import ModalScreen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from aicalendar_tui.backend.domain.draft import Scope
from aicalendar_tui.backend.domain.errors import CalendarError
from aicalendar_tui.i18n import N_, _, ngettext
from aicalendar_tui.screens.text import clean
from aicalendar_tui.screens.wording import error_text

CHOICES: dict[Scope, str] = {
    "this": N_("Only this one"),
    "following": N_("This and the following"),
    "all": N_("All of them"),
}
MOST_LOSSES = 4
"""Named one by one; the rest are counted."""


class ScopeScreen(ModalScreen[Scope | None]):
    """Dismisses with the answer, or with None. An answer that loses something has to be given twice."""

    CSS_PATH = "scope.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,й", "cancel", show=False),
        Binding("j,о", "step(1)", show=False),
        Binding("k,л", "step(-1)", show=False),
        Binding("1", "choose(0)", show=False),
        Binding("2", "choose(1)", show=False),
        Binding("3", "choose(2)", show=False),
    ]

    class LossesRead(Message):
        """What that answer would lose, or why it is not possible at all."""

        def __init__(self, scope: Scope, losses: list[str], problem: str = "") -> None:
            super().__init__()
            self.scope: Scope = scope
            self.losses = losses
            self.problem = problem

    def __init__(
        self,
        *,
        losses: Callable[[Scope], Awaitable[list[str]]] | None = None,
        only: Sequence[Scope] = tuple(CHOICES),
        deleting: bool = False,
    ) -> None:
        """`losses` tells what an answer would lose (None: nothing ever); `only` are the answers that make sense."""
        super().__init__()
        self._losses = losses
        self._scopes = tuple(only)
        self._deleting = deleting
        self._warned_of: Scope | None = None

    def compose(self) -> ComposeResult:
        """A question, a line for each answer, and what would be lost."""
        texts = [_(CHOICES[scope]) for scope in self._scopes]
        question = _("This event repeats. Delete …") if self._deleting else _("This event repeats. Change …")
        if len(texts) == 1:
            question = _("Only a whole series can move. Move …")
        with Vertical(id="sheet"):
            yield Static(question, id="question", markup=False)
            yield OptionList(*(Option(f"{n}  {text}") for n, text in enumerate(texts, 1)), markup=False)
            yield Static(id="losses", markup=False)
            yield Static(_("Enter choose   Esc cancel"), id="hint", markup=False)

    def on_mount(self) -> None:
        """Nothing is lost so far."""
        self.query_one("#losses").display = False

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Enter or a click."""
        self.action_choose(event.option_index)

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """The warning was about another answer."""
        if self._warned_of is not None and self._scopes[event.option_index] != self._warned_of:
            self._warned_of = None
            self.query_one("#losses").display = False

    def action_choose(self, index: int) -> None:
        """A digit, or Enter: done at once where nothing can be lost, or when it was said what will be."""
        if index >= len(self._scopes):
            return
        scope = self._scopes[index]
        self.query_one(OptionList).highlighted = index
        if self._losses is None or scope in ("this", self._warned_of):
            self.dismiss(scope)
        else:
            self.run_worker(self._read_losses(self._losses, scope), group="losses", exclusive=True)

    async def _read_losses(self, losses: Callable[[Scope], Awaitable[list[str]]], scope: Scope) -> None:
        try:
            self.post_message(self.LossesRead(scope, await losses(scope)))
        except CalendarError as error:
            self.post_message(self.LossesRead(scope, [], error_text(error)))

    def on_scope_screen_losses_read(self, message: LossesRead) -> None:
        """Goes on when nothing is lost; else names it, and waits for the answer to be given again."""
        if message.problem:
            self._warn(message.problem)
        elif not message.losses:
            self.dismiss(message.scope)
        else:
            self._warned_of = message.scope
            self._warn(_say_losses(message.losses))

    def _warn(self, text: str) -> None:
        line = self.query_one("#losses", Static)
        line.update(Content.styled(text, "$text-warning"))
        line.display = True

    def action_step(self, step: int) -> None:
        """Up and down as everywhere."""
        options = self.query_one(OptionList)
        if step > 0:
            options.action_cursor_down()
        else:
            options.action_cursor_up()

    def action_cancel(self) -> None:
        """Nothing changes."""
        self.dismiss(None)


def _say_losses(losses: list[str]) -> str:
    """The first few by name, a line each, and what to press."""
    lines = [_("Changes made to these are lost:"), *(f"· {clean(text)}" for text in losses[:MOST_LOSSES])]
    if more := len(losses) - MOST_LOSSES if len(losses) > MOST_LOSSES else 0:
        lines.append(ngettext("and {number} more", "and {number} more", more).format(number=more))
    return "\n".join([*lines, _("Enter once more does it")])
