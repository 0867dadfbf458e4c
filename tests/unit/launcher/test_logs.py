"""Log files: bounded, private, and their last line fit to be shown."""

import os
from pathlib import Path

from aicalendar_tui.launcher.logs import LIMIT_BYTES, LINE_CHARACTERS, LogReader, last_line, log_path, open_log


def write(folder: Path, data: bytes) -> None:
    """Append to the log `one`."""
    log = open_log(os.fspath(folder), "one")
    os.write(log, data)
    os.close(log)


def test_large_log_is_set_aside_at_the_next_start(tmp_path: Path) -> None:
    """One old log is kept."""
    folder = tmp_path / "log"
    write(folder, b"x" * LIMIT_BYTES)
    write(folder, b"more")
    write(folder, b"new")
    path = Path(log_path(os.fspath(folder), "one"))
    assert b"new" == path.read_bytes()
    assert LIMIT_BYTES + 4 == path.with_name("one.log.1").stat().st_size
    assert 0o600 == path.stat().st_mode & 0o777
    assert 0o700 == folder.stat().st_mode & 0o777


def test_last_line_is_the_last_with_something_in_it(tmp_path: Path) -> None:
    """Whole, if it isn't too long."""
    write(tmp_path, "Traceback\nValueError: нет\n\n \n".encode())
    assert "ValueError: нет" == last_line(os.fspath(tmp_path), "one")
    write(tmp_path, b"y" * 10_000)
    assert "y" * LINE_CHARACTERS == last_line(os.fspath(tmp_path), "one")


def test_last_line_of_this_start_only(tmp_path: Path) -> None:
    """An old error explains nothing."""
    write(tmp_path, b"old\n")
    assert "" == last_line(os.fspath(tmp_path), "one", start=4)
    write(tmp_path, b"new\n")
    assert "new" == last_line(os.fspath(tmp_path), "one", start=4)


def test_last_line_is_foreign_text(tmp_path: Path) -> None:
    """Escape sequences and broken letters can't reach a terminal."""
    write(tmp_path, b"\x1b[31mred\x1b[0m \xff\x07\n")
    assert "[31mred [0m �" == last_line(os.fspath(tmp_path), "one")


def test_log_that_is_not_there_has_no_last_line(tmp_path: Path) -> None:
    """Not an error."""
    assert "" == last_line(os.fspath(tmp_path), "none")


def test_reader_gives_new_lines_across_files(tmp_path: Path) -> None:
    """Whole ones, from the moment it is made; a log that isn't there yet may come."""
    write(tmp_path, b"old\n")
    reader = LogReader(os.fspath(tmp_path), ["one", "two"])
    assert [] == reader.read_new()
    write(tmp_path, b"new\nhal")
    assert [("one", "new")] == reader.read_new()
    write(tmp_path, b"f\n" + b"x" * LIMIT_BYTES + b"\n")
    write(tmp_path, b"after\n")
    lines = reader.read_new()
    assert [("one", "half"), ("one", "after")] == [lines[0], lines[2]]
    log = open_log(os.fspath(tmp_path), "two")
    os.write(log, b"two\n")
    os.close(log)
    assert [("two", "two")] == reader.read_new()
    assert [] == reader.read_new()
    reader.close()
