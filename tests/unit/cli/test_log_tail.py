"""The ends of the log files, as the log screen shows them."""

from pathlib import Path

from aicalendar_tui.cli.log_tail import MOST_LINES, TAIL_BYTES, read_log_tail


def test_lines_of_all_services_stand_in_the_order_of_time(tmp_path: Path) -> None:
    """One without a time stays behind the one before it."""
    (tmp_path / "screen.log").write_text('time=2026-11-23T22:32:39.005Z level=warning message="redis is away"\n')
    (tmp_path / "supervisor.log").write_text(
        "2026-11-23T22:32:38Z starting\nmore about it\n2026-11-23T22:32:40Z done\n"
    )
    expected = ["starting", "more about it", "redis is away", "done"]
    assert expected == [line.text for line in read_log_tail(tmp_path)]


def test_no_secret_is_read(tmp_path: Path) -> None:
    """Whoever wrote it."""
    (tmp_path / "ngrok.log").write_text(
        "authtoken=2abcDEF authorization: Bearer ya29.a0AfB_xyz\nhttp://u:hunter22@host/ token=1//0gABCDEFGH\n"
    )
    shown = " ".join(line.text for line in read_log_tail(tmp_path))
    assert not [secret for secret in ("2abcDEF", "ya29", "hunter22", "1//0g") if secret in shown]


def test_a_large_log_gives_its_end_alone(tmp_path: Path) -> None:
    """Whole lines, and no more than fit."""
    (tmp_path / "worker.log").write_text("".join(f"line {number}\n" for number in range(100_000)))
    lines = read_log_tail(tmp_path)
    assert ("line 99999", True) == (lines[-1].text, len(lines) <= MOST_LINES)
    assert all(line.text.startswith("line ") for line in lines)
    assert TAIL_BYTES < (tmp_path / "worker.log").stat().st_size


def test_garbage_and_nothing_are_no_fault(tmp_path: Path) -> None:
    """Bytes that are no text, a folder called a log, no folder at all."""
    (tmp_path / "odd.log").write_bytes(b"\xff\xfe\x1b[2J\x00 time=\n\n")
    (tmp_path / "folder.log").mkdir()
    assert not {"\x1b", "\x00"} & set("".join(line.text for line in read_log_tail(tmp_path)))
    assert [] == read_log_tail(tmp_path / "none")
