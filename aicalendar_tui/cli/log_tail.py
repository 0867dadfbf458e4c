"""The ends of all log files, for the log screen."""

import os
from pathlib import Path

from aicalendar_tui.cli.journal import hide_secrets
from aicalendar_tui.screens.log.lines import LogLine, merge_lines, read_line

TAIL_BYTES = 48_000
"""Of each file."""
MOST_LINES = 1_000


def read_log_tail(folder: Path) -> list[LogLine]:
    """The newest lines of all services in the order of time, without secrets. Blocks.

    Who writes a line leaves them out already; what other programs write (valkey, ngrok) does not know of ours.
    """
    lines: list[LogLine] = []
    for path in sorted(folder.glob("*.log")):
        try:
            with path.open("rb") as log:
                end = log.seek(0, os.SEEK_END)
                log.seek(max(0, end - TAIL_BYTES))
                raw = log.read(TAIL_BYTES).decode("utf-8", "replace").splitlines()
        except OSError:
            continue
        # The first line of a tail has lost its beginning.
        found = (read_line(path.stem, hide_secrets(line)) for line in (raw[1:] if end > TAIL_BYTES else raw))
        lines += [line for line in found if line is not None]
    return merge_lines(lines, MOST_LINES)
