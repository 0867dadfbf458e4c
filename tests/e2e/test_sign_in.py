"""From nothing to one's own calendar with the real program: sign in, see it, lose the grant, sign in again."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime
from http.client import HTTPConnection
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests.e2e.conftest import Home, eventually
from tests.e2e.google import Phone
from tests.integration.sign_in.conftest import answer_of

NOW = "2026-11-23T12:12"
SATURDAY = datetime(2026, 11, 28, 14, tzinfo=ZoneInfo("Europe/Prague"))
ANA, BORIS = "ana@example.com", "boris@example.com"
BROWSER = Path(__file__).with_name("stand_in_browser.py")


class Google:
    """`aicalendar simulator` as a process of its own."""

    def __init__(self, home: Home) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        command = [sys.executable, "-m", "aicalendar_tui", "simulator", "--port", str(self.port), "--now", NOW]
        self._program = subprocess.Popen(command, env=home.env, stderr=subprocess.DEVNULL)
        eventually(self._answers, "the simulator answers")

    def _answers(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def control(self, path: str, **body: object) -> dict:
        """Something that happens at Google."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("POST" if body else "GET", f"/_control/{path}", json.dumps(body) if body else None)
            answer = connection.getresponse()
            assert answer.status == 200
            return json.loads(answer.read())
        finally:
            connection.close()

    def close(self) -> None:
        """Ends it."""
        self._program.send_signal(signal.SIGTERM)
        self._program.wait(10)


@pytest.fixture
def google(home: Home) -> Iterator[Google]:
    """Where the home's accounts are."""
    google = Google(home)
    home.env["GOOGLE_API_ENDPOINT"] = google.url
    home.env["AICALENDAR_NOW"] = NOW
    # No keyring on a test machine: the file beside the database is what is looked at.
    home.env["PYTHON_KEYRING_BACKEND"] = "keyring.backends.fail.Keyring"
    yield google
    google.close()


