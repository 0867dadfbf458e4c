"""The run folder: private, and short enough for unix sockets."""

import os
import stat
from contextlib import suppress
from pathlib import Path

from aicalendar_tui.i18n import _
from aicalendar_tui.launcher.errors import RunFolderError

CONTROL_SOCKET = "supervisor.sock"
VALKEY_SOCKET = "valkey.sock"
LOCK = "supervisor.lock"
STARTING_LOCK = "starting.lock"
ADDRESSES = "services.json"
API_ADDRESSES = "api.json"

SOCKET_PATH_BYTES = 103
"""What fits everywhere: sun_path holds 108 bytes on Linux and 104 on macOS, one of them the final zero."""
LONGEST_NAME_BYTES = 20
"""Room for the longest socket name in the folder."""


def short_run_folder(preferred: Path) -> Path:
    """`preferred` if unix sockets in it have room, else a stable stand-in under /tmp; made, and private.

    Raises: RunFolderError (someone else's, a symbolic link, or not to be made).
    """
    folder = preferred.absolute()
    if len(os.fsencode(folder)) + 1 + LONGEST_NAME_BYTES > SOCKET_PATH_BYTES:
        # Imported here: only long paths need it, and it loads OpenSSL.
        from hashlib import blake2s

        digest = blake2s(os.fsencode(folder), digest_size=6).hexdigest()
        # Not $TMPDIR: two terminals with different ones must find the same folder.
        short = Path(f"/tmp/aicalendar-{os.getuid()}-{digest}")
        ensure_private_folder(short)
        _leave_signpost(folder, short)
        return short
    ensure_private_folder(folder)
    return folder


def _leave_signpost(folder: Path, short: Path) -> None:
    """Makes `folder` a link to `short`: what is documented to be in it, such as `api.json`, is found there.

    A folder with something in it stays: then only those who ask `short_run_folder` find the way.
    """
    with suppress(OSError):
        if folder.is_symlink() and folder.readlink() == short:
            return
        folder.parent.mkdir(parents=True, exist_ok=True)
        if folder.is_symlink():
            folder.unlink()
        elif folder.is_dir():
            folder.rmdir()
        folder.symlink_to(short)


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
