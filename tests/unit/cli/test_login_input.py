"""What is typed, dropped or piped into a sign-in."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aicalendar_tui.cli.lines import Lines
from aicalendar_tui.cli.login import _as_path, _is_there


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    """What reads and what writes."""
    reading, writing = os.pipe()
    yield reading, writing
    os.close(reading)


def test_lines_come_one_by_one_however_they_were_written(pipe: tuple[int, int]) -> None:
    """Those that came along with another are told to be there."""
    reading, writing = pipe
    lines = Lines(reading)
    assert not lines.is_ready()
    os.write(writing, "one\nдва".encode())

    assert (True, "one\n") == (lines.is_ready(), lines.read())
    os.write(writing, b"\nthree\nrest")
    assert "два\n" == lines.read()
    assert (True, "three\n") == (lines.is_ready(), lines.read())
    os.close(writing)
    assert (True, "rest", None, None, True) == (
        lines.is_ready(), lines.read(), lines.read(), lines.read(), lines.is_ready(),
    )  # fmt: skip


def test_everything_is_read_but_not_more_than_needed(pipe: tuple[int, int]) -> None:
    """A device that never ends is no client file."""
    with open("/dev/zero", "rb") as endless:
        assert 1_000 < len(Lines(endless.fileno()).read_all(1_000)) < 1_000_000
    reading, writing = pipe
    os.write(writing, b"{\n}")
    os.close(writing)
    assert b"{\n}" == Lines(reading).read_all(1_000)


def test_a_closed_input_has_no_lines() -> None:
    """As with `<&-`."""
    reading, writing = os.pipe()
    os.close(reading)
    os.close(writing)
    assert (True, None) == (Lines(reading).is_ready(), Lines(reading).read())


@pytest.mark.parametrize(
    "typed",
    ["{folder}/my file.json", "'{folder}/my file.json'", '"{folder}/my file.json" ', "{folder}/my\\ file.json",
     "file://{folder}/my%20file.json", " {folder}/my file.json\n"],
)  # fmt: skip
def test_a_dropped_file_is_found_however_the_terminal_writes_it(tmp_path: Path, typed: str) -> None:
    """Quoted, escaped, as an address."""
    path = tmp_path / "my file.json"
    path.write_text("{}")

    assert path == _as_path(typed.format(folder=tmp_path))


@given(st.text() | st.text(alphabet="~/\\'\"\0[]:", max_size=9) | st.just("a" * 5_000) | st.just("file://[/x"))
def test_any_text_is_some_path(typed: str) -> None:
    """Which then isn't there."""
    assert _is_there(_as_path(typed)) in (True, False)
