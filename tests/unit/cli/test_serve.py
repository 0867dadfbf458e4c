"""What `serve` prints of the services' logs."""

import errno
import io
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Self, cast

import pytest

from aicalendar_tui.cli.output import Output
from aicalendar_tui.cli.serve import ServiceLog, serve
from aicalendar_tui.launcher.errors import LaunchError, LeaseTimeoutError, RunFolderError
from aicalendar_tui.launcher.lease import Lease
from aicalendar_tui.settings import SettingsError


def write(path: Path, text: str) -> None:
    """Append, as a service does."""
    with path.open("a", encoding="utf-8") as file:
        file.write(text)


@contextmanager
def followed(folder: Path) -> Iterator[ServiceLog]:
    """The worker's log, from now on."""
    with closing(ServiceLog(str(folder), "worker")) as log:
        yield log


def test_only_what_is_new_is_printed(tmp_path: Path):
    """An old log is no news; a line is printed once it is whole."""
    path = tmp_path / "worker.log"
    write(path, "yesterday\n")
    with followed(tmp_path) as log:
        write(path, "one\ntw")
        assert ["one"] == log.read()
        write(path, "o\n")
        assert ["two"] == log.read()
        assert [] == log.read()


def test_a_log_that_appears_later_is_read_from_its_beginning(tmp_path: Path):
    """A service that was never started has none."""
    with followed(tmp_path) as log:
        assert [] == log.read()
        write(tmp_path / "worker.log", "first\n")
        assert ["first"] == log.read()


def test_a_log_that_was_set_aside_is_followed_by_the_new_one(tmp_path: Path):
    """Also when it was cut short in place."""
    path = tmp_path / "worker.log"
    write(path, "")
    with followed(tmp_path) as log:
        write(path, "old\n")
        assert ["old"] == log.read()
        path.rename(tmp_path / "worker.log.1")
        write(path, "new\n")
        assert ["new"] == log.read()
        path.write_text("")
        assert [] == log.read()
        write(path, "cut\n")
        assert ["cut"] == log.read()


def test_escape_sequences_in_a_log_are_not_obeyed(tmp_path: Path):
    """A log is foreign text."""
    write(tmp_path / "worker.log", "")
    with followed(tmp_path) as log:
        write(tmp_path / "worker.log", "\x1b]0;owned\x07text\x1b[2J\n")
        assert "\x1b" not in log.read()[0]


class ShortLease:
    """One whose supervisor dies as soon as somebody looks."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing is held."""


def serve_through(*outcomes: Exception | None) -> tuple[int, list[str]]:
    """Serves while taking a lease turns out so, one after the other; how many leases were had, and what was said."""
    over = threading.Event()
    coming = iter(outcomes)
    leases: list[Lease] = []
    out = io.StringIO()

    def take_lease() -> Lease:
        outcome = next(coming)
        if outcome is not None:
            raise outcome
        return cast("Lease", ShortLease())

    def follow(lease: Lease) -> None:
        leases.append(lease)
        if len(leases) == outcomes.count(None):
            over.set()

    serve(take_lease, follow, Output(out), over, first_wait_seconds=0.001, longest_wait_seconds=0.001)
    return len(leases), out.getvalue().splitlines()


@pytest.mark.parametrize(
    "error",
    [
        LaunchError("can't start the services: no room"),
        RunFolderError("can't make the folder /x"),
        SettingsError("can't make the folder /x"),
        OSError(errno.ENOSPC, "No space left on device"),
    ],
)
def test_services_that_can_not_be_started_again_are_tried_until_they_can(error: Exception):
    """The same reason is told once, in one line."""
    served, said = serve_through(None, error, error, error, None)
    assert 2 == served
    assert 1 == len(said)
    assert "can't start again" in said[0]


def test_services_that_never_started_are_told_of_at_once():
    """Somebody has just typed the command."""
    with pytest.raises(LaunchError):
        serve_through(LaunchError("no room"))


def test_an_ending_supervisor_is_waited_for_without_a_word():
    """It is no fault."""
    assert (2, []) == serve_through(None, LeaseTimeoutError("slow"), None)
