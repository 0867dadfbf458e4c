"""This one, this and the following, or all: asked when an edit is about an event of a series."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from aicalendar_tui.backend.domain.draft import Scope
from aicalendar_tui.i18n import N_, _

CHOICES: tuple[tuple[Scope, str], ...] = (
    ("this", N_("Only this one")),
    ("following", N_("This and the following")),
    ("all", N_("All of them")),
)


class ScopeScreen(ModalScreen[Scope | None]):
    """Dismisses with the answer, or with None."""

    CSS_PATH = "scope.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,й", "cancel", show=False),
        Binding("j,о", "step(1)", show=False),
        Binding("k,л", "step(-1)", show=False),
        Binding("1", "choose(0)", show=False),
        Binding("2", "choose(1)", show=False),
        Binding("3", "choose(2)", show=False),
    ]

    def compose(self) -> ComposeResult:
        """A question and three lines."""
        with Vertical(id="sheet"):
            yield Static(_("This event repeats. Change …"), id="question", markup=False)
            yield OptionList(*(Option(f"{n}  {_(text)}") for n, (_scope, text) in enumerate(CHOICES, 1)))
            yield Static(_("Enter choose   Esc cancel"), id="hint", markup=False)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Enter or a click."""
        self.dismiss(CHOICES[event.option_index][0])

    def action_choose(self, index: int) -> None:
        """A digit."""
        self.dismiss(CHOICES[index][0])

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
