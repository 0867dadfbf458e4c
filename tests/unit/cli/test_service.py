"""The systemd unit, and the manual page that goes with it."""

import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from aicalendar_tui.cli.man_page import man_page
from aicalendar_tui.cli.parser import build_parser, command_words
from aicalendar_tui.cli.report import CommandError
from aicalendar_tui.cli.service import UNIT, Service, unit_folder, unit_text
from aicalendar_tui.i18n import set_language

PROGRAM = ["/home/ana/.local/bin/aicalendar"]
ROOT = Path(__file__).parents[3]


class FakeSystemd:
    """Writes down what it was told, and refuses what it should."""

    def __init__(self, refused: str = "") -> None:
        self.told: list[tuple[str, ...]] = []
        self.refused = refused

    def __call__(self, arguments: Sequence[str]) -> str:
        self.told.append(tuple(arguments))
        return "Failed to connect to bus" if arguments[0] == self.refused else ""


def test_an_installed_service_is_started_and_enabled(tmp_path: Path):
    """In that order: systemd has to read the file first."""
    systemd = FakeSystemd()
    service = Service(tmp_path / "systemd" / "user", name=UNIT, systemctl=systemd)
    service.install(unit_text(PROGRAM, {}))
    assert [("daemon-reload",), ("enable", UNIT), ("restart", UNIT)] == systemd.told
    assert 'ExecStart="/home/ana/.local/bin/aicalendar" "serve"' in service.path.read_text().splitlines()


def test_uninstalling_leaves_nothing(tmp_path: Path):
    """And a second time there is nothing to do."""
    systemd = FakeSystemd()
    service = Service(tmp_path, name=UNIT, systemctl=systemd)
    service.install(unit_text(PROGRAM, {}))
    systemd.told.clear()
    assert service.uninstall()
    assert [("disable", "--now", UNIT), ("daemon-reload",)] == systemd.told
    assert not list(tmp_path.iterdir())
    assert not service.uninstall()


def test_a_unit_that_somebody_else_wrote_is_left_alone(tmp_path: Path):
    """It may be the user's own, with care in it."""
    (tmp_path / UNIT).write_text("[Service]\nExecStart=mine\n")
    service = Service(tmp_path, name=UNIT, systemctl=FakeSystemd())
    for act in (lambda: service.install(unit_text(PROGRAM, {})), service.uninstall):
        with pytest.raises(CommandError, match="not of our making"):
            act()
    assert "ExecStart=mine" in (tmp_path / UNIT).read_text()


def test_a_systemd_that_refuses_is_told_with_the_way_on(tmp_path: Path):
    """In a container there may be none for users."""
    service = Service(tmp_path, name=UNIT, systemctl=FakeSystemd("enable"))
    with pytest.raises(CommandError, match=r"Failed to connect to bus; later: systemctl --user enable --now"):
        service.install(unit_text(PROGRAM, {}))


def test_the_unit_knows_the_folders_and_no_secrets():
    """Everybody on the machine may read a unit."""
    environ = {"AICALENDAR_HOME": "/srv/100% mine", "NGROK_AUTHTOKEN": "hunter2", "XDG_STATE_HOME": ""}
    text = unit_text(["/opt/my $dir/aicalendar"], environ, demo=True)
    assert 'Environment="AICALENDAR_HOME=/srv/100%% mine"' in text
    assert 'ExecStart="/opt/my $$dir/aicalendar" "--demo" "serve"' in text
    assert "hunter2" not in text
    assert "XDG_STATE_HOME" not in text


def test_a_folder_that_would_end_the_line_is_refused():
    """A unit is read line by line."""
    with pytest.raises(CommandError, match="rename the folder"):
        unit_text(["/tmp/a\nExecStart=/bin/evil"], {})


def test_units_are_where_the_user_has_them(tmp_path: Path):
    """Also where XDG_CONFIG_HOME says so; a relative one means nothing (XDG Base Directory Specification)."""
    assert tmp_path / "systemd" / "user" == unit_folder({"XDG_CONFIG_HOME": str(tmp_path)})
    assert Path.home() / ".config" / "systemd" / "user" == unit_folder({"XDG_CONFIG_HOME": "x"})


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd is not here")
def test_systemd_takes_the_unit(tmp_path: Path):
    """No word of it is unknown."""
    path = tmp_path / UNIT
    path.write_text(unit_text(["/bin/true"], {"AICALENDAR_HOME": "/srv/100% mine"}))
    done = subprocess.run(["systemd-analyze", "--user", "verify", path], capture_output=True, text=True, check=False)
    assert UNIT not in done.stderr


def test_every_command_is_in_the_manual_page():
    """And what it is for."""
    page = man_page(build_parser())
    for command in command_words(build_parser()):
        assert f'.SS "{command}' in page
    assert "AICALENDAR_HOME" in page


def test_the_manual_page_that_is_shipped_is_the_present_one():
    """`make tables` writes it."""
    set_language("en")
    try:
        assert man_page(build_parser()) == (ROOT / "docs" / "aicalendar.1").read_text("utf-8")
    finally:
        set_language(None)


@pytest.mark.skipif(not shutil.which("groff"), reason="groff is not here")
def test_the_manual_page_is_sound_roff():
    """Without a warning."""
    done = subprocess.run(
        ["groff", "-man", "-ww", "-z", "-Kutf8"],
        input=man_page(build_parser()),
        capture_output=True,
        text=True,
        check=True,
    )
    assert "" == done.stderr
