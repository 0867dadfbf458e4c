"""The local API's bearer token: a file that only its user can read."""

import os
import secrets
from pathlib import Path

from aicalendar_tui.settings.values import Secret, SettingsError


def read_api_token(path: Path) -> Secret:
    """The token, made at the first call; two that call at once get the same. Its folder must exist.

    Raises: SettingsError (can't be read or made, or others can read it).
    """
    try:
        _make_unless_there(path)
        if path.stat().st_mode & 0o077:
            raise SettingsError(f"{path} can be read by others; say: chmod 600 {path}")
        if token := path.read_text("ascii").strip():
            return Secret(token)
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "not a token"
        raise SettingsError(f"can't use {path}: {reason}; remove it, and a new token is made") from error
    raise SettingsError(f"{path} is empty; remove it, and a new token is made")


def _make_unless_there(path: Path) -> None:
    """Under a name of its own first: whoever finds the file finds a whole token in it."""
    if path.exists():
        return
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.write(descriptor, f"{secrets.token_urlsafe(32)}\n".encode())
    finally:
        os.close(descriptor)
    try:
        os.link(draft, path)
    except FileExistsError:
        pass  # somebody else was faster: theirs counts
    finally:
        os.unlink(draft)
