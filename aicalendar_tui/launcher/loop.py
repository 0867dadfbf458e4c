"""One thread that sleeps until a descriptor, a signal or a deadline has something to say."""

import selectors
import signal
import socket
import time
from collections.abc import Callable, Hashable
from typing import Protocol

READ = selectors.EVENT_READ
WRITE = selectors.EVENT_WRITE


class HasDescriptor(Protocol):
    """A socket, or anything else that knows its descriptor."""

    def fileno(self) -> int: ...


class Loop:
    """Descriptors, signals and deadlines, each with a call; nothing wakes it when none is due."""

    def __init__(self, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self.monotonic = monotonic
        self._selector = selectors.DefaultSelector()
        self._deadlines: dict[Hashable, tuple[float, Callable[[], None]]] = {}
        self._signals: dict[int, Callable[[], None]] = {}
        self._wake_reader, self._wake_writer = socket.socketpair()
        self._wake_reader.setblocking(False)
        self._wake_writer.setblocking(False)
        self.watch(self._wake_reader, READ, self._run_signals)

    def watch(self, source: int | HasDescriptor, events: int, call: Callable[[], None]) -> None:
        """Have `call` run whenever the descriptor is ready for the events; again to change them."""
        try:
            self._selector.modify(source, events, call)
        except KeyError:
            self._selector.register(source, events, call)

    def forget(self, source: int | HasDescriptor) -> None:
        """Stop watching, before the descriptor is closed; what isn't watched is fine."""
        try:
            self._selector.unregister(source)
        except (KeyError, ValueError):
            return

    def call_in(self, key: Hashable, seconds: float, call: Callable[[], None]) -> None:
        """Have `call` run once after some seconds; a key has one deadline, the last one set."""
        self._deadlines[key] = (self.monotonic() + seconds, call)

    def cancel(self, key: Hashable) -> None:
        """Drop the key's deadline if there is one."""
        self._deadlines.pop(key, None)

    def is_due(self, key: Hashable) -> bool:
        """Whether the key has a deadline that hasn't come yet."""
        return key in self._deadlines

    def on_signal(self, number: int, call: Callable[[], None]) -> None:
        """Have `call` run in the loop, not in the middle of something, after the signal came."""
        self._signals[number] = call
        signal.set_wakeup_fd(self._wake_writer.fileno(), warn_on_full_buffer=False)
        signal.signal(number, _leave_to_the_loop)

    def close(self) -> None:
        """Free the loop's own descriptors, not those that are watched."""
        self._selector.close()
        self._wake_reader.close()
        self._wake_writer.close()

    def run_once(self) -> None:
        """Sleep until something is due, and run what is."""
        timeout = None
        if self._deadlines:
            soonest = min(deadline for deadline, _ in self._deadlines.values())
            timeout = max(0.0, soonest - self.monotonic())
        for key, _ in self._selector.select(timeout):
            # An earlier call of this round may have closed the descriptor.
            if self._selector.get_map().get(key.fd) == key:
                key.data()
        now = self.monotonic()
        for key, (deadline, call) in list(self._deadlines.items()):
            # An earlier call may have set it anew, or dropped it.
            if deadline <= now and self._deadlines.get(key) == (deadline, call):
                del self._deadlines[key]
                call()

    def _run_signals(self) -> None:
        try:
            numbers = set(self._wake_reader.recv(4096))
        except BlockingIOError:
            return
        for number in numbers & self._signals.keys():
            self._signals[number]()


def _leave_to_the_loop(number: int, frame: object) -> None:
    """Python wants a handler before it writes the signal's number to the wake-up descriptor."""
