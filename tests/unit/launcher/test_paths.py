"""The run folder is private and short, or refused."""

import os
from pathlib import Path

import pytest

from aicalendar_tui.launcher.errors import RunFolderError
from aicalendar_tui.launcher.paths import SOCKET_PATH_BYTES, ensure_private_folder, short_run_folder


def test_short_folder_is_taken_and_made_private(tmp_path: Path) -> None:
    """Its parents are made too."""
    folder = short_run_folder(tmp_path / "a" / "r")
    assert tmp_path / "a" / "r" == folder
    assert 0o700 == folder.stat().st_mode & 0o777


def test_open_folder_is_closed_to_others(tmp_path: Path) -> None:
    """Someone was careless with it."""
    folder = tmp_path / "run"
    folder.mkdir()
    folder.chmod(0o755)
    ensure_private_folder(folder)
    assert 0o700 == folder.stat().st_mode & 0o777


def test_long_folder_has_one_short_stand_in_of_its_own(tmp_path: Path) -> None:
    """Bytes count, not letters."""
    letters = SOCKET_PATH_BYTES // 2
    one, other = tmp_path / ("ж" * letters), tmp_path / ("ш" * letters)
    folders = [short_run_folder(one), short_run_folder(one), short_run_folder(other)]
    try:
        assert folders[0] == folders[1] != folders[2]
        for folder in folders:
            assert folder.name.startswith(f"aicalendar-{os.getuid()}-")
            assert len(os.fsencode(folder / "supervisor.sock")) < SOCKET_PATH_BYTES
            assert 0o700 == folder.stat().st_mode & 0o777
        assert [folders[0], folders[2]] == [one.readlink(), other.readlink()]
    finally:
        for folder in set(folders):
            folder.rmdir()


def test_link_is_refused(tmp_path: Path) -> None:
    """It may lead to a folder that others write to."""
    (tmp_path / "run").symlink_to(tmp_path)
    with pytest.raises(RunFolderError, match="symbolic link"):
        ensure_private_folder(tmp_path / "run")


@pytest.mark.skipif(os.getuid() != 0, reason="only root can make a folder that belongs to another user")
def test_folder_of_another_user_is_refused(tmp_path: Path) -> None:
    """/tmp is open to all: someone may have been there first."""
    (tmp_path / "run").mkdir()
    os.chown(tmp_path / "run", 12345, 12345)
    with pytest.raises(RunFolderError, match="another user"):
        ensure_private_folder(tmp_path / "run")


def test_file_in_the_way_is_told(tmp_path: Path) -> None:
    """In one line, with the reason."""
    (tmp_path / "run").write_text("")
    with pytest.raises(RunFolderError, match="File exists"):
        ensure_private_folder(tmp_path / "run")


def test_folder_too_long_for_sockets_becomes_a_link_to_the_one_in_use(tmp_path: Path) -> None:
    """What is documented to be in the run folder is found there, however long its name."""
    preferred = tmp_path / ("long" * 30) / "run"
    preferred.mkdir(parents=True)
    short = short_run_folder(preferred)
    try:
        (short / "api.json").write_text("{}")

        assert "{}" == (preferred / "api.json").read_text()
        assert short == short_run_folder(preferred)
    finally:
        (short / "api.json").unlink()
        short.rmdir()
