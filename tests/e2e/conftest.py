"""The whole program, in a home of its own, with the simulated Google as its Google."""

import json
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from aicalendar_tui.launcher.lease import join
from tests.e2e.google import Phone
from tests.e2e.terminal import Terminal


class Home:
    """One AICALENDAR_HOME; starts terminals on it and knows the processes that belong to it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.env = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("AICALENDAR", "LC_"))},
            "AICALENDAR_HOME": str(folder),
            "AICALENDAR_ZONE": "Europe/Prague",
            "LANG": "C.UTF-8",
            "LANGUAGE": "en",
            "WEBHOOK_PORT": "0",
            "API_PORT": "0",
        }
        self.terminals: list[Terminal] = []

    def open(
        self, *arguments: str, columns: int = 140, rows: int = 45, hangup: signal.Handlers = signal.SIG_DFL
    ) -> Terminal:
        """The program in a new terminal; `demo` on a free port unless told otherwise."""
        arguments = arguments or ("demo", "--port", "0")
        if "demo" in arguments:
            arguments += ("--quiet",)
        command = (sys.executable, "-m", "aicalendar_tui", *arguments)
        terminal = Terminal(command, env=self.env, columns=columns, rows=rows, hangup=hangup)
        self.terminals.append(terminal)
        return terminal

    def phone(self, calendar: str = "primary") -> Phone:
        """Another device on the same account; the services must be up."""
        host, _, port = self.addresses["simulator"].removeprefix("http://").partition(":")
        return Phone(host, int(port), calendar=calendar)

    @property
    def addresses(self) -> dict[str, str]:
        """What `run/api.json` says."""
        return json.loads((self.folder / "run" / "api.json").read_text())

    def supervisor(self) -> int:
        """The pid of the supervisor that runs."""
        lease = join((self.folder / "run").resolve())
        assert lease is not None
        with lease:
            return lease.state.pid

    def processes(self) -> dict[int, str]:
        """pid → command line of everything that runs for this home."""
        mark = f"AICALENDAR_HOME={self.folder}".encode()
        # valkey-server writes its title over its environment; its socket is in the title.
        run_folder = str((self.folder / "run").resolve())
        found = {}
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit() and int(entry.name) != os.getpid():
                try:
                    command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
                    ours = mark in (entry / "environ").read_bytes().split(b"\0") or run_folder in command
                    if command and ours:
                        found[int(entry.name)] = command
                except OSError:
                    continue  # it ended between the two looks, or is not ours to read
        return found


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    """A fresh home; whatever still runs in it at the end is ended."""
    home = Home(tmp_path / "home")
    yield home
    for terminal in home.terminals:
        terminal.close()
    eventually(lambda: not home.processes(), "all processes of the home end")


def eventually(condition: Callable[[], object], what: str, *, seconds: float = 10) -> None:
    """Blocks until the condition holds. Raises AssertionError when it does not in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"waited {seconds:g} s, and still not: {what}"
        time.sleep(0.02)
