"""A week or a month as one still picture, drawn by the very grids of the screen: for a pipe, a page or a file.

No terminal is asked for anything and no app runs: a scene, a size and a palette make rows of styled text.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from html import escape
from typing import Literal

from msgspec import Struct
from rich.color import ColorSystem
from rich.style import Style
from textual.geometry import Size
from textual.strip import Strip

from aicalendar_tui.screens.calendar.header import period_names
from aicalendar_tui.screens.calendar.month_grid import MonthGrid
from aicalendar_tui.screens.calendar.scene import Scene
from aicalendar_tui.screens.calendar.time_grid import Arranged, TimeGrid
from aicalendar_tui.screens.canvas import Canvas, style_of
from aicalendar_tui.screens.theme import Palette, own_palettes

Colors = Literal["none", "256", "all"]

CELL_WIDTH, CELL_HEIGHT, FONT_SIZE, BASELINE = 8.4, 18, 14, 13.5
FONTS = "'JetBrains Mono', 'Fira Code', 'DejaVu Sans Mono', Menlo, Consolas, monospace"
AREAS = {
    "▌": (0, 0, 0.5, 1),
    "▎": (0, 0, 0.25, 1),
    "▖": (0, 0.5, 0.5, 0.5),
    "█": (0, 0, 1, 1),
    "▀": (0, 0, 1, 0.5),
    "│": (0.45, 0, 0.1, 1),
}
"""Letters that are drawn as areas (x, y, width, height in cells), so that they touch as in a terminal."""


class Picture(Struct, frozen=True):
    """Rows of equal width, under a title of their own."""

    title: str
    rows: tuple[Strip, ...]
    palette: Palette

    @property
    def width(self) -> int:
        """In cells."""
        return self.rows[0].cell_length if self.rows else 0


def draw_picture(scene: Scene, *, width: int, height: int, dark: bool = True) -> Picture:
    """What the screen shows of the scene's `week` or `month`, without its cursor, in `width` × `height` cells."""
    palette = next(palette for palette in own_palettes() if palette.dark == dark)
    grid = _grid_class(scene)(scene)
    grid.still_size, grid.still_palette = Size(width, height), palette
    canvas = Canvas(width, height, style_of(palette.text, palette.ground))
    grid.paint(canvas)
    title = (" " if scene.view == "month" else " · ").join(filter(None, period_names(scene)))
    return Picture(title, tuple(canvas.strips()), palette)


class _Still:
    """What a grid asks its app for, answered without one."""

    still_size = Size(0, 0)
    still_palette: Palette

    @property
    def size(self) -> Size:
        return self.still_size

    @property
    def palette(self) -> Palette:
        return self.still_palette


class _StillWeek(_Still, TimeGrid):
    """The days of a week, with no place pointed at."""

    def _draw_cursor(
        self, canvas: Canvas, scene: Scene, arranged: Arranged, top: int, first: int, palette: Palette
    ) -> None:
        return


class _StillMonth(_Still, MonthGrid):
    """The weeks of a month, with no day pointed at."""

    def _ground(self, day: date, scene: Scene, palette: Palette) -> str:
        return palette.today if day == scene.now.date() else palette.ground


def _grid_class(scene: Scene) -> type[_StillWeek] | type[_StillMonth]:
    return _StillMonth if scene.view == "month" else _StillWeek


def text_rows(picture: Picture, colors: Colors) -> Iterator[str]:
    """Each row as a terminal takes it; without colours as bare text."""
    system = {"none": None, "256": ColorSystem.EIGHT_BIT, "all": ColorSystem.TRUECOLOR}[colors]
    for row in picture.rows:
        if system is None:
            yield row.text.rstrip()
        else:
            yield "".join(_colored(segment.text, segment.style, system) for segment in row)


def _colored(text: str, style: Style | None, system: ColorSystem) -> str:
    """Not `Style.render`: a style keeps the codes of the first system that it was asked for."""
    if style is None:
        return text
    codes = [code for code, on in (("1", style.bold), ("3", style.italic), ("4", style.underline)) if on]
    codes += ["9"] if style.strike else []
    for color, is_ink in ((style.color, True), (style.bgcolor, False)):
        codes += color.downgrade(system).get_ansi_codes(foreground=is_ink) if color else []
    return f"\x1b[{';'.join(codes)}m{text}\x1b[0m" if codes else text


def svg(picture: Picture) -> str:
    """The picture as an SVG document with its title above; foreign text is escaped."""
    palette = picture.palette
    width, height = picture.width * CELL_WIDTH, (len(picture.rows) + 2) * CELL_HEIGHT
    shapes = [_text(2, 0.5, len(picture.title), picture.title, palette.text, ' font-weight="bold"')]
    for y, row in enumerate(picture.rows, 2):
        shapes += _draw_row(row, y, palette)
    body = "\n".join(shapes)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" font-family="{FONTS}" '
        f'font-size="{FONT_SIZE}" xml:space="preserve">\n<title>{escape(picture.title)}</title>\n'
        f'<rect width="{width:g}" height="{height:g}" rx="8" fill="{palette.ground}"/>\n{body}\n</svg>\n'
    )


def _draw_row(row: Strip, y: int, palette: Palette) -> Sequence[str]:
    areas: list[str] = []
    texts: list[str] = []
    x = 0
    for segment in row:
        style, cells = segment.style, segment.cell_length
        ground = style.bgcolor.name if style and style.bgcolor else palette.ground
        ink = style.color.name if style and style.color else palette.text
        if ground != palette.ground:
            # A hair taller than the row: viewers would show the ground through the seams.
            areas.append(_area(x, y, cells, 1.02, ground))
        text = ""
        for number, letter in enumerate(segment.text):
            if letter in AREAS:
                left, top, wide, high = AREAS[letter]
                texts.append(_area(x + number + left, y + top, wide, high * 1.02, ink))
            text += " " if letter in AREAS else letter
        marks = ' font-weight="bold"' if style and style.bold else ""
        if style and (style.strike or style.underline):
            marks += f' text-decoration="{"line-through" if style.strike else "underline"}"'
        if text.strip():
            texts.append(_text(x, y, cells, text, ink, marks))
        x += cells
    return [*areas, *texts]


def _area(x: float, y: float, width: float, height: float, color: str) -> str:
    return (
        f'<rect x="{x * CELL_WIDTH:.1f}" y="{y * CELL_HEIGHT:g}" width="{width * CELL_WIDTH:.1f}" '
        f'height="{height * CELL_HEIGHT:g}" fill="{color}"/>'
    )


def _text(x: float, y: float, cells: int, text: str, color: str, marks: str) -> str:
    # Without the spaces at the ends, and stretched to its cells, whichever font the viewer has.
    start = len(text) - len(text.lstrip())
    length = (cells - start - (len(text) - len(text.rstrip()))) * CELL_WIDTH
    return (
        f'<text x="{(x + start) * CELL_WIDTH:.1f}" y="{y * CELL_HEIGHT + BASELINE:g}" textLength="{length:.1f}" '
        f'fill="{color}"{marks}>{escape(text.strip())}</text>'
    )