def run(home: Home, *arguments: str, text: str = "", who: str = "") -> subprocess.CompletedProcess[str]:
    """A command to its end; `who` is chosen by a browser that stands in for a person."""
    env = {**home.env, "BROWSER": f"{sys.executable} {BROWSER} %s", "STAND_IN_CHOICE": who}
    return subprocess.run(
        [sys.executable, "-m", "aicalendar_tui", *arguments],
        env=env, input=text, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


def log_in(home: Home, who: str) -> None:
    """In a browser."""
    done = run(home, "login", who=who)
    assert 0 == done.returncode, done.stderr
    assert f"Signed in as {who}@example.com." in done.stdout


def test_a_person_signs_in_sees_the_calendar_and_signs_in_again(home: Home, google: Google) -> None:
    """By paste; then the grant is withdrawn at Google, an edit waits, and goes out after the next sign-in."""
    terminal = home.open("login", "--no-browser", columns=200)
    terminal.wait_for("The address it ended at")
    terminal.press("this is not it\r")
    terminal.wait_for("neither the address")
    terminal.press(answer_of(_whole_address(terminal.text, google), "ana") + "\r")
    terminal.wait_for("Signed in as ana@example.com")
    assert 0 == terminal.wait_for_exit(seconds=30)

    assert "Standup" in run(home, "agenda").stdout
    screen = home.open("--now", NOW)
    screen.wait_for("Standup")
    screen.wait_for("every 5 min")

    google.control("revoke", user=ANA)
    screen.press("r")
    screen.wait_for("aicalendar login")
    screen.press("o")
    screen.wait_for("New event")
    screen.press("Okapi\r")
    screen.wait_for("[▌▖]Okapi")
    screen.wait_for("1 edit waiting")

    listed = json.loads(run(home, "accounts", "--json").stdout)["accounts"]
    assert [(ANA, "signed out", 1)] == [(one["user_id"], one["state"], one["waiting"]) for one in listed]

    log_in(home, "ana")

    screen.wait_until_gone("aicalendar login")
    screen.wait_until_gone("waiting")
    summaries = [
        event["resource"].get("summary") for one in google.control("state")["calendars"] for event in one["events"]
    ]
    assert "Okapi" in summaries


def _whole_address(text: str, google: Google) -> str:
    """The address as it is on the screen, over several lines."""
    lines = text.split("\n")
    first = next(number for number, line in enumerate(lines) if line.startswith(f"{google.url}/o/oauth2/auth"))
    last = next(number for number in range(first, len(lines)) if not lines[number].strip())
    return "".join(line.rstrip() for line in lines[first:last])


def test_two_accounts_are_in_one_view(home: Home, google: Google) -> None:
    """Each with its own calendars; an event of either is shown, and `accounts` tells who is the default."""
    log_in(home, "ana")
    log_in(home, "boris")
    state = google.control("state")
    assert {ANA, BORIS} == {grant["user"] for grant in state["grants"]}

    screen = home.open("--now", NOW)
    screen.wait_for("Ana Kovač")
    screen.wait_for("Boris Orlov")
    screen.wait_for("Standup")
    screen.press("q")
    assert 0 == screen.wait_for_exit()

    assert 0 == run(home, "accounts", "default", BORIS).returncode
    listed = json.loads(run(home, "accounts", "--json").stdout)["accounts"]
    assert [(BORIS, True), (ANA, False)] == [(one["user_id"], one["is_default"]) for one in listed]

    out = run(home, "logout", BORIS, "--forget")
    assert (0, "") == (out.returncode, out.stderr)
    assert {ANA} == {grant["user"] for grant in google.control("state")["grants"]}


def test_no_token_is_anywhere_but_in_its_file(home: Home, google: Google) -> None:
    """Logs, database, command lines, the broker and all that was printed are searched while everything runs."""
    said = run(home, "--debug", "login", who="ana")
    assert 0 == said.returncode, said.stderr
    screen = home.open("--now", NOW)
    screen.wait_for("every 5 min")
    google.control("expire", access_tokens=True)
    screen.press("o")
    screen.wait_for("New event")
    screen.press("Okapi\r")
    screen.wait_for("[▌▖]Okapi")
    phone = Phone("127.0.0.1", google.port)
    eventually(lambda: phone.find("Okapi"), "the edit is at Google", seconds=20)
    held = json.loads(next((home.folder / "credentials").glob("*.json")).read_text())
    secrets = {held["token"], held["refresh_token"], *google.control("state")["access_tokens"]} - {"demo"}
    assert len(secrets) >= 2

    broker = socket.socket(socket.AF_UNIX)
    broker.connect(os.fspath((home.folder / "run").resolve() / "valkey.sock"))
    with broker:
        broker.sendall(b"SAVE\r\nCONFIG GET dir\r\nPING\r\n")
        eventually(lambda: b"PONG" in broker.recv(65_536), "the broker has written all it holds")

    assert [] == [
        (secret, path)
        for path in home.folder.rglob("*")
        if path.is_file() and path.parent.name != "credentials"
        for secret in secrets
        if secret.encode() in path.read_bytes()
    ]
    assert [] == [command for command in home.processes().values() if any(secret in command for secret in secrets)]
    assert not any(secret in said.stdout + said.stderr + screen.text for secret in secrets)
    modes = {oct(path.stat().st_mode & 0o777) for path in (home.folder / "credentials").iterdir()}
    assert ({"0o600"}, 0o700) == (modes, (home.folder / "credentials").stat().st_mode & 0o777)


@pytest.mark.parametrize(
    ("arguments", "text", "expected"),
    [
        (("login", "--client", "/nowhere/client.json"), "", "can't read /nowhere/client.json"),
        (("login", "--client", "-"), "", "the client file is empty"),
        (("login", "--client", "-"), '{"type": "service_account"}', "service account"),
        (("login", "--client", "-"), '{"web": {}}', "Web application"),
        (("login", "--no-browser"), "", "no answer was given"),
        (("login", "--no-browser"), "what?\n", "neither the address"),
        (("login", "--no-browser"), "http://127.0.0.1/?code=4/0Aabcdef&state=x\n", "belongs to another sign-in"),
        (("--demo", "login"), "", "signed in by itself"),
        (("logout",), "", "nobody is signed in"),
        (("accounts", "default"), "", "which account?"),
        (("accounts", "remove", "x@example.com"), "", "there is no account x@example.com"),
    ],
)
def test_what_can_not_work_is_one_line(
    home: Home, google: Google, arguments: tuple[str, ...], text: str, expected: str
) -> None:
    """And leaves no account behind."""
    done = run(home, *arguments, text=text)

    assert done.returncode in (1, 2)
    assert expected in done.stderr
    assert "Traceback" not in done.stderr
    assert [] == json.loads(run(home, "accounts", "--json").stdout)["accounts"]


def test_the_way_through_googles_console_ends_with_a_client_file(home: Home, tmp_path: Path) -> None:
    """Each wrong file is told, and asked for again; a dropped path and a paste of several lines are taken."""
    home.env["PYTHON_KEYRING_BACKEND"] = "keyring.backends.fail.Keyring"
    document = json.dumps(
        {"installed": {"client_id": "mine.apps.googleusercontent.com", "client_secret": "s3"}}, indent=2
    )
    folder = tmp_path / "my downloads"
    folder.mkdir()
    (folder / "client.json").write_text(document)
    (folder / "robot.json").write_text('{"type": "service_account"}')
    dropped = str(folder).replace(" ", "\\ ")
    for good in (f"{dropped}/client.json", f"'{folder}/client.json'", document):
        terminal = home.open("login", "--no-browser", "--no-wait", columns=160, rows=60)
        terminal.wait_for("console.cloud.google.com/projectcreate")
        terminal.wait_for("seven days")
        terminal.wait_for("or its content:")
        terminal.press(f"{dropped}/robot.json\r")
        terminal.wait_for("service account")
        terminal.press("AIzaSyWrong\r")
        terminal.wait_for("this is an API key")
        terminal.press(good.replace("\n", "\r") + "\r")
        terminal.wait_for("https://accounts.google.com/o/oauth2/v2/auth")
        terminal.wait_for("The address it ended at")
        terminal.press("\x03")
        assert 130 == terminal.wait_for_exit()


def test_refusing_and_a_taken_port_are_told(home: Home, google: Google) -> None:
    """One line each."""
    refused = run(home, "login", who="nobody")
    assert (1, True) == (refused.returncode, "access was refused" in refused.stderr)

    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = run(home, "login", "--port", str(port), who="ana")

    assert 1 == done.returncode
    assert f"port {port} is in use" in done.stderr
