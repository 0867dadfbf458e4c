"""What is written down: one line a record, bounded, and never a secret."""

import logging
import os
import sys
import threading
from pathlib import Path

import pytest

from aicalendar_tui.cli.journal import HIDDEN, MOST_CHARACTERS, Journal, hide_secrets, start_journal
from aicalendar_tui.settings import load_settings

GOOGLE_TOKEN = "ya29.a0AfH6SMBx-secret_part"


def record(text: str, *arguments: object, error: BaseException | None = None) -> logging.LogRecord:
    """One of the tunnel's, at the beginning of 2026."""
    made = logging.LogRecord(
        "aicalendar_tui.backend.tunnel",
        logging.WARNING,
        "tunnel.py",
        1,
        text,
        arguments,
        (type(error), error, error.__traceback__) if error else None,
    )
    made.created, made.msecs = 1_767_225_600.25, 250
    return made


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (f"got {GOOGLE_TOKEN} from Google", f"got {HIDDEN} from Google"),
        ("Authorization: Bearer abcdef123456", f"Authorization: Bearer {HIDDEN}"),
        ("{'authorization': 'Bearer abcdef123456'}", f"{{'authorization': 'Bearer {HIDDEN}'}}"),
        ('{"refresh_token": "1//0gabc-def", "x": 1}', f'{{"refresh_token": "{HIDDEN}", "x": 1}}'),
        ("client_secret=GOCSPX-abc&grant_type=x", f"client_secret={HIDDEN}&grant_type=x"),
        ("X-Goog-Channel-Token: abcdef", f"X-Goog-Channel-Token: {HIDDEN}"),
        ("redis://:hunter2@cache:6379/0 is away", f"redis://:{HIDDEN}@cache:6379/0 is away"),
        ("postgresql://ana:p%40ss@db:5432/cal", f"postgresql://ana:{HIDDEN}@db:5432/cal"),
        ("GET /callback?state=1&code=4/0AbC-def HTTP/1.1", f"GET /callback?state=1&code={HIDDEN} HTTP/1.1"),
        ("ngrok authtoken=2abcDEF456", f"ngrok authtoken={HIDDEN}"),
    ],
)
def test_what_looks_like_a_secret_is_hidden(text: str, shown: str):
    """By the name before it, or by its form."""
    assert shown == hide_secrets(text)


@pytest.mark.parametrize(
    "text",
    [
        "http://127.0.0.1:8000/health answered 401",
        "error code: 404",
        "password authentication failed for user ana",
        "the worker ended: killed by SIGKILL",
    ],
)
def test_plain_words_stay(text: str):
    """A log that hides everything helps nobody."""
    assert text == hide_secrets(text)


def test_a_known_secret_is_hidden_wherever_it_stands():
    """Also without a name before it."""
    assert f"it said {HIDDEN}!" == hide_secrets("it said correct-horse!", ["correct-horse"])


def test_a_record_is_one_line_of_names_and_values(tmp_path: Path):
    """Quotes, line ends and escape sequences of foreign text included."""
    line = Journal(tmp_path / "x.log").format(record("it said %s", 'a "b"\n\x1b[2J'))
    assert (
        "time=2026-01-01T00:00:00.250Z level=warning logger=backend.tunnel"
        ' message="it said a \\"b\\"\\n\\x1b[2J"' == line
    )


def test_a_trace_is_on_the_line_without_secrets(tmp_path: Path):
    """And of bounded length."""
    try:
        raise ValueError(f"token {GOOGLE_TOKEN} " + "x" * 20_000)
    except ValueError as error:
        line = Journal(tmp_path / "x.log").format(record("failed", error=error))
    assert "ValueError" in line
    assert "ya29" not in line
    assert MOST_CHARACTERS >= len(line)
    assert "\n" not in line


def test_full_files_are_set_aside_and_the_oldest_goes(tmp_path: Path):
    """Three beside the one that is written; readable by nobody else."""
    path = tmp_path / "log" / "worker.log"
    journal = Journal(path, limit_bytes=200)
    for number in range(30):
        journal.emit(record("number %s", number))
    journal.close()
    assert ["worker.log", "worker.log.1", "worker.log.2", "worker.log.3"] == sorted(os.listdir(path.parent))
    assert 'message="number 29"' in path.read_text()
    assert 0o600 == path.stat().st_mode & 0o777
    assert all(400 > file.stat().st_size for file in path.parent.iterdir())


def test_two_writers_share_a_file_that_is_set_aside(tmp_path: Path):
    """Whoever finds another file in its place goes on there."""
    path = tmp_path / "screen.log"
    one, other = Journal(path, limit_bytes=300), Journal(path, limit_bytes=300)
    for number in range(6):
        (one if number % 2 else other).emit(record("number %s", number))
    one.close()
    other.close()
    lines = [line for file in sorted(tmp_path.iterdir(), reverse=True) for line in file.read_text().splitlines()]
    assert [f'message="number {number}"' for number in range(6)] == [line[line.index("message=") :] for line in lines]


@pytest.mark.skipif(sys.platform != "linux", reason="/dev/full is Linux's")
def test_a_full_disk_ends_nothing(tmp_path: Path):
    """What can't be written is lost, and that is all."""
    (tmp_path / "x.log").symlink_to("/dev/full")
    journal = Journal(tmp_path / "x.log")
    journal.emit(record("hello"))
    journal.close()


@pytest.mark.parametrize(("debug", "levels"), [("", ["info", "warning"]), ("1", ["debug", "info", "warning"])])
def test_debug_writes_down_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, debug: str, levels: list[str]):
    """Of our own; the libraries' words are for faults."""
    monkeypatch.setenv("AICALENDAR_DEBUG", debug)
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    root, ours = logging.getLogger(), logging.getLogger("aicalendar_tui")
    before = (root.handlers[:], root.level, ours.level)
    settings = load_settings(environ={"AICALENDAR_HOME": str(tmp_path), "NGROK_AUTHTOKEN": "correct-horse"})
    try:
        start_journal(settings, "worker")
        for level in (logging.DEBUG, logging.INFO, logging.WARNING):
            logging.getLogger("aicalendar_tui.test").log(level, "battery correct-horse staple")
    finally:
        root.handlers[:], ours.level = before[0], before[2]
        root.setLevel(before[1])
        logging.captureWarnings(False)
    lines = (tmp_path / "log" / "worker.log").read_text().splitlines()
    assert levels == [line.split("level=")[1].split()[0] for line in lines]
    assert not any("correct-horse" in line for line in lines)
