"""Started where little is as it should be: one clear line, never a traceback."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NOBODY = 65_534


def run(*arguments: str, environ: dict[str, str], user: int | None = None) -> subprocess.CompletedProcess[str]:
    """The command with nothing in its environment but what is given."""
    return subprocess.run(
        [sys.executable, "-m", "aicalendar_tui", *arguments],
        env={"PYTHONPATH": str(ROOT), **environ},
        cwd="/",
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        user=user,
        check=False,
    )


def is_clear(done: subprocess.CompletedProcess[str]) -> bool:
    """One line on standard error, and no trace."""
    return 1 == len(done.stderr.splitlines()) and done.stderr.startswith("aicalendar: ")


@pytest.mark.parametrize("command", ["agenda", "next", "tasks", "sync", "token"])
def test_a_home_that_can_not_be_written_to_is_one_clear_line(tmp_path: Path, command: str):
    """A file stands in its place: that stops root, too."""
    (tmp_path / "home").write_text("")
    done = run(command, environ={"HOME": str(tmp_path / "home")})
    assert (1, True) == (min(done.returncode, 1), is_clear(done)), done.stderr
    assert "AICALENDAR_HOME" in done.stderr


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_a_user_without_a_home_is_told_what_to_set():
    """Whose home, by the password file, is nowhere."""
    try:
        done = run("agenda", environ={}, user=NOBODY)
    except PermissionError:
        pytest.skip("this Python is not for everybody")
    assert (1, True) == (min(done.returncode, 1), is_clear(done)), done.stderr


@pytest.mark.parametrize(
    "locale", [{"LC_ALL": "C"}, {"LC_ALL": "xx_YY.UTF-8"}, {"LC_ALL": "POSIX", "PYTHONUTF8": "0"}]
)
def test_without_a_locale_the_commands_still_speak(tmp_path: Path, locale: dict[str, str]):
    """Letters that the terminal can't show are replaced; in Russian that are nearly all."""
    environ = {"AICALENDAR_HOME": str(tmp_path), "PYTHONCOERCECLOCALE": "0", "AICALENDAR_LANGUAGE": "ru", **locale}
    done = run("doctor", environ=environ)
    assert (0, "") == (done.returncode, done.stderr)
    assert "aicalendar" in done.stdout


def test_without_a_home_variable_the_password_file_tells(tmp_path: Path):
    """XDG's folders are given here, so that nothing of the person who runs the tests is touched."""
    environ = {f"XDG_{name}_HOME": str(tmp_path / name) for name in ("CONFIG", "DATA", "STATE")}
    done = run("agenda", environ=environ)
    assert (1, True) == (done.returncode, is_clear(done)), done.stderr
    assert "aicalendar login" in done.stderr


def test_a_terminal_that_can_only_print_is_told_of_agenda(tmp_path: Path):
    """TERM=dumb has no cursor to move."""
    near, far = os.openpty()
    try:
        done = subprocess.run(
            [sys.executable, "-m", "aicalendar_tui"],
            env={"PYTHONPATH": str(ROOT), "AICALENDAR_HOME": str(tmp_path), "TERM": "dumb"},
            stdin=far,
            stdout=far,
            stderr=subprocess.PIPE,
            text=True,
            timeout=60,
            check=False,
        )
    finally:
        os.close(near)
        os.close(far)
    assert (1, True) == (done.returncode, is_clear(done)), done.stderr
    assert "aicalendar agenda" in done.stderr
