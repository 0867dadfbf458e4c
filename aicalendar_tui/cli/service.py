"""`service install` and `uninstall`: a systemd unit of the user's own for `serve`, so that reminders and live updates
go on while no screen is open."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from aicalendar_tui.cli.report import OK, CommandError
from aicalendar_tui.i18n import _
from aicalendar_tui.settings.folders import HOME_VARIABLE

if TYPE_CHECKING:
    from aicalendar_tui.cli.context import Context

UNIT = "aicalendar.service"
DEMO_UNIT = "aicalendar-demo.service"
FIRST_LINE = "# Written by: aicalendar service install"
KEPT_VARIABLES = (HOME_VARIABLE, "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME")
"""What says where things are; every other setting belongs into the config folder, and secrets never into a unit."""

Systemctl = Callable[[Sequence[str]], str]
"""Runs `systemctl --user` with these arguments; gives '' or what went wrong."""


def manage_service(context: "Context") -> int:
    """Install or uninstall. Raises CommandError."""
    service = Service(
        unit_folder(os.environ), name=DEMO_UNIT if context.settings.demo else UNIT, systemctl=run_systemctl
    )
    if context.options.action == "uninstall":
        removed = service.uninstall()
        context.output.line(
            _("Removed {path}.").format(path=service.path) if removed else _("No service is installed.")
        )
        return OK
    service.install(unit_text(program(), os.environ, demo=context.settings.demo))
    context.output.line(_("The services run now, and with each login: {path}").format(path=service.path))
    context.output.line(_("How they are: systemctl --user status {name}").format(name=service.name))
    context.output.line(_("So that they run without a login, too: loginctl enable-linger"))
    return OK


class Service:
    """The unit's file and systemd's view of it."""

    def __init__(self, folder: Path, *, name: str, systemctl: Systemctl) -> None:
        self.name = name
        self.path = folder / name
        self._systemctl = systemctl

    def install(self, text: str) -> None:
        """Write the unit and start it. Raises CommandError: another's unit is there, or systemd refuses."""
        if self.path.exists() and not self._is_ours():
            raise CommandError(
                _("{path} is not of our making: move it away, and install again").format(path=self.path)
            )
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self.path.write_text(text, "utf-8")
        except OSError as error:
            raise CommandError(
                _("can't write {path}: {reason}").format(path=self.path, reason=error.strerror)
            ) from error
        for arguments in (("daemon-reload",), ("enable", self.name), ("restart", self.name)):
            if reason := self._systemctl(arguments):
                raise CommandError(
                    _("{path} is written, but systemd can't start it: {reason}; later: {command}").format(
                        path=self.path, reason=reason, command=f"systemctl --user enable --now {self.name}"
                    )
                )

    def uninstall(self) -> bool:
        """Stop and remove it; False when there is none. Raises CommandError when it is another's."""
        if not self.path.exists():
            return False
        if not self._is_ours():
            raise CommandError(_("{path} is not of our making: it stays").format(path=self.path))
        self._systemctl(("disable", "--now", self.name))
        self.path.unlink()
        self._systemctl(("daemon-reload",))
        return True

    def _is_ours(self) -> bool:
        return self.path.read_text("utf-8", "replace").startswith(FIRST_LINE)


def unit_text(command: Sequence[str], environ: Mapping[str, str], *, demo: bool = False) -> str:
    """The unit. On its stop only `serve` is told: the rest ends with the last lease, and a screen may hold one."""
    words = " ".join(_quote(word) for word in (*command, *(["--demo"] if demo else []), "serve"))
    kept = [f"Environment={_quote(f'{name}={environ[name]}')}" for name in KEPT_VARIABLES if environ.get(name)]
    lines = [
        FIRST_LINE,
        "[Unit]",
        "Description=aicalendar: sync and live updates while no screen is open",
        "Documentation=man:aicalendar(1)",
        "",
        "[Service]",
        f"ExecStart={words}",
        *kept,
        "Restart=on-failure",
        "RestartSec=10",
        "KillMode=process",
        "TimeoutStopSec=15",
        "",
        "[Install]",
        "WantedBy=default.target",
    ]
    return "\n".join(lines) + "\n"


def _quote(word: str) -> str:
    """As systemd reads it: no specifiers, no variables, no end of the line."""
    if any(not letter.isprintable() for letter in word):
        raise CommandError(_("{word!r} can't be written into a unit: rename the folder").format(word=word))
    escaped = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$")
    return f'"{escaped}"'


def program() -> list[str]:
    """The installed command where there is one, else this Python with the package."""
    found = Path(sys.argv[0])
    if found.name == "aicalendar" and (whole := shutil.which(os.fspath(found))):
        return [os.path.abspath(whole)]  # not resolved: pipx and uv keep the link while the version changes
    return [sys.executable, "-m", "aicalendar_tui"]


def unit_folder(environ: Mapping[str, str]) -> Path:
    """Where a user's own units are. Raises CommandError on a system without systemd."""
    if sys.platform != "linux":
        raise CommandError(_("only systemd is supported; start at login by other means: aicalendar serve"))
    base = environ.get("XDG_CONFIG_HOME") or ""
    return (Path(base) if os.path.isabs(base) else Path.home() / ".config") / "systemd" / "user"


def run_systemctl(arguments: Sequence[str]) -> str:
    """See `Systemctl`."""
    try:
        done = subprocess.run(
            ["systemctl", "--user", *arguments], capture_output=True, text=True, check=False, timeout=60
        )
    except FileNotFoundError:
        return _("systemctl is not there")
    except subprocess.TimeoutExpired:
        return _("systemctl does not end")
    if done.returncode == 0:
        return ""
    lines = [line.strip() for line in done.stderr.splitlines() if line.strip()]
    return lines[0] if lines else str(done.returncode)
