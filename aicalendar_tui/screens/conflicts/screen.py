"""What waits for the user's decision: listed, told from both sides, and settled as a whole or field by field."""

from collections.abc import Mapping
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.types import CSSPathType
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from aicalendar_tui.backend.domain.conflict import Choice, Conflict, ConflictUnit
from aicalendar_tui.backend.domain.errors import CalendarError
from aicalendar_tui.backend.domain.event import EventKey
from aicalendar_tui.i18n import _
from aicalendar_tui.screens.commands import bound_keys, command_of
from aicalendar_tui.screens.conflicts.sides import Sides
from aicalendar_tui.screens.conflicts.wording import (
    MARKS,
    STYLES,
    count_open,
    explain,
    name_choices,
    say_kind,
    title_of,
)
from aicalendar_tui.screens.gateway import Gateway
from aicalendar_tui.screens.messages import NewsArrived
from aicalendar_tui.screens.sheet import MUTED, Sheet
from aicalendar_tui.screens.text import cut, fit, width_of
from aicalendar_tui.screens.wording import error_text


class ConflictList(OptionList):
    """The conflicts, one line each; Enter and `l` go on to the units of the selected one."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,l,д,right", "screen.enter_units", show=False),
        Binding("j,о", "cursor_down", show=False),
        Binding("k,л", "cursor_up", show=False),
    ]


class UnitList(OptionList):
    """What both sides changed, a row each; Space and Enter go from mine to theirs and back."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,space", "screen.switch", show=False),
        Binding("h,р,left", "screen.leave_units", show=False),
        Binding("j,о", "cursor_down", show=False),
        Binding("k,л", "cursor_up", show=False),
    ]


