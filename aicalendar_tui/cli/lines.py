"""What is typed or piped in, line by line, with a look at whether there is any yet.

Python's own buffering would take several lines at once, and then nobody could tell that they are there.
"""

import os
import select
import sys
from collections.abc import Callable
from functools import cache

from aicalendar_tui.cli.report import CommandError
from aicalendar_tui.i18n import _

CHUNK = 65_536


class Lines:
    """Reads a file descriptor; nothing else may read it meanwhile."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._buffer = b""
        self._ended = False

    @property
    def is_terminal(self) -> bool:
        """Whether a person types."""
        return os.isatty(self._descriptor)

    def is_ready(self, timeout_seconds: float = 0) -> bool:
        """Whether `read` would not wait for long; also at the end of what there is."""
        if self._ended or b"\n" in self._buffer:
            return True
        try:
            return bool(select.select([self._descriptor], [], [], timeout_seconds)[0])
        except (OSError, ValueError):
            return True

    def read(self) -> str | None:
        """A line with its end, None when there are no more. Blocks."""
        return self._take(lambda: self._buffer.find(b"\n") + 1) or None

    def read_all(self, limit: int) -> bytes:
        """Everything until the end, or somewhat more than `limit` bytes of it. Blocks."""
        while not self._ended and len(self._buffer) <= limit:
            self._fill()
        content, self._buffer = self._buffer, b""
        return content

    def _take(self, find_end: Callable[[], int]) -> str:
        while not (end := find_end()) and not self._ended:
            self._fill()
        line, self._buffer = (self._buffer[:end], self._buffer[end:]) if end else (self._buffer, b"")
        return line.decode("utf-8", "replace")

    def _fill(self) -> None:
        try:
            chunk = os.read(self._descriptor, CHUNK)
        except OSError:  # closed from the start (`<&-`), or a terminal that went away
            chunk = b""
        self._ended = not chunk
        self._buffer += chunk


@cache
def typed_lines() -> Lines:
    """The standard input. Raises CommandError where there is none."""
    try:
        return Lines(sys.stdin.fileno())
    except (AttributeError, OSError, ValueError) as error:
        raise CommandError(_("there is no input to answer with")) from error
