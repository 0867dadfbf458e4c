"""Both sides of a conflict next to each other, in columns of a given width. Pure."""

from msgspec import Struct
from textual.content import Content

from aicalendar_tui.backend.domain.conflict import Choice, Conflict, ConflictUnit
from aicalendar_tui.i18n import _
from aicalendar_tui.screens.conflicts.wording import name_unit, say_value
from aicalendar_tui.screens.sheet import MUTED
from aicalendar_tui.screens.text import fit, wrap

LABEL_CELLS = 13
GAP_CELLS = 2
MOST_LINES = 4
"""Of one value; what is longer is cut."""
LEAST_CELLS = 8
"""Of a column, however narrow the terminal is."""
_MARKS = {True: "● ", False: "○ "}


class Sides(Struct, frozen=True, kw_only=True):
    """How a conflict is laid out: the cells of the whole row, and the zone whose times need no name."""

    width: int
    zone: str

    @property
    def column(self) -> int:
        """Cells of each of both sides."""
        return max(LEAST_CELLS, (self.width - LABEL_CELLS - GAP_CELLS) // 2)

    def heading(self, *, marked: bool) -> Content:
        """Whose column is whose; with room for the marks where the units are chosen one by one."""
        indent = "  " if marked else ""
        mine, theirs = (fit(indent + text, self.column) for text in (_("my edit"), _("at Google")))
        return Content.styled(" " * LABEL_CELLS + mine + " " * GAP_CELLS + theirs, MUTED)

    def row(self, conflict: Conflict, unit: ConflictUnit, chosen: Choice | None) -> Content:
        """One unit: its name, mine and theirs; the chosen side is marked, None marks neither."""
        mark_cells = 2 if chosen else 0
        room = self.column - mark_cells
        mine, theirs = (
            wrap(say_value(unit.unit, text, zone=self.zone), room, MOST_LINES) or [""]
            for text in (unit.mine, unit.theirs)
        )
        label = wrap(name_unit(conflict, unit.unit), LABEL_CELLS - 1, MOST_LINES)
        parts: list[str | tuple[str, str]] = []
        for number in range(max(len(mine), len(theirs), len(label))):
            parts.append((fit(_line(label, number), LABEL_CELLS), MUTED))
            for side, lines in (("mine", mine), ("theirs", theirs)):
                kept = chosen in (None, side)
                mark = (_MARKS[kept] if number == 0 else "  ") if chosen else ""
                parts.append((mark, "$text-accent" if kept else MUTED))
                parts.append((fit(_line(lines, number), room), "bold" if chosen == side else "" if kept else MUTED))
                parts.append(" " * GAP_CELLS if side == "mine" else "\n")
        return Content.assemble(*parts[:-1])


def _line(lines: list[str], number: int) -> str:
    return lines[number] if number < len(lines) else ""
