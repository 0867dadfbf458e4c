"""Leases: what keeps the services running, and tells how they are.

    with acquire(plan) as lease:
        lease.wait_ready(["worker"], timeout_seconds=10)

A lease ends with the process that holds it, however that ends. Imports nothing heavy, may be used from
any thread, and blocks only where it says so.
"""

import fcntl
import json
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from aicalendar_tui.i18n import _
from aicalendar_tui.launcher import logs, paths
from aicalendar_tui.launcher.errors import LaunchError, LeaseTimeoutError
from aicalendar_tui.launcher.plan import Plan, encode_plan
from aicalendar_tui.launcher.state import State, decode_state

RETRY_SECONDS = 0.02
STATE_LIMIT_BYTES = 1_000_000
LISTENING = 0
ANOTHER_IS_THERE = 75


def acquire(plan: Plan, *, timeout_seconds: float = 10) -> "Lease":
    """A lease of the services in the plan's run folder, starting them where nobody did; blocks.

    Where a supervisor runs already, its own plan goes on and this one is ignored (`Lease.joined`). One that
    is about to end is waited for. The services themselves may still be starting: see `Lease.wait_ready`.

    Raises: LaunchError, LeaseTimeoutError, RunFolderError.
    """
    deadline = time.monotonic() + timeout_seconds
    run_folder = Path(plan.run_folder)
    paths.ensure_private_folder(run_folder)
    while True:
        lease = _connect(run_folder, deadline, joined=True) or _start_in_turn(plan, run_folder, deadline)
        if lease:
            return lease
        if time.monotonic() > deadline:
            raise LeaseTimeoutError(
                _("the services don't answer within {seconds:g} s; see {log}").format(
                    seconds=timeout_seconds, log=logs.log_path(plan.log_folder, "supervisor")
                )
            )
        time.sleep(RETRY_SECONDS)


def join(run_folder: Path, *, timeout_seconds: float = 2) -> "Lease | None":
    """A lease of services that run already, or None; starts nothing."""
    return _connect(run_folder, time.monotonic() + timeout_seconds, joined=True)


class Lease:
    """An open connection to the supervisor; a thread of its own reads what is new."""

    def __init__(self, connection: socket.socket, state: State, rest: bytes, *, joined: bool) -> None:
        """For `acquire` and `join`."""
        self.joined = joined
        """Whether the supervisor was there already, with a plan of its own."""
        self._connection = connection
        self._news = threading.Condition()
        self._state = state
        self._number = 1
        self._closed = False
        threading.Thread(target=self._read, args=(rest,), name="lease", daemon=True).start()

    @property
    def state(self) -> State:
        """The latest that is known; after the end of the lease, the last."""
        return self._state

    @property
    def closed(self) -> bool:
        """Whether the lease has ended: closed here, or the supervisor is gone (then acquire another)."""
        return self._closed

    def wait_ready(self, names: Iterable[str], *, timeout_seconds: float) -> bool:
        """Block until all the named services are ready.

        False, sooner or later: time is up, the lease ended, or one of them has failed (`state` says why).
        """
        wanted = tuple(names)

        def settled() -> bool:
            return self._closed or self._state.is_ready(wanted) or self._has_failed(wanted)

        with self._news:
            self._news.wait_for(settled, timeout_seconds)
            return not self._closed and self._state.is_ready(wanted)

    def wait_closed(self, timeout_seconds: float | None = None) -> bool:
        """Block until the lease has ended; False when time is up first."""
        with self._news:
            return self._news.wait_for(lambda: self._closed, timeout_seconds)

    def follow(self) -> Iterator[State]:
        """Each state from now on, the present one first, until the lease ends; blocks, so for a thread.

        Who is slow misses states in between, never the last.
        """
        seen = 0
        while True:
            with self._news:
                while self._number == seen:
                    if self._closed:
                        return
                    self._news.wait()
                seen, state = self._number, self._state
            yield state

    def restart(self, service: str) -> None:
        """Ask for the service to be ended and started anew; does nothing once the lease has ended."""
        self._ask({"command": "restart", "service": service})

    def stop(self) -> None:
        """Ask for the end of all services, also of those that others lease."""
        self._ask({"command": "stop"})

    def close(self) -> None:
        """Give the lease back; the services end a moment after the last one."""
        with self._news:
            self._closed = True
            self._news.notify_all()
        # Wakes the thread that reads; it closes the socket.
        with suppress(OSError):
            self._connection.shutdown(socket.SHUT_RDWR)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _has_failed(self, names: tuple[str, ...]) -> bool:
        services = self._state.services
        return any(name in services and services[name].state == "failed" for name in names)

    def _ask(self, command: dict[str, str]) -> None:
        with suppress(OSError):
            self._connection.sendall(json.dumps(command).encode() + b"\n")

    def _read(self, rest: bytes) -> None:
        with self._connection:
            for line in _read_lines(self._connection, rest):
                try:
                    state = decode_state(line)
                except ValueError:
                    # An answer to a command, or a line of a version to come.
                    continue
                with self._news:
                    self._state = state
                    self._number += 1
                    self._news.notify_all()
            with self._news:
                self._closed = True
                self._news.notify_all()


