"""What a terminal that is too small shows in place of everything else."""

from aicalendar_tui.i18n import _
from aicalendar_tui.screens.canvas import Canvas, style_of
from aicalendar_tui.screens.painted import Painted
from aicalendar_tui.screens.text import cut

SMALLEST = (40, 12)
"""Columns and rows below which no view makes sense."""


class TooSmall(Painted):
    """One clear line."""

    def paint(self, canvas: Canvas) -> None:
        """In the middle, cut if even that is too long."""
        columns, rows = SMALLEST
        text = cut(_("Too small: {columns}×{rows} needed").format(columns=columns, rows=rows), canvas.width)
        palette = self.palette
        x, y = max(0, (canvas.width - len(text)) // 2), canvas.height // 2
        canvas.write(x, y, text, style_of(palette.text, palette.ground))
