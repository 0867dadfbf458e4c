"""The settings of the look: the arrows change a value, and the calendar behind the sheet follows at once."""

import asyncio
from collections.abc import Callable
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.types import CSSPathType
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from aicalendar_tui.backend.domain.errors import CalendarError, InvalidEdit
from aicalendar_tui.i18n import _
from aicalendar_tui.screens.commands import bound_keys, command_of
from aicalendar_tui.screens.settings.choices import Choice, SettingsStore, all_choices, say_value
from aicalendar_tui.screens.sheet import FAINT, MUTED, Sheet
from aicalendar_tui.screens.text import clean, cut, fit

LABEL_CELLS = 32


class SettingList(OptionList):
    """A line each; left and right change the value, Enter types one."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "screen.edit", show=False),
        Binding("j,о", "cursor_down", show=False),
        Binding("k,л", "cursor_up", show=False),
        Binding("l,д,right,space", "screen.turn(1)", show=False),
        Binding("h,р,left", "screen.turn(-1)", show=False),
        Binding("0,delete,backspace", "screen.forget", show=False),
        Binding("g,п", "first", show=False),
        Binding("G,П", "last", show=False),
    ]


class SettingsScreen(Sheet[None]):
    """`apply` is called with key and text of each change, after it was kept."""

    CSS_PATH: ClassVar[CSSPathType | None] = [Sheet.SHEET_CSS, "screen.tcss"]
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(",".join(("escape", "q", "й", *bound_keys(command_of("settings")))), "close", "close"),
    ]

    class Saved(Message):
        """The value counts from now on; `problem` is why it may not at the next start."""

        def __init__(self, key: str, text: str, problem: str = "") -> None:
            super().__init__()
            self.key = key
            self.text = text
            self.problem = problem

    def __init__(self, store: SettingsStore, *, themes: tuple[str, ...], apply: Callable[[str, str], None]) -> None:
        super().__init__()
        self._store = store
        self._choices = all_choices(themes)
        self._apply = apply
        self._remark = ""
        self._told_about: str | None = None
        self._writing = asyncio.Lock()

    def compose_body(self) -> ComposeResult:
        yield SettingList(id="list", compact=True, markup=False)
        yield Input(compact=True, id="typed")
        yield Static(id="about", markup=False)

    def on_mount(self) -> None:
        """The first one is selected."""
        self.query_one("#typed").display = False
        self._show()
        self.query_one(SettingList).highlighted = 0
        self.query_one(SettingList).focus()

    def on_resize(self, event: events.Resize) -> None:
        """Fits the lines to the new width."""
        super().on_resize(event)
        self.query_one(SettingList).styles.max_height = max(3, event.size.height - self.ROWS_AROUND_BODY - 4)
        self.call_after_refresh(self._show)

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Says where the value comes from."""
        event.stop()
        if event.option_id != self._told_about:
            self._told_about, self._remark = event.option_id, ""
        self._show_about()
        self._show_hints()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """A click."""
        event.stop()
        self.action_turn(1)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """What was typed counts, if it can."""
        self._save(self.selected, event.value.strip())

    def on_settings_screen_saved(self, message: Saved) -> None:
        """Has it take effect, and shows it in the language that it is in now."""
        self._remark = message.problem
        self._leave_field()
        self._apply(message.key, message.text)
        self._show()

    @property
    def selected(self) -> Choice:
        """The setting under the cursor."""
        return self._choices[self.query_one(SettingList).highlighted or 0]

    def action_close(self) -> None:
        """Out of the field, then back to the calendar."""
        if self.query_one("#typed").display:
            self._leave_field()
        else:
            self.dismiss(None)

    def action_turn(self, step: int) -> None:
        """The next value, or the one before; round and round."""
        choice = self.selected
        if not choice.values:
            self.action_edit()
            return
        text = self._store.text(choice.key)
        place = choice.values.index(text) + step if text in choice.values else 0
        self._save(choice, choice.values[place % len(choice.values)])

    def action_edit(self) -> None:
        """A field for what has no list of values."""
        choice = self.selected
        if choice.values:
            self.action_turn(1)
            return
        field = self.query_one("#typed", Input)
        field.placeholder = choice.example
        field.value = self._store.text(choice.key)
        field.display = True
        field.focus()
        self._show_hints()

    def action_forget(self) -> None:
        """As it is when nobody sets it."""
        self._save(self.selected, "")

    def _leave_field(self) -> None:
        self.query_one("#typed").display = False
        self.query_one(SettingList).focus()
        self._show_hints()

    def _save(self, choice: Choice, text: str) -> None:
        """Counts at once; the file is written in a thread, in the order of the keys."""
        locked = self._store.locked_by(choice.key)
        if locked:
            self._remark = _("{place} decides it").format(place=clean(locked))
            self._show_hints()
            return
        try:
            self._store.choose(choice.key, text)
        except InvalidEdit as error:
            self._remark = _("it must be {right}").format(right=_(str(error)))
            self._show_hints()
            return
        self.run_worker(self._keep(choice.key, self._store.text(choice.key)), group="keep")

    async def _keep(self, key: str, text: str) -> None:
        problem = ""
        async with self._writing:
            try:
                await asyncio.to_thread(self._store.keep, key)
            except CalendarError as error:
                problem = clean(str(error))
        self.post_message(self.Saved(key, text, problem))

    def _show(self) -> None:
        self.show_title(_("Settings"), "" if self._store.keeps else _("for this run; the demo keeps nothing"))
        listing = self.query_one(SettingList)
        width = listing.scrollable_content_region.width or self.body.scrollable_content_region.width
        before = listing.highlighted
        listing.set_options(Option(self._line(choice, width), id=choice.key) for choice in self._choices)
        listing.highlighted = before
        self._show_about()
        self._show_hints()

    def _line(self, choice: Choice, width: int) -> Content:
        """`Clock                 ‹ 24 hours, 15:00 ›`, exactly `width` cells."""
        said = clean(say_value(choice.key, self._store.text(choice.key)))
        locked = bool(self._store.locked_by(choice.key))
        label_cells = min(LABEL_CELLS, max(12, width // 2 - 4))
        before, after = ("‹ ", " ›") if choice.values and not locked else ("  ", "")
        room = max(4, width - label_cells - 4)
        return Content.assemble(
            (fit(_(choice.label), label_cells), ""),
            (before, FAINT),
            (cut(said, room), MUTED if locked else "$text-accent"),
            (after, FAINT),
        )

    def _show_about(self) -> None:
        choice = self.selected
        locked = self._store.locked_by(choice.key)
        if locked:
            text = Content.styled(_("set by {place}").format(place=clean(locked)), MUTED)
        else:
            default = say_value(choice.key, self._store.default(choice.key)) or choice.example
            text = Content.styled(_("without a choice: {value}").format(value=clean(default)), MUTED)
            if self._store.keeps:
                text = text + Content.styled(
                    "\n" + _("kept in {place}").format(place=clean(self._store.place)), MUTED
                )
        self.show_text("#about", text)

    def _show_hints(self) -> None:
        if self.query_one("#typed").display:
            hints = [("Enter", _("keep")), ("Esc", _("back"))]
        elif self.selected.values:
            hints = [("← →", _("change")), ("0", _("default")), ("Esc", _("close"))]
        else:
            hints = [("Enter", _("type it")), ("0", _("default")), ("Esc", _("close"))]
        self.show_hints(*hints, remark=cut(self._remark, 70))
