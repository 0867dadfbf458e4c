"""The simulator as a process: ready line, handed-down socket, state file, and leaving within a second."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest

SERVE = """
import socket, sys
from pathlib import Path
from aicalendar_tui.simulator.server import serve
options = {"state_file": Path(sys.argv[2])} if len(sys.argv) > 2 else {}
serve(sock=socket.socket(fileno=int(sys.argv[1])), on_ready=lambda: print("ready", flush=True), **options)
"""


@contextmanager
def running(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """A simulator on a socket that was opened here, and its port."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        descriptor = listening.fileno()
        process = subprocess.Popen(
            [sys.executable, "-c", SERVE, str(descriptor), *arguments],
            pass_fds=[descriptor],
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            assert process.stdout is not None
            assert "ready\n" == process.stdout.readline()
            yield process, listening.getsockname()[1]
        finally:
            process.kill()
            process.wait()
            if process.stdout is not None:
                process.stdout.close()


def ask(port: int, method: str, path: str, body: Any = None) -> Any:
    """One API request in the demo user's name."""
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        headers = {"Authorization": "Bearer demo"}
        connection.request(method, f"/calendar/v3/{path}", json.dumps(body) if body else None, headers)
        response = connection.getresponse()
        content = response.read()
        assert response.status == 200, content
        return json.loads(content)
    finally:
        connection.close()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_leaves_within_a_second_with_clients_connected(number: signal.Signals) -> None:
    """Exit status 0, idle connections closed."""
    with running() as (process, port), socket.create_connection(("127.0.0.1", port)):
        assert "ana@example.com" == ask(port, "GET", "calendars/primary")["id"]
        began = time.monotonic()
        process.send_signal(number)
        assert 0 == process.wait(timeout=5)
        assert time.monotonic() - began < 2


def test_what_was_changed_is_there_after_a_restart(tmp_path: Path) -> None:
    """The state file is written on the way out, and comes before demo data."""
    state = tmp_path / "state.json"
    times = {"start": {"date": "2026-11-24"}, "end": {"date": "2026-11-25"}}
    with running(str(state)) as (process, port):
        ask(port, "POST", "calendars/primary/events", {"id": "kept1", **times})
        process.terminate()
        process.wait(timeout=5)
    with running(str(state)) as (process, port):
        assert "confirmed" == ask(port, "GET", "calendars/primary/events/kept1")["status"]


def test_a_killed_simulator_has_saved_what_is_older_than_a_moment(tmp_path: Path) -> None:
    """Changes are saved while it runs, too."""
    state = tmp_path / "state.json"
    times = {"start": {"date": "2026-11-24"}, "end": {"date": "2026-11-25"}}
    with running(str(state)) as (process, port):
        ask(port, "POST", "calendars/primary/events", {"id": "kept1", **times})
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline and not (state.exists() and b'"kept1"' in state.read_bytes()):
            os.sched_yield()
        process.kill()
        process.wait()
    assert b'"kept1"' in state.read_bytes()


def test_broken_ics_files_are_one_line_each_on_stderr_and_the_rest_is_served(tmp_path: Path) -> None:
    """The command itself, with a good, a broken and a missing file."""
    good, broken = tmp_path / "good.ics", tmp_path / "broken.ics"
    text = "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1\nDTSTART:{}\nSUMMARY:x\nEND:VEVENT\nEND:VCALENDAR\n"
    good.write_text(text.format("20261123T100000Z"))
    broken.write_text(text.format("soon"))
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "aicalendar_tui.simulator", "--port", str(port), "--ics"]
    process = subprocess.Popen(
        [*command, str(good), str(broken), str(tmp_path / "missing.ics")], stderr=subprocess.PIPE, text=True
    )
    try:
        assert process.stderr is not None
        lines = [process.stderr.readline() for _ in range(2)]
        assert lines[0].startswith(f"{broken}:4: ")
        assert lines[1].startswith(f"{tmp_path / 'missing.ics'}:1: ")
        deadline = time.monotonic() + 10
        while True:
            try:
                entries = ask(port, "GET", "users/me/calendarList")["items"]
                break
            except ConnectionRefusedError:
                assert time.monotonic() < deadline
        assert {"good", "broken"} <= {one["summary"] for one in entries}
    finally:
        process.terminate()
        process.wait(timeout=5)
        if process.stderr is not None:
            process.stderr.close()


def test_a_taken_port_and_a_damaged_state_are_one_clear_line(tmp_path: Path) -> None:
    """Exit status 1, no traceback."""
    damaged = tmp_path / "state.json"
    damaged.write_text("{")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        for arguments in (["--port", str(taken.getsockname()[1])], ["--port", "0", "--state", str(damaged)]):
            done = subprocess.run(
                [sys.executable, "-m", "aicalendar_tui.simulator", *arguments],
                capture_output=True,
                text=True,
                timeout=20,
                check=False,
            )
            assert (1, 1) == (done.returncode, len(done.stderr.splitlines()))
            assert "Traceback" not in done.stderr