def _read_lines(connection: socket.socket, rest: bytes) -> Iterator[bytes]:
    """Whole lines until the connection ends or talks nonsense."""
    while len(rest) < STATE_LIMIT_BYTES:
        *lines, rest = rest.split(b"\n")
        yield from lines
        try:
            data = connection.recv(65536)
        except OSError:
            return
        if not data:
            return
        rest += data


def _connect(run_folder: Path, deadline: float, *, joined: bool) -> Lease | None:
    """A lease of the supervisor that is there, or None: nobody listens, or it is about to end."""
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        connection.settimeout(max(0.001, deadline - time.monotonic()))
        connection.connect(os.fspath(run_folder / paths.CONTROL_SOCKET))
        received = b""
        while b"\n" not in received and len(received) < STATE_LIMIT_BYTES:
            # A supervisor that doesn't get on must not be waited for longer than was asked.
            connection.settimeout(max(0.001, deadline - time.monotonic()))
            data = connection.recv(65536)
            if not data:
                connection.close()
                return None
            received += data
        line, rest = received.split(b"\n", 1)
        state = decode_state(line)
        connection.settimeout(None)
    except (OSError, ValueError):
        connection.close()
        return None
    if state.stopping:
        connection.close()
        return None
    return Lease(connection, state, rest, joined=joined)


def _start_in_turn(plan: Plan, run_folder: Path, deadline: float) -> Lease | None:
    """Start a supervisor unless somebody else is about to, or the last one isn't gone yet."""
    turn = _try_lock(run_folder / paths.STARTING_LOCK)
    if turn is None:
        return None
    try:
        # Whoever had the turn before us may have started one.
        lease = _connect(run_folder, deadline, joined=True)
        if lease:
            return lease
        lock = _try_lock(run_folder / paths.LOCK)
        if lock is None:
            return None
        os.close(lock)
        return _connect(run_folder, deadline, joined=False) if _spawn(plan) else None
    finally:
        os.close(turn)


def _try_lock(path: Path) -> int | None:
    """A descriptor that holds the lock, or None when somebody else does. Raises: LaunchError."""
    try:
        lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise LaunchError(_("can't open {path}: {reason}").format(path=path, reason=error.strerror)) from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(lock)
        return None
    return lock


def _spawn(plan: Plan) -> bool:
    """Start a supervisor and wait until it listens; False when another one holds the lock.

    Raises: LaunchError (with the last line that it wrote).
    """
    try:
        log = logs.open_log(plan.log_folder, "supervisor")
    except OSError as error:
        raise LaunchError(
            _("can't write to {path}: {reason}").format(path=plan.log_folder, reason=error.strerror)
        ) from error
    try:
        start = os.fstat(log).st_size
        code = _run_program(encode_plan(plan).encode(), log)
    except OSError as error:
        raise LaunchError(_("can't start the services: {reason}").format(reason=error.strerror)) from error
    finally:
        os.close(log)
    if code not in (LISTENING, ANOTHER_IS_THERE):
        reason = logs.last_line(plan.log_folder, "supervisor", start=start) or str(code)
        raise LaunchError(_("can't start the services: {reason}").format(reason=reason))
    return code == LISTENING


def _run_program(plan: bytes, log: int) -> int:
    """The exit code of the supervisor's program, which goes into the background before it ends.

    Not a fork: the caller may have threads. Raises: OSError.
    """
    program = os.fspath(Path(__file__).with_name("__main__.py"))
    # No site packages and no PYTHON* settings: the supervisor needs neither, and starts in half the time.
    arguments = [sys.executable, "-I", "-S", program]
    reader, writer = os.pipe()
    actions = [
        (os.POSIX_SPAWN_DUP2, reader, 0),
        (os.POSIX_SPAWN_DUP2, log, 1),
        (os.POSIX_SPAWN_DUP2, log, 2),
    ]
    try:
        try:
            pid = _spawn_clean(arguments, actions, setsid=True)
        except NotImplementedError:
            # An old C library: the program leaves the terminal by itself, a moment later.
            pid = _spawn_clean(arguments, actions, setsid=False)
    except BaseException:
        os.close(writer)
        raise
    finally:
        os.close(reader)
    with os.fdopen(writer, "wb") as pipe, suppress(BrokenPipeError):
        # It may have ended already; its exit code tells.
        pipe.write(plan)
        pipe.flush()
    status = os.waitpid(pid, 0)[1]
    return os.waitstatus_to_exitcode(status)


def _spawn_clean(arguments: list[str], actions: list[tuple[int, int, int]], *, setsid: bool) -> int:
    """The process id of a program that no signal is blocked or ignored for, whatever is for the caller."""
    return os.posix_spawn(
        arguments[0],
        arguments,
        os.environ,
        file_actions=actions,
        setsid=setsid,
        setsigmask=(),
        setsigdef=(signal.SIGCHLD, signal.SIGHUP, signal.SIGINT, signal.SIGPIPE, signal.SIGTERM),
    )
