"""Where accounts' secrets are kept: in the system's keyring, else in files that only their owner can read.

Names are hashes of endpoint and user, so that a folder's listing tells nobody whose accounts there are; and what one
endpoint issued is never offered to another.
"""

import fcntl
import logging
import os
import stat
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from threading import Lock
from typing import Any, Protocol, cast

from msgspec import DecodeError, json

from aicalendar_tui.backend.domain.errors import Transient
from aicalendar_tui.backend.ports import Credentials
from aicalendar_tui.i18n import N_

logger = logging.getLogger(__name__)

Information = dict[str, Any]
SERVICE = "aicalendar"
OWNER_ONLY = 0o600
OTHERS = stat.S_IRWXG | stat.S_IRWXO
HOLD_SECONDS = 60.0
"""Longer than any renewal takes: who holds it is stuck, or stopped by a debugger."""
LOOK_SECONDS = 0.05
BUSY = N_("another process is renewing the sign-in and does not finish; try again later")


class FileCredentials:
    """Fits `ports.Credentials`. One JSON file an account, mode 0600, in a 0700 folder, written in one piece."""

    def __init__(self, folder: Path, *, hold_seconds: float = HOLD_SECONDS) -> None:
        """`hold_seconds` is how long `hold` waits for another holder."""
        self._folder = folder
        self._hold_seconds = hold_seconds

    def load(self, user_id: str, endpoint: str) -> Information | None:
        """See `ports.Credentials`. A file that others could read is closed to them first, with a warning."""
        path = self._path(user_id, endpoint)
        try:
            with path.open("rb") as file:
                _close_to_others(file.fileno(), path)
                return _read(file.read())
        except FileNotFoundError:
            return None

    def save(self, user_id: str, endpoint: str, information: Information) -> None:
        """See `ports.Credentials`. Raises OSError."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self._path(user_id, endpoint)
        descriptor, temporary = tempfile.mkstemp(dir=self._folder, prefix=".")  # mode 0600 from the start
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(json.encode(information))
                file.flush()
                os.fsync(file.fileno())
            os.replace(temporary, path)
            self._mark(user_id, endpoint)
        except BaseException:
            with suppress(FileNotFoundError):
                os.unlink(temporary)
            raise

    def delete(self, user_id: str, endpoint: str) -> None:
        """See `ports.Credentials`."""
        self._path(user_id, endpoint).unlink(missing_ok=True)
        self._mark(user_id, endpoint)

    def version(self, user_id: str, endpoint: str) -> int:
        """See `ports.Credentials`: when the lock file was marked last, 0 before."""
        try:
            return self._lock_path(user_id, endpoint).stat().st_mtime_ns
        except OSError:
            return 0

    @contextmanager
    def hold(self, user_id: str, endpoint: str) -> Iterator[None]:
        """See `ports.Credentials`. A lock file that dies with its holder, opened by each hold."""
        path = self._lock_path(user_id, endpoint)
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, OWNER_ONLY)
        except OSError as error:
            # A folder that can't be written: nothing can be stored there either, so there is nothing to guard.
            logger.warning("%s can't be locked: %s", path, error.strerror)
            yield
            return
        try:
            deadline = time.monotonic() + self._hold_seconds
            while not _lock(descriptor):
                if time.monotonic() > deadline:
                    raise Transient(BUSY)
                time.sleep(LOOK_SECONDS)
            yield
        finally:
            os.close(descriptor)  # which unlocks it

    def _path(self, user_id: str, endpoint: str) -> Path:
        return self._folder / f"{_name(user_id, endpoint)}.json"

    def _lock_path(self, user_id: str, endpoint: str) -> Path:
        return self._folder / f"{_name(user_id, endpoint)}.lock"

    def _mark(self, user_id: str, endpoint: str) -> None:
        path = self._lock_path(user_id, endpoint)
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, OWNER_ONLY))
        # Never the same twice, also on file systems that count in seconds.
        now = max(time.time_ns(), self.version(user_id, endpoint) + 1)
        os.utime(path, ns=(now, now))


class StaticCredentials:
    """Fits `ports.Credentials`. The same information for every account until one is saved; kept in memory."""

    def __init__(self, information: Information | None = None) -> None:
        self._default = information
        self._saved: dict[str, Information | None] = {}
        self._version = 0
        self._held = Lock()

    def load(self, user_id: str, endpoint: str) -> Information | None:
        """See `ports.Credentials`."""
        information = self._saved.get(_name(user_id, endpoint), self._default)
        return None if information is None else dict(information)

    def save(self, user_id: str, endpoint: str, information: Information) -> None:
        """See `ports.Credentials`."""
        self._saved[_name(user_id, endpoint)] = dict(information)
        self._version += 1

    def delete(self, user_id: str, endpoint: str) -> None:
        """See `ports.Credentials`."""
        self._saved[_name(user_id, endpoint)] = None
        self._version += 1

    def version(self, user_id: str, endpoint: str) -> int:
        """See `ports.Credentials`; one number for all."""
        return self._version

    def hold(self, user_id: str, endpoint: str) -> AbstractContextManager[Any]:
        """See `ports.Credentials`; one lock for all, within this process."""
        return self._held


class Keyring(Protocol):
    """The part of a keyring backend that is used."""

    def get_password(self, service: str, username: str, /) -> str | None: ...
    def set_password(self, service: str, username: str, password: str, /) -> None: ...
    def delete_password(self, service: str, username: str, /) -> None: ...


def find_keyring() -> Keyring | None:
    """The system's keyring, or None where there is none that can be used. Slow: it looks for backends."""
    import keyring
    from keyring.backends import fail
    from keyring.errors import InitError, KeyringError

    try:
        backend = keyring.get_keyring()
    except (InitError, KeyringError, RuntimeError, OSError) as error:
        logger.info("No keyring: %s", type(error).__name__)
        return None
    if isinstance(backend, fail.Keyring) or backend.priority <= 0:
        return None
    return cast(Keyring, backend)  # its decorators hide the signatures


