"""Locks between processes of one machine: flock, which dies with its holder."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import blake2s
from pathlib import Path


class FileLock:
    """Fits `ports.Lock`: an empty file a name in `folder`, opened by each hold: threads exclude each other too."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @contextmanager
    def hold(self, name: str) -> Iterator[bool]:
        """Yields whether the lock was free, and then holds it until the block ends."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self._folder / f"{blake2s(name.encode(), digest_size=12).hexdigest()}.lock"
        with path.open("ab") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
                return
            try:
                yield True
            finally:
                fcntl.flock(file, fcntl.LOCK_UN)
