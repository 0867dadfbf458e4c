"""Other people's text made harmless, and measured in terminal cells.

Titles, places and names come from anywhere. Nothing in them may move the cursor, change the direction of the line,
or take another width than the one we counted: what a terminal might treat in its own way is replaced or left out.
"""

import unicodedata
from functools import lru_cache

from rich.cells import get_character_cell_size

ELLIPSIS = "…"
LONGEST = 400
"""Letters kept of one text: more than any line shows, and few enough that 5,000-letter titles cost nothing."""

NARROW = 12
"""Cells of a line in which a word that is too long is cut short; in a wider one it goes on in the next line."""

_REGIONAL_A = 0x1F1E6
_PLAIN = frozenset(map(chr, range(0x20, 0x7F))) | frozenset(map(chr, range(0x410, 0x450)))


@lru_cache(maxsize=8192)
def clean(text: str) -> str:
    """One line of plain characters: no control, direction, joining or variation characters, no runs of spaces.

    Flags become their letters and joined emoji their parts, since terminals disagree about the width of the whole.
    """
    text = text[: LONGEST * 2]
    if not _PLAIN.issuperset(text):
        text = "".join(map(_harmless, text))
    return " ".join(text.split())[:LONGEST]


@lru_cache(maxsize=4096)
def _harmless(character: str) -> str:
    code = ord(character)
    if _REGIONAL_A <= code < _REGIONAL_A + 26:
        return chr(ord("A") + code - _REGIONAL_A)
    if 0x1F3FB <= code <= 0x1F3FF or 0xFE00 <= code <= 0xFE0F or 0xE0000 <= code <= 0xE0FFF:
        return ""  # skin tones, variation selectors, tags: they change the width of what stands before them
    category = unicodedata.category(character)
    if category in ("Cc", "Zl", "Zp", "Zs"):
        return " "
    if category in ("Cf", "Cs", "Co", "Cn"):
        return ""
    if category in ("Mn", "Me", "Mc"):
        return character if get_character_cell_size(character) == 0 else ""
    return character if get_character_cell_size(character) else ""


def width_of(text: str) -> int:
    """Cells that a cleaned text takes."""
    return len(text) if text.isascii() else sum(map(get_character_cell_size, text))


def split_cells(text: str) -> list[tuple[str, int]]:
    """The text as (what is drawn in one place, its cells: 1 or 2); combining marks stay with their letter."""
    places: list[tuple[str, int]] = []
    for character in text:
        size = get_character_cell_size(character)
        if size:
            places.append((character, size))
        elif places and len(places[-1][0]) < 5:  # a letter carries a few marks, not a tower of them
            base, base_size = places[-1]
            places[-1] = (base + character, base_size)
    return places


def cut(text: str, width: int) -> str:
    """At most `width` cells of a cleaned text, with … for what is missing where that leaves room for letters."""
    if width <= 0:
        return ""
    if width_of(text) <= width:
        return text
    room = width - 1 if width > 3 else width
    kept: list[str] = []
    used = 0
    for place, size in split_cells(text):
        if used + size > room:
            break
        kept.append(place)
        used += size
    shown = "".join(kept)
    return shown.rstrip() + ELLIPSIS if room < width else shown


def fit(text: str, width: int) -> str:
    """Exactly `width` cells: cut, or filled with spaces."""
    shown = cut(text, width)
    return shown + " " * (width - width_of(shown))


def wrap(text: str, width: int, lines: int) -> list[str]:
    """At most `lines` lines of at most `width` cells, broken between words where they fit; the last one is cut."""
    if width <= 0 or lines <= 0:
        return []
    wrapped: list[str] = []
    rest = text
    while rest and len(wrapped) < lines - 1:
        if width_of(rest) <= width:
            break
        head, rest = _break_line(rest, width)
        wrapped.append(head)
    if rest:
        wrapped.append(cut(rest, width))
    return wrapped


def _break_line(text: str, width: int) -> tuple[str, str]:
    used = index = 0
    last_space = -1
    for place, size in split_cells(text):
        if used + size > width:
            break
        if place == " ":
            last_space = index
        used += size
        index += len(place)
    if text[index : index + 1] == " ":
        return text[:index], text[index:].lstrip()
    if last_space > 0:
        return text[:last_space], text[last_space + 1 :]
    if index == 0:
        return text[:1], text[1:]
    word, _space, rest = text.partition(" ")
    if width < NARROW or len(word) - index <= 2:
        return cut(word, width), rest  # its beginning is read as a word; broken pieces below each other are not
    return text[:index], text[index:].lstrip()
