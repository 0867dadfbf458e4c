"""A home for one supervisor, stub services for it to run, and eyes for whatever is left behind."""

import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from aicalendar_tui.launcher.lease import Lease, acquire
from aicalendar_tui.launcher.plan import Plan, Service

ROOT = Path(__file__).parents[3]
PRELUDE = f"""
import os, signal, socket, sys, time
sys.path.insert(0, {str(ROOT)!r})
from aicalendar_tui.launcher.lifeline import watch_lifeline
from aicalendar_tui.launcher.notify import Notifier
from aicalendar_tui.launcher.sockets import inherited_sockets
notifier = Notifier()
"""
READY = "notifier.ready()\nsignal.pause()"
MARK = "AICALENDAR_TEST_MARK"


def eventually(condition: Callable[[], Any], *, seconds: float = 10) -> Any:
    """What the condition gives once that is true; fails the test when it never is."""
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < deadline, f"not within {seconds} s: {condition}"
        time.sleep(0.01)
    return found


def is_running(pid: int) -> bool:
    """Whether the process is there and not merely waiting to be waited for."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def parent_of(pid: int) -> int:
    """The parent's process id."""
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


class Home:
    """Folders for one supervisor, and every process that came from it."""

    def __init__(self, folder: Path, mark: str) -> None:
        self.folder = folder
        self.run = folder / "run"
        self.log = folder / "log"
        self._mark = f"{MARK}={mark}".encode()
        self._leases: list[Lease] = []

    def service(self, name: str, code: str = READY, **settings: Any) -> Service:
        """A stub that runs the code, with `notifier` at hand."""
        return Service(name, (sys.executable, "-I", "-S", "-c", PRELUDE + code), **settings)

    def plan(self, *services: Service, **settings: Any) -> Plan:
        """A plan for this home."""
        return Plan(os.fspath(self.run), os.fspath(self.log), services, **settings)

    def acquire(self, *services: Service, **settings: Any) -> Lease:
        """A lease that is closed at the end of the test, if not before."""
        lease = acquire(self.plan(*services, **settings))
        self._leases.append(lease)
        return lease

    def supervisor_log(self) -> str:
        """What the supervisor said of itself."""
        return (self.log / "supervisor.log").read_text()

    def processes(self) -> set[int]:
        """All that live: supervisor, guard, services, and whatever these have started."""
        found = set()
        for entry in Path("/proc").iterdir():
            if not entry.name.isdigit() or int(entry.name) == os.getpid():
                continue
            try:
                if self._mark in (entry / "environ").read_bytes().split(b"\0"):
                    found.add(int(entry.name))
            except OSError:
                continue
        return {pid for pid in found if is_running(pid)}

    def await_silence(self, *, seconds: float = 5) -> None:
        """Wait until nothing of this home lives any more."""
        eventually(lambda: not self.processes(), seconds=seconds)

    def close(self) -> set[int]:
        """End it all; the processes that had to be killed from here."""
        for lease in self._leases:
            lease.close()
        deadline = time.monotonic() + 6
        while self.processes() and time.monotonic() < deadline:
            time.sleep(0.01)
        left = self.processes()
        for pid in left:
            os.kill(pid, signal.SIGKILL)
        return left
