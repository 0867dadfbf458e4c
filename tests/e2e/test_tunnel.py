"""Google reaches the receiver through ngrok: pyngrok runs as it is, its agent is a stand-in that really forwards."""

import os
import signal
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from subprocess import run

import pytest

from aicalendar_tui.bootstrap import build_credentials, build_store
from aicalendar_tui.settings import load_settings
from tests import ngrok_agent
from tests.e2e.conftest import Home, eventually
from tests.e2e.google import Google
from tests.e2e.test_main_flows import MONDAY_NOON, SATURDAY_AT_TWO

ANA = "ana@example.com"


@pytest.fixture
def google(tmp_path: Path) -> Iterator[Google]:
    """On this machine, but outside of the program."""
    google = Google(tmp_path / "google.json", now=f"{MONDAY_NOON}+01:00")
    yield google
    google.stop()


@pytest.fixture
def connected(home: Home, google: Google, tmp_path: Path) -> Home:
    """A home that is signed in at that Google, with ngrok installed."""
    programs = tmp_path / "bin"
    programs.mkdir()
    agent = programs / "ngrok"
    agent.write_text(f'#!/bin/sh\nexec {sys.executable} {ngrok_agent.__file__} "$@"\n')
    agent.chmod(0o755)
    home.env |= {
        "PATH": f"{programs}:{home.env['PATH']}",
        "GOOGLE_API_ENDPOINT": f"http://127.0.0.1:{google.port}",
        "NGROK_AUTHTOKEN": "good-token",
        "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
    }
    settings = load_settings(environ=home.env)
    settings.folders.data.mkdir(parents=True)
    build_credentials(settings).save(ANA, settings.google_api_endpoint, {"token": "demo"})
    with build_store(settings).write() as unit:
        unit.put_account(ANA, email=ANA, endpoint=settings.google_api_endpoint, now=int(time.time()))
        unit.set_default_user(ANA)
    return home


def agent_of(home: Home) -> int | None:
    """The agent's process."""
    return next((pid for pid, command in home.processes().items() if "ngrok_agent" in command), None)


def test_a_change_at_google_comes_through_the_tunnel(connected: Home, google: Google) -> None:
    """No key is pressed; the agent killed, another takes its place at another address, and changes come again."""
    screen = connected.open("--now", MONDAY_NOON)
    screen.wait_for("Standup", seconds=40)
    screen.press("sW")
    screen.wait_for("● live", seconds=40)

    google.phone.insert("Zebra", SATURDAY_AT_TWO)
    screen.wait_for("Zebra", seconds=3)

    first = agent_of(connected)
    assert first is not None
    os.kill(first, signal.SIGKILL)
    eventually(lambda: agent_of(connected) not in (None, first), "another agent runs", seconds=20)
    screen.wait_for("● live", seconds=40)
    google.phone.insert("Okapi", SATURDAY_AT_TWO + timedelta(hours=2))
    screen.wait_for("Okapi", seconds=30)

    command_lines = " ".join(connected.processes().values())
    assert "good-token" not in command_lines

    screen.press("\x1b")  # out of the list of calendars
    screen.wait_for("c create")
    screen.press("q")
    screen.wait_for_exit()
    eventually(lambda: not connected.processes(), "nothing is left", seconds=5)


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("NGROK_AUTHTOKEN", ngrok_agent.BAD_TOKEN, "ngrok does not know this authtoken"),
        ("NGROK_DOMAIN", ngrok_agent.DOMAIN_TAKEN, "this ngrok domain is in use by another agent"),
    ],
)
def test_what_ngrok_refuses_is_told_and_calendars_are_polled(
    connected: Home, name: str, value: str, told: str
) -> None:
    """The doctor says what to mend; everything else goes on."""
    connected.env[name] = value
    screen = connected.open("--now", MONDAY_NOON)
    screen.wait_for("Standup", seconds=40)
    screen.wait_for("○ every")

    def examine() -> str:
        command = [sys.executable, "-m", "aicalendar_tui", "doctor"]
        return run(command, env=connected.env, capture_output=True, text=True).stdout

    eventually(lambda: told in examine(), f"the doctor says {told!r}", seconds=20)
    assert value not in examine() or name == "NGROK_DOMAIN"