class ConflictsScreen(Sheet[None]):
    """Reads again on any news; a choice that was made stays until what it was made about changes."""

    CSS_PATH: ClassVar[CSSPathType | None] = [Sheet.SHEET_CSS, "screen.tcss"]
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(",".join(("escape", "q", "й", *bound_keys(command_of("conflicts")))), "close", "close"),
        Binding("m,ь", "settle('mine')", show=False),
        Binding("t,е", "settle('theirs')", show=False),
        Binding("a,ф", "apply", show=False),
    ]

    class ConflictsRead(Message):
        """What waits now, or why it could not be read or settled; `settled` was settled just before."""

        def __init__(
            self, conflicts: list[Conflict] | None, problem: str = "", settled: Conflict | None = None
        ) -> None:
            super().__init__()
            self.conflicts = conflicts
            self.problem = problem
            self.settled = settled

    def __init__(self, gateway: Gateway, *, first: EventKey | None = None) -> None:
        """`first` is the event whose conflict is selected to begin with, if it has one."""
        super().__init__()
        self._gateway = gateway
        self._first = first
        self._conflicts: list[Conflict] | None = None
        self._chosen: dict[tuple[int, ConflictUnit], Choice] = {}
        self._settling: int | None = None
        self._problem = ""

    def compose_body(self) -> ComposeResult:
        yield ConflictList(id="list", compact=True, markup=False)
        yield Static(id="nothing", markup=False)
        yield Static(id="reason", markup=False)
        yield Static(id="columns", markup=False)
        yield UnitList(id="units", compact=True, markup=False)

    def on_mount(self) -> None:
        """Reads for the first time."""
        self.show_title(_("To be settled"))
        self.show_text("#nothing", _("Reading…"))
        for name in ("#list", "#reason", "#columns", "#units"):
            self.query_one(name).display = False
        self._show_hints()
        self._read()

    def on_resize(self, event: events.Resize) -> None:
        """Fits the columns to the new width."""
        super().on_resize(event)
        self.query_one(ConflictList).styles.max_height = max(3, event.size.height // 3)
        self.call_after_refresh(self._show)

    def on_news_arrived(self, message: NewsArrived) -> None:
        """Any edit that comes or goes may be one of these."""
        del message
        self._read()

    def on_conflicts_screen_conflicts_read(self, message: ConflictsRead) -> None:
        """Shows what was read; after a failure what was there before, and why it may be old."""
        self._settling = None
        self._problem = message.problem
        if message.conflicts is not None:
            self._conflicts = message.conflicts
            known = {(conflict.change_id, unit) for conflict in message.conflicts for unit in conflict.units}
            self._chosen = {place: choice for place, choice in self._chosen.items() if place in known}
        if message.settled is not None:
            text = _("{title}: settled").format(title=cut(title_of(message.settled), 60))
            self.app.notify(text, markup=False, timeout=4)
        self._show()

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Tells both sides of the conflict that was moved to."""
        event.stop()
        if isinstance(event.option_list, ConflictList):
            self._show_selected()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """A click: on a unit it is a choice, on a conflict it has moved the cursor already."""
        event.stop()
        if isinstance(event.option_list, UnitList):
            self.action_switch()

    def on_descendant_focus(self) -> None:
        """The keys mean other things in the other list."""
        self._show_hints()

    @property
    def selected(self) -> Conflict | None:
        """The conflict under the cursor."""
        position = self.query_one(ConflictList).highlighted
        found = self._conflicts or []
        return found[position] if position is not None and position < len(found) else None

    def choice_of(self, conflict: Conflict, unit: ConflictUnit) -> Choice:
        """Mine until the user says otherwise."""
        return self._chosen.get((conflict.change_id, unit), "mine")

    # -- what the keys do --------------------------------------------------------------------------------------

    def action_close(self) -> None:
        """Back to the calendar."""
        self.dismiss(None)

    def action_enter_units(self) -> None:
        """To the rows that can be chosen one by one, where there are any."""
        conflict = self.selected
        if conflict is not None and _by_unit(conflict):
            self.query_one(UnitList).focus()

    def action_leave_units(self) -> None:
        """Back to the conflicts."""
        self.query_one(ConflictList).focus()

    def action_switch(self) -> None:
        """The other side, for the unit under the cursor."""
        conflict, position = self.selected, self.query_one(UnitList).highlighted
        if conflict is None or position is None or not _by_unit(conflict):
            return
        unit = conflict.units[position]
        other: Choice = "theirs" if self.choice_of(conflict, unit) == "mine" else "mine"
        self._chosen[conflict.change_id, unit] = other
        self._show_units(conflict)

    def action_settle(self, choice: Choice) -> None:
        """The whole conflict, for one side."""
        if self.selected is not None:
            self._begin(self.selected, choice)

    def action_apply(self) -> None:
        """Each unit for the side that is marked."""
        conflict = self.selected
        if conflict is not None and _by_unit(conflict):
            self._begin(conflict, {unit.unit: self.choice_of(conflict, unit) for unit in conflict.units})

    def _begin(self, conflict: Conflict, choice: Choice | Mapping[str, Choice]) -> None:
        """One at a time: a key that is held down does not settle the next one unseen."""
        if self._settling is None:
            self._settling = conflict.change_id
            self.run_worker(self._settle_conflict(conflict, choice), group="settle")

    async def _settle_conflict(self, conflict: Conflict, choice: Choice | Mapping[str, Choice]) -> None:
        problem, settled = "", None
        try:
            await self._gateway.settle(conflict.change_id, choice)
            settled = conflict
        except CalendarError as error:
            problem = error_text(error)
        try:
            self.post_message(self.ConflictsRead(await self._gateway.conflicts(), problem, settled))
        except CalendarError as error:
            self.post_message(self.ConflictsRead(None, error_text(error), settled))

    # -- reading and showing -----------------------------------------------------------------------------------

    def _read(self) -> None:
        if self._settling is None:  # which reads again itself
            self.run_worker(self._read_conflicts, group="read", exclusive=True)

    async def _read_conflicts(self) -> None:
        try:
            self.post_message(self.ConflictsRead(await self._gateway.conflicts()))
        except CalendarError as error:
            self.post_message(self.ConflictsRead(None, problem=error_text(error)))

    def _show(self) -> None:
        if self._conflicts is not None:
            self._show_list(self._conflicts)
            self._show_selected()
        self._show_hints()

    def _show_list(self, conflicts: list[Conflict]) -> None:
        listing = self.query_one(ConflictList)
        listing.display = bool(conflicts)
        self.query_one("#nothing").display = not conflicts
        self.show_text("#nothing", _("Nothing to settle: your edits and Google agree."))
        self.show_text("#aside", count_open(conflicts) if conflicts else "")
        width = listing.scrollable_content_region.width or self.body.scrollable_content_region.width
        lines = [_line(conflict, width) for conflict in conflicts]
        ids = [str(conflict.change_id) for conflict in conflicts]
        if ids == [option.id for option in listing.options]:
            for position, line in enumerate(lines):
                if listing.get_option_at_index(position).prompt != line:
                    listing.replace_option_prompt_at_index(position, line)
            return
        before, position = listing.highlighted_option, listing.highlighted or 0
        if before is not None and before.id in ids:
            position = ids.index(before.id)
        elif before is None and self._first is not None:
            position = next((n for n, conflict in enumerate(conflicts) if conflict.key == self._first), 0)
        listing.set_options(Option(line, id=change_id) for line, change_id in zip(lines, ids, strict=True))
        listing.highlighted = min(position, len(ids) - 1) if ids else None
        if before is None or before.id not in ids:
            listing.focus()

    def _show_selected(self) -> None:
        conflict = self.selected
        self.query_one("#reason").display = conflict is not None
        shown = conflict is not None and bool(conflict.units)
        for name in ("#columns", "#units"):
            self.query_one(name).display = shown
        if conflict is not None:
            self.show_text("#reason", Content.styled(explain(conflict), STYLES[conflict.kind]))
            self._show_units(conflict)
        self._show_hints()

    def _show_units(self, conflict: Conflict) -> None:
        listing = self.query_one(UnitList)
        listing.can_focus = _by_unit(conflict)
        width = listing.scrollable_content_region.width or self.body.scrollable_content_region.width
        sides = Sides(width=width, zone=self._gateway.zone)
        self.show_text("#columns", sides.heading(marked=_by_unit(conflict)))
        rows = [
            sides.row(conflict, unit, self.choice_of(conflict, unit) if _by_unit(conflict) else None)
            for unit in conflict.units
        ]
        position = listing.highlighted or 0
        listing.set_options(Option(row) for row in rows)
        listing.highlighted = min(position, len(rows) - 1) if rows and listing.can_focus else None

    def _show_hints(self) -> None:
        conflict = self.selected if self.is_mounted else None
        hints: list[tuple[str, str]] = []
        if conflict is not None:
            mine, theirs = name_choices(conflict)
            hints += [("m", mine), ("t", theirs)]
            if _by_unit(conflict) and self.query_one(UnitList).has_focus:
                hints += [("Space", _("switch")), ("a", _("apply"))]
            elif _by_unit(conflict):
                hints += [("Enter", _("field by field"))]
        remark = cut(self._problem, 60)
        self.show_hints(*hints, ("Esc", _("close")), remark=remark)


def _by_unit(conflict: Conflict) -> bool:
    """Only where both sides are there to choose from."""
    return conflict.kind == "both_changed" and bool(conflict.units)


def _line(conflict: Conflict, width: int) -> Content:
    """`! Design review                    both sides changed it`, exactly `width` cells."""
    said = say_kind(conflict)
    room = max(0, width - 4 - width_of(said))
    style = STYLES[conflict.kind]
    return Content.assemble((MARKS[conflict.kind] + " ", style), fit(title_of(conflict), room), "  ", (said, MUTED))