class KeyringCredentials:
    """Fits `ports.Credentials`. Falls back to `files` where there is no keyring, it is locked, or it refuses.

    A file is there only while the keyring could not take what is newer, so it counts before the keyring's entry;
    an empty one stands for what the keyring refused to delete. What can go to the keyring moves there when saved.
    """

    def __init__(self, files: Credentials, find: Callable[[], Keyring | None] = find_keyring) -> None:
        self._files = files
        self._find = find
        self._keyring: Keyring | None = None
        self._looked = False
        self._known: dict[str, Information | None] = {}
        """What this process read or wrote last: keyrings are locked with the screen, and work goes on."""

    def load(self, user_id: str, endpoint: str) -> Information | None:
        """See `ports.Credentials`."""
        stored = self._files.load(user_id, endpoint)
        if stored is not None:
            return stored or None
        keyring = self._open()
        if keyring is None:
            return None
        name = _name(user_id, endpoint)
        texts: list[str | None] = []
        if _attempt(lambda: texts.append(keyring.get_password(SERVICE, name)), "read"):
            text = texts[0]
            self._known[name] = None if text is None else _read(text.encode())
        known = self._known.get(name)
        return None if known is None else dict(known)

    def save(self, user_id: str, endpoint: str, information: Information) -> None:
        """See `ports.Credentials`. Raises OSError when neither place takes it."""
        keyring = self._open()
        name, text = _name(user_id, endpoint), json.encode(information).decode()
        if keyring is not None and _attempt(lambda: keyring.set_password(SERVICE, name, text), "write"):
            self._known[name] = dict(information)
            self._files.delete(user_id, endpoint)
            return
        self._files.save(user_id, endpoint, information)
        if keyring is not None:
            _attempt(lambda: _remove(keyring, name), "delete")

    def delete(self, user_id: str, endpoint: str) -> None:
        """See `ports.Credentials`. Raises OSError."""
        keyring = self._open()
        name = _name(user_id, endpoint)
        self._known.pop(name, None)
        if keyring is not None and not _attempt(lambda: _remove(keyring, name), "delete"):
            self._files.save(user_id, endpoint, {})
            return
        self._files.delete(user_id, endpoint)

    def version(self, user_id: str, endpoint: str) -> int:
        """See `ports.Credentials`. Every save and delete of an entry goes by the files as well."""
        return self._files.version(user_id, endpoint)

    def hold(self, user_id: str, endpoint: str) -> AbstractContextManager[None]:
        """See `ports.Credentials`. A keyring has no locks; the files' serve for both."""
        return self._files.hold(user_id, endpoint)

    def _open(self) -> Keyring | None:
        if not self._looked:
            self._keyring, self._looked = self._find(), True
        return self._keyring


def _remove(keyring: Keyring, name: str) -> None:
    if keyring.get_password(SERVICE, name) is not None:
        keyring.delete_password(SERVICE, name)


def _lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _attempt(action: Callable[[], object], verb: str) -> bool:
    """Whether the keyring did it; no secret is in the log."""
    from keyring.errors import KeyringError

    try:
        action()
    except (KeyringError, RuntimeError, OSError) as error:
        # Backends raise what their D-Bus or Keychain library raises; the files do the work then.
        logger.warning("The keyring did not %s (%s): a private file is used instead", verb, type(error).__name__)
        return False
    return True


def _name(user_id: str, endpoint: str) -> str:
    return sha256(f"{endpoint.rstrip('/')}\n{user_id}".encode()).hexdigest()[:32]


def _read(content: bytes) -> Information | None:
    """What cannot be read counts as signed out: signing in again mends it."""
    try:
        return json.decode(content, type=dict[str, Any])
    except DecodeError:
        logger.warning("Stored credentials are unreadable: sign in again")
        return None


def _close_to_others(descriptor: int, path: Path) -> None:
    mode = stat.S_IMODE(os.fstat(descriptor).st_mode)
    if mode & OTHERS:
        os.fchmod(descriptor, OWNER_ONLY)
        logger.warning("%s was readable by others (mode %o); it is private now", path, mode)
