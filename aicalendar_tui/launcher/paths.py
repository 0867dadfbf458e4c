"""The run folder, which must be private; `settings.Folders` sees to it that it is short enough for unix sockets."""

import os
import stat
from pathlib import Path

from aicalendar_tui.i18n import _
from aicalendar_tui.launcher.errors import RunFolderError

CONTROL_SOCKET = "supervisor.sock"
VALKEY_SOCKET = "valkey.sock"
LOCK = "supervisor.lock"
STARTING_LOCK = "starting.lock"
ADDRESSES = "services.json"
API_ADDRESSES = "api.json"


def ensure_private_folder(folder: Path) -> None:
    """Make the folder with mode 0700, or see that the one that is there is ours, and make it private.

    Raises: RunFolderError.
    """
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        folder.mkdir(mode=0o700, exist_ok=True)
        found = folder.lstat()
        if stat.S_ISLNK(found.st_mode):
            raise RunFolderError(_("{folder} is a symbolic link: remove it").format(folder=folder))
        if found.st_uid != os.getuid():
            raise RunFolderError(_("{folder} belongs to another user: set AICALENDAR_HOME").format(folder=folder))
        if stat.S_IMODE(found.st_mode) & 0o077:
            folder.chmod(0o700)
    except OSError as error:
        raise RunFolderError(
            _("can't make the folder {folder}: {reason}").format(folder=folder, reason=error.strerror)
        ) from error
