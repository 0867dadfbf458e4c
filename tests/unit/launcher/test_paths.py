"""The run folder is private, or refused."""

import os
from pathlib import Path

import pytest

from aicalendar_tui.launcher.errors import RunFolderError
from aicalendar_tui.launcher.paths import ensure_private_folder


def test_missing_folder_is_made_private(tmp_path: Path) -> None:
    """Its parents are made too."""
    folder = tmp_path / "a" / "r"
    ensure_private_folder(folder)
    assert 0o700 == folder.stat().st_mode & 0o777


def test_open_folder_is_closed_to_others(tmp_path: Path) -> None:
    """Someone was careless with it."""
    folder = tmp_path / "run"
    folder.mkdir()
    folder.chmod(0o755)
    ensure_private_folder(folder)
    assert 0o700 == folder.stat().st_mode & 0o777


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
