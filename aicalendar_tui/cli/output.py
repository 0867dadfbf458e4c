"""What commands print: plain text for pipes, a little colour for terminals, JSON for machines."""

import io
import json
import os
import sys
from collections.abc import Mapping
from typing import Any, TextIO

SCHEMA = 1
"""In every JSON answer; counted up if a field ever changes its meaning."""


class Output:
    """Standard output and error. Colour only on a terminal, and not with NO_COLOR (no-color.org) or TERM=dumb."""

    def __init__(
        self,
        stdout: TextIO | None = None,
        stderr: TextIO | None = None,
        *,
        environ: Mapping[str, str] = os.environ,
    ) -> None:
        # A program may be started with either closed (`>&-`); what is said then goes nowhere.
        self._stdout = stdout or sys.stdout or io.StringIO()
        self._stderr = stderr or sys.stderr or io.StringIO()
        plain = bool(environ.get("NO_COLOR")) or environ.get("TERM") == "dumb"
        self.coloured = self._stdout.isatty() and not plain
        self._progress_shown = self._stderr.isatty() and environ.get("TERM") != "dumb"
        self._progress = ""

    def line(self, text: str = "") -> None:
        """One line of the answer."""
        self.clear_progress()
        print(self._encodable(text), file=self._stdout)

    def prompt(self, text: str) -> None:
        """A question, to standard error: the answer is typed after it."""
        self.clear_progress()
        print(text, end="", file=self._stderr, flush=True)

    def flush(self) -> None:
        """Let a reader have what was printed so far, also through a pipe."""
        self._stdout.flush()

    def json(self, document: Any) -> None:
        """The whole answer as JSON."""
        self.clear_progress()
        print(self._encodable(json.dumps(document, ensure_ascii=False, indent=2)), file=self._stdout)

    def text(self, document: str) -> None:
        """A whole document as it is, with the line ends that it has."""
        self.clear_progress()
        print(self._encodable(document), end="", file=self._stdout)

    def note(self, text: str) -> None:
        """Something beside the answer, for people: to standard error."""
        self.clear_progress()
        print(f"aicalendar: {text}", file=self._stderr)

    def progress(self, text: str) -> None:
        """What is going on now, in place of what was; only where a person watches."""
        if self._progress_shown and text != self._progress:
            self._progress = text
            print(f"\r\x1b[2K{text[:100]}", end="", file=self._stderr, flush=True)

    def clear_progress(self) -> None:
        """Take the progress line away."""
        if self._progress:
            self._progress = ""
            print("\r\x1b[2K", end="", file=self._stderr, flush=True)

    def bold(self, text: str) -> str:
        """For headings."""
        return f"\x1b[1m{text}\x1b[0m" if self.coloured else text

    def dim(self, text: str) -> str:
        """For what matters less."""
        return f"\x1b[2m{text}\x1b[0m" if self.coloured and text else text

    def struck(self, text: str) -> str:
        """For what doesn't take place."""
        return f"\x1b[9m{text}\x1b[0m" if self.coloured else text

    def tinted(self, text: str, color: str) -> str:
        """In the colour `#rrggbb`; an odd one is left out."""
        digits = color.removeprefix("#")
        if not self.coloured or len(digits) != 6 or any(digit not in "0123456789abcdefABCDEF" for digit in digits):
            return text
        red, green, blue = (int(digits[at : at + 2], 16) for at in (0, 2, 4))
        return f"\x1b[38;2;{red};{green};{blue}m{text}\x1b[0m"

    def _encodable(self, text: str) -> str:
        """Without letters that the stream can't encode: a bare C locale must not end a command."""
        encoding = getattr(self._stdout, "encoding", None) or "utf-8"
        return text.encode(encoding, "replace").decode(encoding, "replace")


def clean(text: str) -> str:
    """Foreign text on one line, without anything a terminal would obey (escapes, direction marks)."""
    if text.isascii() and text.isprintable():
        return text
    return " ".join("".join(letter if letter.isprintable() or letter == " " else " " for letter in text).split())
