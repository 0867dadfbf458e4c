"""The services' log files: appended to by the services themselves, and set aside when they are full."""

import os
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import BinaryIO

LIMIT_BYTES = 1_000_000
KEPT = 3
"""Full logs beside the one that is written."""
TAIL_BYTES = 4096
LINE_CHARACTERS = 300


def log_path(folder: str, name: str) -> str:
    """Where a service, or `supervisor`, writes."""
    return os.path.join(folder, f"{name}.log")


def set_aside(path: str) -> None:
    """Rename a full log to `NAME.log.1`, the former to `.2`, and so on; the oldest goes. Raises: OSError."""
    for number in range(KEPT - 1, 0, -1):
        with suppress(FileNotFoundError):
            os.replace(f"{path}.{number}", f"{path}.{number + 1}")
    with suppress(FileNotFoundError):  # somebody who writes it, too, was faster
        os.replace(path, f"{path}.1")


def renew_own(folder: str, name: str) -> None:
    """Have standard error, which is this log, go on in a new file when the old one is full."""
    with suppress(OSError):  # a full disk must not end the supervisor
        if os.fstat(2).st_size > LIMIT_BYTES and os.path.samestat(os.fstat(2), os.stat(log_path(folder, name))):
            log = open_log(folder, name)
            os.dup2(log, 1)
            os.dup2(log, 2)
            os.close(log)


def open_log(folder: str, name: str) -> int:
    """A descriptor that appends to the log, after setting a full one aside. Raises: OSError."""
    os.makedirs(folder, mode=0o700, exist_ok=True)
    path = log_path(folder, name)
    with suppress(FileNotFoundError):
        if os.path.getsize(path) > LIMIT_BYTES:
            set_aside(path)
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)


def last_line(folder: str, name: str, *, start: int = 0) -> str:
    """The last line with something in it that was written from the byte `start` on, fit to be shown, or ''.

    Control characters are left out: a log is foreign text.
    """
    try:
        with open(log_path(folder, name), "rb") as log:
            end = log.seek(0, os.SEEK_END)
            log.seek(max(start, end - TAIL_BYTES))
            tail = log.read(TAIL_BYTES).decode("utf-8", "replace")
    except OSError:
        return ""
    for line in reversed(tail.splitlines()):
        shown = "".join(letter if letter.isprintable() else " " for letter in line).strip()
        if shown:
            return shown[:LINE_CHARACTERS]
    return ""


class LogReader:
    """Reads what services write, from now on, across the start of new files."""

    def __init__(self, folder: str, names: Iterable[str]) -> None:
        self._folder = folder
        self._files: dict[str, BinaryIO | None] = {}
        self._rests = dict.fromkeys(names, b"")
        for name in self._rests:
            log = self._files[name] = self._open(name)
            if log:
                log.seek(0, os.SEEK_END)

    def read_new(self) -> list[tuple[str, str]]:
        """Each whole line since the last call, with its service's name; never blocks. Foreign text."""
        found: list[tuple[str, str]] = []
        for name, log in self._files.items():
            if log:
                found += self._read_lines(name, log)
            if self._is_replaced(name, log):
                if log:
                    log.close()
                log = self._files[name] = self._open(name)
                self._rests[name] = b""
                if log:
                    found += self._read_lines(name, log)
        return found

    def close(self) -> None:
        """Free the files."""
        for log in self._files.values():
            if log:
                log.close()
        self._files.clear()

    def _open(self, name: str) -> BinaryIO | None:
        try:
            return open(log_path(self._folder, name), "rb")
        except FileNotFoundError:
            return None

    def _read_lines(self, name: str, log: BinaryIO) -> Iterator[tuple[str, str]]:
        *lines, self._rests[name] = (self._rests[name] + log.read()).split(b"\n")
        return ((name, line.decode("utf-8", "replace")) for line in lines)

    def _is_replaced(self, name: str, log: BinaryIO | None) -> bool:
        try:
            found = os.stat(log_path(self._folder, name))
        except FileNotFoundError:
            return False
        return log is None or found.st_ino != os.fstat(log.fileno()).st_ino


def say(text: str) -> None:
    """A line, with the time in UTC, in the supervisor's own log, which is its standard error."""
    now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    # A full disk must not end the supervisor.
    with suppress(OSError):
        os.write(2, f"{now} {text}\n".encode())
