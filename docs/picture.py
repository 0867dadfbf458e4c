"""Takes the pictures of README and gallery: `make picture`.

Runs the demo in a terminal of its own, presses keys, writes the screen as SVG, and docs/gallery.md around them. The
clock is set, so that the pictures change only when the program does. With names: `docs/picture.py month year`.
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
from collections.abc import Collection
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
TIMEOUT_SECONDS = 60
SETTLED_SECONDS = 1.5
"""How long the text on the screen must stay as it is."""

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


class Step(NamedTuple):
    """Keys, and what the screen shows when they have done their work."""

    keys: str
    until: str


class Picture(NamedTuple):
    """One picture to take: which file, what it shows, and how the screen gets there once the calendar is live."""

    name: str
    caption: str
    steps: tuple[Step, ...] = ()
    theme: str = "dark"
    language: str = "en"
    size: tuple[int, int] = (140, 45)


LIVE = {"en": r"● live", "ru": r"● вживую"}
README_PICTURES = (
    Picture("week", "The week"),
    Picture("week-light", "The week, in light", theme="light"),
    Picture("week-ru", "Неделя", language="ru"),
)
GALLERY = (
    Picture("month", "A month: bars across weeks, `+2 more` opens the day", (Step("m", "1 Dec"),)),
    Picture("year", "A year, by how busy each day is", (Step("Y", "busy"),)),
    Picture("agenda", "The agenda, endless in both directions", (Step("a", "tomorrow"),), theme="light"),
    Picture("details", "Details beside the event", (Step("\t", "."), Step("\r", "edit"))),
    Picture("form", "The form: everything of an event", (Step("o", "New event"), Step("Rehearsal", "Rehearsal"))),
    Picture("search", "Search while you type", (Step("/", "Search"), Step("review", "found"))),
    Picture("tasks", "What happens in the background, in plain words", (Step("T", "in the background"),)),
    Picture("insights", "Where the time goes", (Step("I", "By week"),), theme="light"),
    Picture("settings", "Settings, with immediate effect", (Step(",", "Second time zone"),)),
    Picture("help", "All keys, from the one table that binds them", (Step("?", "Cyrillic"),)),
    Picture("small", "A week in 80 × 24", size=(80, 24)),
    Picture("small-month", "A month in 80 × 24", (Step("m", "1 Dec"),), theme="light", size=(80, 24)),
)


class Style(NamedTuple):
    """How a cell is drawn."""

    ink: str
    ground: str
    bold: bool
    struck: bool
    underlined: bool


def record(picture: Picture) -> pyte.Screen:
    """A fresh demo's screen once all steps are done and it has come to rest. Raises TimeoutError."""
    columns, rows = picture.size
    screen = pyte.Screen(columns, rows)
    stream = pyte.ByteStream(screen)
    with tempfile.TemporaryDirectory() as home:
        # In the child only exec follows: a thread or a lock of ours would not survive the fork.
        process, terminal = pty.fork()
        if process == 0:
            os.environ.update(
                AICALENDAR_THEME=picture.theme,
                AICALENDAR_LANGUAGE=picture.language,
                AICALENDAR_HOME=home,
                WEBHOOK_PORT="0",
                API_PORT="0",
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
        ioctl(terminal, TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        try:
            _watch(terminal, screen, stream, LIVE[picture.language])
            for step in picture.steps:
                os.write(terminal, step.keys.encode())
                _watch(terminal, screen, stream, step.until)
        finally:
            os.kill(process, signal.SIGTERM)
            os.waitpid(process, 0)
            time.sleep(3)  # the services write to the folder until they have ended
    return screen


def _watch(terminal: int, screen: pyte.Screen, stream: pyte.ByteStream, until: str) -> None:
    deadline = time.monotonic() + TIMEOUT_SECONDS
    shown, since = list(screen.display), time.monotonic()
    begun = since
    while time.monotonic() < deadline:
        if select.select([terminal], [], [], 0.1)[0]:
            stream.feed(UNKNOWN_TO_PYTE.sub(b"", os.read(terminal, 1 << 16)))
        now = time.monotonic()
        if list(screen.display) != shown:
            shown, since = list(screen.display), now
        if not re.search(until, "\n".join(shown)):
            begun = now
        # A blinking cursor is output, but no other text; seconds that are counted never come to rest.
        elif now - since > SETTLED_SECONDS or now - begun > 3 * SETTLED_SECONDS:
            return
    raise TimeoutError(f"the screen never showed {until!r}:\n" + "\n".join(screen.display))


def draw(screen: pyte.Screen, *, ground: str, ink: str) -> str:
    """The screen as an SVG document; `ground` and `ink` stand for the terminal's own colours."""
    width, height = screen.columns * CELL_WIDTH, screen.lines * CELL_HEIGHT
    shapes: list[str] = []
    for y in range(screen.lines):
        shapes += _draw_row(screen, y, ground=ground, ink=ink)
    body = "\n".join(shapes)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" font-family="{FONTS}" '
        f'font-size="{FONT_SIZE}" xml:space="preserve">\n'
        f'<rect width="{width:g}" height="{height:g}" rx="8" fill="{ground}"/>\n{body}\n</svg>\n'
    )


def _draw_row(screen: pyte.Screen, y: int, *, ground: str, ink: str) -> list[str]:
    cells = [screen.buffer[y][x] for x in range(screen.columns)]
    styles = [_style_of(cell, ground=ground, ink=ink) for cell in cells]
    shapes: list[str] = []
    for color, run in groupby(range(screen.columns), key=lambda x: styles[x].ground):
        if color != ground:
            columns = list(run)
            # A hair taller than the row: viewers would show the ground through the seams.
            shapes.append(_area(columns[0], y, len(columns), 1.02, color))
    for style, run in groupby(range(screen.columns), key=lambda x: styles[x]):
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


def write_gallery() -> None:
    """docs/gallery.md: the pictures with their captions."""
    lines = ["# Gallery", "", "Pictures of the demo, as a terminal shows it; `make picture` takes them.", ""]
    for picture in GALLERY:
        lines += [f"## {picture.caption}", "", f"![{picture.caption}](gallery/{picture.name}.svg)", ""]
    (FOLDER / "gallery.md").write_text("\n".join(lines[:-1]) + "\n", "utf-8")


def main(names: Collection[str]) -> None:
    """Takes the pictures of these names; of none: all."""
    (FOLDER / "gallery").mkdir(exist_ok=True)
    for picture in (*README_PICTURES, *GALLERY):
        if names and picture.name not in names:
            continue
        light = picture.theme == "light"
        colors = {"ground": "#fbfaf7", "ink": "#2b2f3a"} if light else {"ground": "#11131a", "ink": "#d5d9e3"}
        target = FOLDER / ("gallery" if picture in GALLERY else "") / f"{picture.name}.svg"
        target.write_text(draw(record(picture), **colors), "utf-8")
        print(target)  # noqa: T201 - what a script has done
    write_gallery()


if __name__ == "__main__":
    main(sys.argv[1:])
