"""Google's descriptions as plain text: its web editor writes HTML, other programs write text. Pure.

The HTML that people's calendars hold is small and often broken; nothing here raises on any of it.
"""

import re
from collections.abc import Mapping
from html.parser import HTMLParser

from aicalendar_tui.screens.text import clean

LONGEST = 20_000
"""Letters that are looked at; Google itself keeps no more than 8,192."""

_TAG = re.compile(
    r"</?(?:p|br|b|i|u|s|a|ul|ol|li|div|span|strong|em|html(?:-blob)?|body|h[1-6]|table|tr|td)\b[^<>]*>", re.I
)
_BLOCKS = frozenset({"p", "div", "ul", "ol", "table", "tr", "blockquote", "h1", "h2", "h3", "h4", "h5", "h6"})
_UNSHOWN = frozenset({"script", "style", "head", "title"})
_MARKS = {"b": "**", "strong": "**", "i": "*", "em": "*"}
_PIECE = 300
"""Letters cleaned at a time: a paragraph may be longer than `clean` takes a line for."""


def plain_text(description: str, *, marks: bool = False) -> str:
    """The description as lines of harmless text, without blank lines at its ends or two of them in a row.

    With `marks` the emphasis of HTML becomes that of Markdown.
    """
    text = description[:LONGEST].replace("\r\n", "\n").replace("\r", "\n")
    if _TAG.search(text):
        text = _strip_tags(text, marks=marks)
    lines = "\n".join(_clean_line(line) for line in text.split("\n"))
    return re.sub(r"\n{3,}", "\n\n", lines).strip("\n")


def _clean_line(line: str) -> str:
    """The line, harmless; what it begins with as indentation or a bullet's place stays."""
    indent = " " * min(8, len(line) - len(line.lstrip(" ")))
    words, pieces, size = line.split(), [[]], 0
    for word in words:
        for at in range(0, len(word), _PIECE):
            part = word[at : at + _PIECE]
            if size + len(part) > _PIECE:
                pieces.append([])
                size = 0
            pieces[-1].append(part)
            size += len(part) + 1
    return (indent + " ".join(filter(None, (clean(" ".join(piece)) for piece in pieces)))).rstrip()


def _strip_tags(text: str, *, marks: bool) -> str:
    reader = _Reader(_MARKS if marks else {})
    reader.feed(text)
    reader.close()
    return "".join(reader.parts)


class _Reader(HTMLParser):
    """Collects the text; blocks begin on lines of their own, items get a bullet, links keep their address."""

    def __init__(self, marks: Mapping[str, str]) -> None:
        """`marks` stand around what is in the tags that they are for."""
        super().__init__(convert_charrefs=True)
        self._marks = marks
        self.parts: list[str] = []
        self._unshown = 0
        self._links: list[tuple[str, int]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in self._marks:
            self.parts.append(self._marks[tag])
        elif tag in _UNSHOWN:
            self._unshown += 1
        elif tag == "br":
            self.parts.append("\n")
        elif tag == "li":
            self._break_line()
            self.parts.append("• ")
        elif tag in _BLOCKS:
            self._break_line()
        elif tag == "a":
            self._links.append((dict(attrs).get("href") or "", len(self.parts)))

    def handle_endtag(self, tag: str) -> None:
        if tag in self._marks:
            self.parts.append(self._marks[tag])
        elif tag in _UNSHOWN:
            self._unshown = max(0, self._unshown - 1)
        elif tag in _BLOCKS or tag == "li":
            self._break_line()
        elif tag == "a" and self._links:
            address, begin = self._links.pop()
            shown = "".join(self.parts[begin:]).strip()
            if address.startswith(("http://", "https://", "mailto:")) and shown not in (
                address,
                address.removeprefix("mailto:"),
            ):
                self.parts.append(f" ({address})")

    def handle_data(self, data: str) -> None:
        if not self._unshown:
            self.parts.append(data)

    def _break_line(self) -> None:
        if self.parts and not self.parts[-1].endswith("\n"):
            self.parts.append("\n")
