"""A terminal for the real program: a pty, an emulator behind it, and waiting for what the screen shows."""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time
from collections.abc import Callable, Mapping, Sequence

import pyte

NOT_FOR_PYTE = re.compile(
    rb"\x1b\[[<>=][0-9;]*[a-zA-Z]|\x1b\[\?[0-9;]*\$p|\x1bP[^\x1b]*\x1b\\|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)"
)
"""Sequences that the emulator would print as text."""


class ScreenTimeoutError(AssertionError):
    """The screen did not show in time what it should."""


class Terminal:
    """One program in a terminal of `columns` × `rows`; reads what it writes only while waiting for something."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        env: Mapping[str, str],
        columns: int = 140,
        rows: int = 45,
        hangup: signal.Handlers = signal.SIG_DFL,
    ) -> None:
        self._screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self._screen)
        self._received = b""
        self.status: int | None = None
        self.pid, self._fd = pty.fork()
        if self.pid == 0:
            # As in every terminal; under nohup or as a shell's background job they would be ignored.
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            signal.signal(signal.SIGQUIT, signal.SIG_DFL)
            signal.signal(signal.SIGHUP, hangup)
            os.execvpe(command[0], list(command), {**env, "TERM": "xterm-256color", "COLORTERM": "truecolor"})
        fcntl.ioctl(self._fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    @property
    def text(self) -> str:
        """What the screen shows."""
        return "\n".join(self._screen.display)

    def press(self, keys: str) -> None:
        """Types; escape sequences for the keys that are no letters."""
        os.write(self._fd, keys.encode())

    def wait_for(self, pattern: str, *, seconds: float = 20) -> float:
        """Blocks until the screen matches; returns how long it took in seconds."""
        return self._wait(lambda: re.search(pattern, self.text) is not None, f"to show {pattern!r}", seconds)

    def wait_for_output(self, text: bytes, *, seconds: float = 20) -> float:
        """Blocks until the program has written that; unlike `wait_for` it does not count the emulator's own work."""
        return self._wait(lambda: text in self._received, f"to write {text!r}", seconds, emulate=False)

    def wait_until_gone(self, pattern: str, *, seconds: float = 20) -> float:
        """Blocks until the screen matches no more; returns how long it took in seconds."""
        return self._wait(lambda: re.search(pattern, self.text) is None, f"to show {pattern!r} no more", seconds)

    def wait_for_exit(self, *, seconds: float = 10) -> int:
        """Blocks until the program has ended; returns its exit status."""

        def ended() -> bool:
            if self.status is None:
                pid, status = os.waitpid(self.pid, os.WNOHANG)
                if pid:
                    self.status = os.waitstatus_to_exitcode(status)
            return self.status is not None

        self._wait(ended, "to end", seconds)
        assert self.status is not None
        return self.status

    def kill(self, number: signal.Signals = signal.SIGKILL) -> None:
        """Sends the program a signal."""
        os.kill(self.pid, number)

    def hang_up(self) -> None:
        """Closes the terminal's window; the program lives until it notices."""
        os.close(self._fd)
        self._fd = -1

    def close(self) -> None:
        """Ends the program, whatever it is doing."""
        if self.status is None:
            self.kill()
            os.waitpid(self.pid, 0)
        if self._fd >= 0:
            self.hang_up()

    def _wait(self, condition: Callable[[], bool], what: str, seconds: float, *, emulate: bool = True) -> float:
        began = time.monotonic()
        while not condition():
            if time.monotonic() - began > seconds:
                raise ScreenTimeoutError(f"waited {seconds:g} s for the program {what}; it shows:\n{self.text}")
            self._pump(emulate=emulate)
        return time.monotonic() - began

    def _pump(self, *, emulate: bool) -> None:
        if self._fd < 0:
            time.sleep(0.02)
            return
        if not select.select([self._fd], [], [], 0.02)[0]:
            return
        try:
            data = os.read(self._fd, 1 << 16)
        except OSError:  # the program has ended, and with it the other side of the pty
            return
        if emulate:
            self._stream.feed(NOT_FOR_PYTE.sub(b"", data))
        else:
            self._received += data
