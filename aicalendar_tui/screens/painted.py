"""A widget that draws itself on a canvas and repaints only the lines that came out differently."""

from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from aicalendar_tui.screens.canvas import Canvas, style_of
from aicalendar_tui.screens.theme import Palette, palette_of


class Painted(Widget, inherit_css=True):
    """Subclasses draw in `paint`; whoever changes what is drawn calls `repaint`."""

    ALLOW_SELECT = False
    on_panel = False
    """Whether the empty cells have the panel's colour instead of the ground's."""

    _lines: list[Strip] | None = None

    @property
    def palette(self) -> Palette:
        """The colours of the theme in use."""
        return palette_of(self.app)

    def paint(self, canvas: Canvas) -> None:
        """Draw everything."""
        raise NotImplementedError

    def repaint(self) -> None:
        """Draw again; lines that stay the same are not sent to the terminal."""
        if not self.is_mounted or not self.display or not self.size:
            self._lines = None
            return
        before, after = self._lines, self._draw()
        self._lines = after
        if before is None or len(before) != len(after):
            self.refresh()
            return
        width = self.size.width
        changed = [y for y, (old, new) in enumerate(zip(before, after, strict=True)) if old != new]
        if changed:
            self.refresh(*[Region(0, y, width, 1) for y in changed])

    def _draw(self) -> list[Strip]:
        palette = self.palette
        ground = palette.panel if self.on_panel else palette.ground
        canvas = Canvas(self.size.width, self.size.height, style_of(palette.text, ground))
        self.paint(canvas)
        return canvas.strips()

    def render_line(self, y: int) -> Strip:
        """One line, drawn with all others when it is first asked for."""
        lines = self._lines
        if lines is None or len(lines) != self.size.height or (lines and lines[0].cell_length != self.size.width):
            lines = self._lines = self._draw()
        return lines[y] if y < len(lines) else Strip.blank(self.size.width)

    def notify_style_update(self) -> None:
        """A change of theme draws everything again."""
        self._lines = None
        super().notify_style_update()
