"""Takes the README's pictures: runs the demo in a terminal of its own, and writes the screen as SVG (`make picture`).

The clock is set, so that the pictures change only when the program does.
"""

import os
import pty
import re
import select
import signal
import struct
import sys
import tempfile
import time
from fcntl import ioctl
from itertools import groupby
from pathlib import Path
from termios import TIOCSWINSZ
from typing import NamedTuple
from xml.sax.saxutils import escape

import pyte

FOLDER = Path(__file__).parent
NOW = "2026-11-25T12:41"
ZONE = "Europe/Prague"
COLUMNS, ROWS = 140, 45
TIMEOUT_SECONDS = 60
SETTLED_SECONDS = 1.5
"""How long the screen must stay as it is."""

CELL_WIDTH, CELL_HEIGHT, FONT_SIZE, BASELINE = 8.4, 18, 14, 13.5
FONTS = "'JetBrains Mono', 'Fira Code', 'DejaVu Sans Mono', Menlo, Consolas, monospace"
BLOCKS = {
    "▌": (0, 0, 0.5, 1),
    "▎": (0, 0, 0.25, 1),
    "▖": (0, 0.5, 0.5, 0.5),
    "█": (0, 0, 1, 1),
    "▀": (0, 0, 1, 0.5),
    "│": (0.45, 0, 0.1, 1),
}
"""Letters that are drawn as areas (x, y, width, height in cells), so that they touch as in a terminal."""
UNKNOWN_TO_PYTE = re.compile(
    rb"\x1b\[[<>=][0-9;]*[a-zA-Z]|\x1b\[\?[0-9;]*\$p|\x1bP[^\x1b]*\x1b\\|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)"
)


class Picture(NamedTuple):
    """One picture to take: which file, under which environment, and when the screen is ready for it."""

    name: str
    environ: dict[str, str]
    until: str


PICTURES = (
    Picture("week", {"AICALENDAR_THEME": "dark", "AICALENDAR_LANGUAGE": "en"}, r"● live"),
    Picture("week-light", {"AICALENDAR_THEME": "light", "AICALENDAR_LANGUAGE": "en"}, r"● live"),
    Picture("week-ru", {"AICALENDAR_THEME": "dark", "AICALENDAR_LANGUAGE": "ru"}, r"● вживую"),
)


class Style(NamedTuple):
    """How a cell is drawn."""

    ink: str
    ground: str
    bold: bool
    struck: bool
    underlined: bool


def record(picture: Picture) -> pyte.Screen:
    """A fresh demo's screen once it shows `picture.until` and has come to rest. Raises TimeoutError."""
    screen = pyte.Screen(COLUMNS, ROWS)
    stream = pyte.ByteStream(screen)
    with tempfile.TemporaryDirectory() as home:
        # In the child only exec follows: a thread or a lock of ours would not survive the fork.
        process, terminal = pty.fork()
        if process == 0:
            os.environ.update(
                picture.environ,
                AICALENDAR_HOME=home,
                AICALENDAR_ZONE=ZONE,
                TZ=ZONE,
                TERM="xterm-256color",
                COLORTERM="truecolor",
                LANG="C.UTF-8",
            )
            os.execv(
                sys.executable,
                [sys.executable, "-m", "aicalendar_tui", "demo", "--quiet", "--port", "0", "--now", NOW],
            )
        ioctl(terminal, TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        try:
            _watch(terminal, screen, stream, picture.until)
        finally:
            os.kill(process, signal.SIGTERM)
            os.waitpid(process, 0)
            time.sleep(3)  # the services write to the folder until they have ended
    return screen


def _watch(terminal: int, screen: pyte.Screen, stream: pyte.ByteStream, until: str) -> None:
    deadline = time.monotonic() + TIMEOUT_SECONDS
    while time.monotonic() < deadline:
        ready = select.select([terminal], [], [], SETTLED_SECONDS)[0]
        if ready:
            stream.feed(UNKNOWN_TO_PYTE.sub(b"", os.read(terminal, 1 << 16)))
        elif re.search(until, "\n".join(screen.display)):
            return
    raise TimeoutError(f"the screen never showed {until!r}:\n" + "\n".join(screen.display))


def draw(screen: pyte.Screen, *, ground: str, ink: str) -> str:
    """The screen as an SVG document; `ground` and `ink` stand for the terminal's own colours."""
    width, height = COLUMNS * CELL_WIDTH, ROWS * CELL_HEIGHT
    shapes: list[str] = []
    for y in range(ROWS):
        shapes += _draw_row(screen, y, ground=ground, ink=ink)
    body = "\n".join(shapes)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" font-family="{FONTS}" '
        f'font-size="{FONT_SIZE}" xml:space="preserve">\n'
        f'<rect width="{width:g}" height="{height:g}" rx="8" fill="{ground}"/>\n{body}\n</svg>\n'
    )


