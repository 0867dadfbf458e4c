"""Where things are kept."""

import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from aicalendar_tui.settings.values import SettingsError

HOME_VARIABLE = "AICALENDAR_HOME"
LONGEST_RUN_BYTES = 82
"""A unix socket's path fits 103 bytes everywhere; 21 of them are for its name."""


class Folders(NamedTuple):
    """Absolute paths. `run` is beside the state, not in $XDG_RUNTIME_DIR: one database has one supervisor,
    however many sessions with different environments ask for it."""

    config: Path
    """`.env` and `config.toml`: the user writes here, we only read."""
    data: Path
    """The database and, where there is no keyring, the secrets."""
    state: Path
    """Logs and what can be lost."""
    run: Path
    """Sockets, locks, `api.json`: meaningless once the services have stopped."""

    @property
    def env_file(self) -> Path:
        """Settings, in the form NAME=value."""
        return self.config / ".env"

    @property
    def config_file(self) -> Path:
        """Settings, in TOML."""
        return self.config / "config.toml"

    @property
    def database(self) -> Path:
        """The SQLite file, where DATABASE_URL names no other database."""
        return self.data / "calendar.db"

    @property
    def api_token(self) -> Path:
        """The local API's bearer token, mode 0600."""
        return self.data / "api-token"

    @property
    def api_addresses(self) -> Path:
        """JSON that says where the running services listen."""
        return self.run / "api.json"

    @property
    def logs(self) -> Path:
        """One file a service."""
        return self.state / "log"

    def create(self) -> None:
        """Make what is missing, private to the user; the config folder is left to the user.

        Raises: SettingsError.
        """
        for folder in (self.data, self.state):
            _make_private(folder)
        if len(os.fsencode(self.run)) <= LONGEST_RUN_BYTES:
            _make_private(self.run)
        elif not self.run.exists():
            self._link_run()

    def _link_run(self) -> None:
        """Sockets have no room there: `run` leads to a short folder, the same for all who ask for this one."""
        from hashlib import blake2s  # loads OpenSSL, for few

        digest = blake2s(os.fsencode(self.run), digest_size=6).hexdigest()
        # Not $TMPDIR: two terminals with different ones must find the same folder.
        short = Path(f"/tmp/aicalendar-{os.getuid()}-{digest}")
        _make_private(short)
        found = short.lstat()
        if found.st_uid != os.getuid() or not stat.S_ISDIR(found.st_mode):
            raise SettingsError(f"{short} is not our own folder: remove it, or set {HOME_VARIABLE} to a shorter path")
        try:
            self.run.unlink(missing_ok=True)  # a link to what was there before the machine started anew
            self.run.symlink_to(short)
        except FileExistsError:
            pass  # somebody else was faster, with the same link
        except OSError as error:
            raise SettingsError(f"can't make {self.run}: {error.strerror}") from error


def _make_private(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise SettingsError(
            f"can't make the folder {folder}: {error.strerror}; set {HOME_VARIABLE} to one you may write to"
        ) from error


def find_folders(*, demo: bool = False, environ: Mapping[str, str] = os.environ) -> Folders:
    """AICALENDAR_HOME holds all of them, else XDG's rules do; the demo's are its own. Nothing is made."""
    if home := environ.get(HOME_VARIABLE, "").strip():
        root = Path(home).expanduser().absolute()
        return Folders(root, root, root, root / "run")
    from platformdirs import PlatformDirs  # 10 ms that AICALENDAR_HOME saves

    folders = PlatformDirs("aicalendar", appauthor=False)
    state = folders.user_state_path
    if demo:
        demo_state = state / "demo"
        return Folders(folders.user_config_path, demo_state, demo_state, demo_state / "run")
    return Folders(folders.user_config_path, folders.user_data_path, state, state / "run")
