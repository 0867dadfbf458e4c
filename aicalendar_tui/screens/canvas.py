"""A sheet of terminal cells to draw on, turned into strips that Textual shows.

Everything is drawn cell by cell: text that comes from others can't be read as markup here, and a wide character
that is half covered by something else gives way as a whole.
"""

from functools import lru_cache
from itertools import groupby

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from aicalendar_tui.screens.text import split_cells


@lru_cache(maxsize=4096)
def style_of(
    color: str, ground: str, bold: bool = False, strike: bool = False, underline: bool = False, italic: bool = False
) -> Style:
    """One shared object for each look, so that neighbouring cells can be compared by identity."""
    return Style(
        color=color,
        bgcolor=ground,
        bold=bold or None,
        strike=strike or None,
        underline=underline or None,
        italic=italic or None,
    )


class Canvas:
    """`height` rows of `width` cells; everything outside is clipped."""

    def __init__(self, width: int, height: int, style: Style) -> None:
        self.width = width
        self.height = height
        self._characters = [[" "] * width for _ in range(height)]
        self._styles = [[style] * width for _ in range(height)]

    def fill(self, x: int, y: int, width: int, height: int, style: Style) -> None:
        """An empty rectangle in `style`."""
        left, right = max(0, x), min(self.width, x + width)
        if left >= right:
            return
        for row in range(max(0, y), min(self.height, y + height)):
            self._clear_halves(row, left, right)
            self._characters[row][left:right] = [" "] * (right - left)
            self._styles[row][left:right] = [style] * (right - left)

    def write(self, x: int, y: int, text: str, style: Style, *, width: int | None = None) -> int:
        """Cleaned text from (x, y) to the right, at most `width` cells; returns the x after it."""
        end = self.width if width is None else min(self.width, x + width)
        if not 0 <= y < self.height or x >= end:
            return x
        characters, styles = self._characters[y], self._styles[y]
        if text.isascii():
            if x < 0:
                text, x = text[-x:], 0
            text = text[: end - x]
            stop = x + len(text)
            self._clear_halves(y, x, stop)
            characters[x:stop] = text
            styles[x:stop] = [style] * len(text)
            return stop
        for place, size in split_cells(text):
            if x + size > end:
                break
            if x >= 0:
                self._clear_halves(y, x, x + size)
                characters[x] = place
                styles[x] = style
                if size == 2:
                    characters[x + 1] = ""
                    styles[x + 1] = style
            x += size
        return x

    def is_empty(self, x: int, y: int, width: int) -> bool:
        """Whether nothing is written in that stretch."""
        return 0 <= y < self.height and all(cell == " " for cell in self._characters[y][max(0, x) : x + width])

    def draw_over(self, x: int, y: int, width: int, character: str, color: str) -> None:
        """`character` in the empty cells of a stretch, on whatever ground they have; not between two words."""
        if not 0 <= y < self.height:
            return
        characters, styles = self._characters[y], self._styles[y]
        left, right = max(0, x), min(self.width, x + width)
        empty = [characters[column] == " " for column in range(left, right)]
        for number, column in enumerate(range(left, right)):
            if empty[number] and (
                width == 1 or any(empty[max(0, number - 1) : number] + empty[number + 1 : number + 2])
            ):
                ground = styles[column].bgcolor
                characters[column] = character
                styles[column] = style_of(color, ground.name if ground else "default")

    def _clear_halves(self, y: int, left: int, right: int) -> None:
        """Blank the other half of wide characters that `[left, right)` cuts through."""
        characters = self._characters[y]
        if 0 < left < self.width and characters[left] == "":
            characters[left - 1] = characters[left] = " "
        if right < self.width and characters[right] == "":
            characters[right] = " "

    def strips(self) -> list[Strip]:
        """The rows as Textual draws them."""
        strips: list[Strip] = []
        for characters, styles in zip(self._characters, self._styles, strict=True):
            segments: list[Segment] = []
            start = 0
            for _, run in groupby(styles, key=id):
                end = start + sum(1 for _ in run)
                segments.append(Segment("".join(characters[start:end]), styles[start]))
                start = end
            strips.append(Strip(segments, self.width))
        return strips
