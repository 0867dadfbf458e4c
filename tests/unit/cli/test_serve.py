"""What `serve` prints of the services' logs."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from aicalendar_tui.cli.serve import ServiceLog


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