def _draw_row(screen: pyte.Screen, y: int, *, ground: str, ink: str) -> list[str]:
    cells = [screen.buffer[y][x] for x in range(COLUMNS)]
    styles = [_style_of(cell, ground=ground, ink=ink) for cell in cells]
    shapes: list[str] = []
    for color, run in groupby(range(COLUMNS), key=lambda x: styles[x].ground):
        if color != ground:
            columns = list(run)
            # A hair taller than the row: viewers would show the ground through the seams.
            shapes.append(_area(columns[0], y, len(columns), 1.02, color))
    for style, run in groupby(range(COLUMNS), key=lambda x: styles[x]):
        columns = list(run)
        text = ""
        for x in columns:
            letter = cells[x].data
            if letter in BLOCKS:
                left, top, wide, high = BLOCKS[letter]
                shapes.append(_area(x + left, y + top, wide, high * 1.02, style.ink))
                letter = " "
            text += letter
        if text.strip():
            shapes.append(_text(columns[0], y, len(columns), text, style))
    return shapes


def _style_of(cell: pyte.screens.Char, *, ground: str, ink: str) -> Style:
    front, back = _color(cell.fg, ink), _color(cell.bg, ground)
    if cell.reverse:
        front, back = back, front
    return Style(front, back, cell.bold, cell.strikethrough, cell.underscore)


def _color(name: str, default: str) -> str:
    return f"#{name}" if re.fullmatch(r"[0-9a-f]{6}", name) else default


def _area(x: float, y: float, width: float, height: float, color: str) -> str:
    return (
        f'<rect x="{x * CELL_WIDTH:.1f}" y="{y * CELL_HEIGHT:g}" width="{width * CELL_WIDTH:.1f}" '
        f'height="{height * CELL_HEIGHT:g}" fill="{color}"/>'
    )


def _text(x: int, y: int, cells: int, text: str, style: Style) -> str:
    # Without the spaces at the ends, and stretched to its cells, whichever font the viewer has.
    start = len(text) - len(text.lstrip())
    stripped = text.strip()
    length = (cells - start - (len(text) - len(text.rstrip()))) * CELL_WIDTH
    marks = ' font-weight="bold"' if style.bold else ""
    if style.struck or style.underlined:
        marks += f' text-decoration="{"line-through" if style.struck else "underline"}"'
    return (
        f'<text x="{(x + start) * CELL_WIDTH:.1f}" y="{y * CELL_HEIGHT + BASELINE:g}" textLength="{length:.1f}" '
        f'fill="{style.ink}"{marks}>{escape(stripped)}</text>'
    )


if __name__ == "__main__":
    for wanted in PICTURES:
        light = wanted.environ["AICALENDAR_THEME"] == "light"
        colors = {"ground": "#fbfaf7", "ink": "#2b2f3a"} if light else {"ground": "#11131a", "ink": "#d5d9e3"}
        target = FOLDER / f"{wanted.name}.svg"
        target.write_text(draw(record(wanted), **colors), "utf-8")
        print(target)  # noqa: T201 - what a script has done
