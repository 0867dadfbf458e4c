"""The command line with everything behind it: supervisor, Redis server, receiver, worker and the simulated Google."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest

LIMIT_SECONDS = 20
NOW = "2026-11-25T12:41"


class Demo:
    """The demo's commands in a home of their own."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.environ = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("AICALENDAR", "REDIS"))},
            "AICALENDAR_HOME": str(home),
            "AICALENDAR_ZONE": "UTC",
            "TZ": "UTC",
            "API_PORT": "0",
            "WEBHOOK_PORT": "0",
            "LANG": "C.UTF-8",
        }

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """A command that goes on."""
        command = [sys.executable, "-m", "aicalendar_tui", "--demo", "--now", NOW, *arguments]
        return subprocess.Popen(
            command, env=self.environ, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd=self.home
        )

    def run(self, *arguments: str) -> str:
        """What a command prints that must succeed."""
        process = self.start(*arguments)
        out, _ = process.communicate(timeout=60)
        assert 0 == process.returncode, out
        return out

    def summaries(self) -> set[str]:
        """The titles of this week's events."""
        return {event["summary"] for event in json.loads(self.run("agenda", "week", "--json"))["events"]}

    def google(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """A request to the simulated Google."""
        base = json.loads((self.home / "run" / "api.json").read_text())["simulator"]
        data = json.dumps(body).encode() if body else None
        headers = {"Authorization": "Bearer demo", "Content-Type": "application/json"}
        with urlopen(Request(f"{base}/calendar/v3/{path}", data, headers, method=method), timeout=5) as answer:
            return json.loads(answer.read() or b"null")

    def processes(self) -> list[str]:
        """The commands of all processes that live in this home."""
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                environ, command = (folder / "environ").read_bytes(), (folder / "cmdline").read_bytes()
            except OSError:
                continue  # it has just ended
            if f"AICALENDAR_HOME={self.home}".encode() in environ.split(b"\0"):
                found.append(command.replace(b"\0", b" ").decode())
        return found


def wait_until(condition: Callable[[], Any], *, seconds: float = LIMIT_SECONDS) -> None:
    """Ask again and again, until it holds or time is up."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not within {seconds} s"
        time.sleep(0.05)


@pytest.fixture
def demo(tmp_path: Path) -> Demo:
    """A fresh home."""
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    return Demo(home)


@pytest.fixture
def serving(demo: Demo) -> Iterator[Demo]:
    """The same with services that run."""
    serve = demo.start("serve")
    try:
        wait_until((demo.home / "run" / "api.json").exists)
        yield demo
    finally:
        serve.send_signal(signal.SIGTERM)
        serve.communicate(timeout=10)


def test_edits_travel_both_ways(serving: Demo):
    """From `add` to Google, and from Google to `agenda`, with nobody asking for a sync."""
    assert "6 calendars are up to date\n" == serving.run("sync")
    assert "Standup" in serving.summaries()

    serving.run("add", "--title", "Из терминала", "--start", "2026-11-26T15:00", "--end", "16:00")
    found = serving.google("GET", "calendars/primary/events?q=%D1%82%D0%B5%D1%80%D0%BC%D0%B8%D0%BD%D0%B0%D0%BB%D0%B0")
    assert ["Из терминала"] == [event["summary"] for event in found["items"]]

    serving.google(
        "POST",
        "calendars/primary/events",
        {
            "summary": "From a phone",
            "start": {"dateTime": "2026-11-27T18:00:00Z"},
            "end": {"dateTime": "2026-11-27T19:00:00Z"},
        },
    )
    wait_until(lambda: "From a phone" in serving.summaries())


def test_live_updates_go_off_and_on(serving: Demo):
    """`watch` says how it is afterwards."""
    serving.run("sync")
    assert "○" in serving.run("watch", "off", "Home")
    assert "●" in serving.run("watch", "on", "Home")


def test_the_doctor_finds_all_well(serving: Demo):
    """While everything runs."""
    wait_until(lambda: json.loads(serving.run("doctor", "--json"))["ok"])
    components = {found["component"]: found for found in json.loads(serving.run("doctor", "--json"))["components"]}
    assert "ok" == components["redis"]["state"] == components["receiver"]["state"] == components["worker"]["state"]
    assert components["redis"]["version"]


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks into /proc")
def test_a_command_that_starts_services_leaves_none_behind(demo: Demo):
    """Five seconds after it, at the latest."""
    demo.run("sync")
    wait_until(lambda: not demo.processes(), seconds=5)


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks into /proc")
def test_serve_ends_with_all_that_it_started(demo: Demo):
    """By SIGTERM, with exit code 0."""
    serve = demo.start("serve")
    wait_until((demo.home / "run" / "api.json").exists)
    serve.send_signal(signal.SIGTERM)
    serve.communicate(timeout=10)
    assert 0 == serve.returncode
    wait_until(lambda: not demo.processes(), seconds=5)
