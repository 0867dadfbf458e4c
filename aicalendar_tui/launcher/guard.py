"""The process above the supervisor: when the supervisor goes, whichever way, nothing of it stays.

It costs a megabyte and sleeps all its life. Being a subreaper it inherits whatever a killed supervisor
leaves, including processes that left their group; without subreapers it kills the groups it was told of.
Both hold the lock, so that the next supervisor starts after the last trace of this one is gone.
"""

import os
import signal
from collections.abc import Callable
from contextlib import suppress

from aicalendar_tui.launcher.kernel import (
    become_subreaper,
    kill_children,
    kill_group,
    kill_process,
    signal_at_parent_death,
)


def run_guarded(run: Callable[[int], None], *, clean: Callable[[], None]) -> int:
    """Run a function in a child process, and kill all that it has started when that process ends.

    The function gets a descriptor for lines `+123` and `-123`: groups that began and ended. `clean` runs
    last. Gives the child's exit code, 128 and more for a signal.
    """
    os.setsid()
    become_subreaper()
    reader, writer = os.pipe()
    guard = os.getpid()
    supervisor = os.fork()
    if supervisor == 0:
        os.close(reader)
        os.setsid()
        signal_at_parent_death(signal.SIGTERM)
        if os.getppid() == guard:
            run(writer)
        return 0
    os.close(writer)
    signal.signal(signal.SIGTERM, lambda number, frame: kill_process(supervisor, number))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    groups = _follow_groups(reader)
    _, status = os.waitpid(supervisor, 0)
    for group in groups:
        kill_group(group, signal.SIGKILL)
    kill_children()
    clean()
    code = os.waitstatus_to_exitcode(status)
    return code if code >= 0 else 128 - code


def _follow_groups(reader: int) -> set[int]:
    """Wait for the supervisor's end; the groups that were there then."""
    groups: set[int] = set()
    rest = b""
    while data := os.read(reader, 4096):
        *lines, rest = (rest + data).split(b"\n")
        for line in lines:
            with suppress(ValueError):
                number = int(line)
                (groups.add if number > 0 else groups.discard)(abs(number))
    return groups
