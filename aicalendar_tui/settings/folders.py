"""Where things are kept."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from aicalendar_tui.settings.values import SettingsError

HOME_VARIABLE = "AICALENDAR_HOME"


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
        return self.state / "logs"

    def create(self) -> None:
        """Make what is missing, private to the user; the config folder is left to the user.

        Raises: SettingsError.
        """
        for folder in (self.data, self.state, self.run):
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
