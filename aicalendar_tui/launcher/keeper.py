"""Keeps one service running: starts it, hears that it is ready, starts it again when it ends."""

import os
import signal
import socket
import time
from collections.abc import Callable, MutableMapping
from contextlib import suppress
from typing import Protocol

from aicalendar_tui.launcher import logs
from aicalendar_tui.launcher.backoff import Backoff
from aicalendar_tui.launcher.child import Child, describe_end, start_child
from aicalendar_tui.launcher.kernel import kill_group
from aicalendar_tui.launcher.loop import READ, Loop
from aicalendar_tui.launcher.plan import Service, SocketSpec
from aicalendar_tui.launcher.state import ServicePhase, ServiceState

FIRST_PING_SECONDS = 0.01
LONGEST_PING_SECONDS = 0.25
PONG_SECONDS = 1.0
LINE_LIMIT_BYTES = 4096
STATUS_CHARACTERS = 200


class Surroundings(Protocol):
    """What a keeper needs of the supervisor around it."""

    log_folder: str
    lifeline_descriptor: int
    listeners: MutableMapping[str, socket.socket]
    """All that are open."""

    def listen(self, spec: SocketSpec) -> socket.socket:
        """The open socket of that name. Raises: OSError."""
        ...

    def may_start(self, service: Service) -> bool:
        """Whether what the service comes after is ready, or known to have failed."""
        ...

    def changed(self) -> None:
        """A state is not what it was."""
        ...

    def started(self, pid: int) -> None:
        """A process group is there."""
        ...

    def ended(self, pid: int) -> None:
        """A process group is gone."""
        ...


class Keeper:
    """One service and its process, in the supervisor's loop."""

    def __init__(
        self,
        service: Service,
        loop: Loop,
        surroundings: Surroundings,
        *,
        backoff: Backoff | None = None,
        unix_time: Callable[[], float] = time.time,
    ) -> None:
        self.service = service
        self._loop = loop
        self._surroundings = surroundings
        self._backoff = backoff or Backoff()
        self._unix_time = unix_time
        self._child: Child | None = None
        self._started_at = 0.0
        self._notified = b""
        self._busy: set[str] = set()
        self._ping: socket.socket | None = None
        self._ping_wait = FIRST_PING_SECONDS
        self._reason = ""
        """Why we killed it ourselves."""
        self._restart_wanted = False
        self._stopping = False
        self.state = ServiceState("starting", since=unix_time())

    @property
    def pid(self) -> int | None:
        """Of the running process."""
        return self._child.pid if self._child else None

    def try_start(self) -> None:
        """Start the service if it isn't running, isn't waiting for its next try and may."""
        waiting = self._loop.is_due(self._key("backoff"))
        if self._child or waiting or self._stopping or not self._surroundings.may_start(self.service):
            return
        self._start()

    def stop(self) -> None:
        """Ask the process to end, make it end a little later, and start it no more."""
        if self._stopping:
            return
        self._stopping = True
        self._loop.cancel(self._key("backoff"))
        self._end_soon()

    def restart(self) -> None:
        """End the process and start it anew at once, also one that was waiting for its next try."""
        if self._child:
            self._restart_wanted = True
            self._end_soon()
        else:
            self._loop.cancel(self._key("backoff"))
            self._set("starting")
            self.try_start()

    def kill(self) -> None:
        """End the process and all of its group now."""
        if self._child:
            kill_group(self._child.pid, signal.SIGKILL)

    def note_end(self, status: int) -> None:
        """The process has ended and was waited for; what it left in its group is gone too."""
        child = self._child
        if child is None:
            return
        self._read_notes()
        self._child = None
        for timer in ("kill", "start", "ping"):
            self._loop.cancel(self._key(timer))
        for work_id in self._busy:
            self._loop.cancel(self._key("busy", work_id))
        self._busy.clear()
        self._close_ping()
        self._loop.forget(child.notify_descriptor)
        os.close(child.notify_descriptor)
        self._surroundings.ended(child.pid)
        error = self._explain(child, status)
        self._reason = ""
        if self._stopping:
            self._set("starting", error=error)
        elif self._restart_wanted:
            self._restart_wanted = False
            self._set("starting", restarts=self.state.restarts + 1)
            self.try_start()
        else:
            self._wait_for_next_try(error, lived_seconds=self._loop.monotonic() - self._started_at)

    def _explain(self, child: Child, status: int) -> str:
        reason = self._reason or describe_end(status)
        line = logs.last_line(self._surroundings.log_folder, self.service.name, start=child.log_start)
        return f"{reason}: {line}" if line else reason

    def _start(self) -> None:
        self._loop.cancel(self._key("backoff"))
        try:
            for spec in self.service.sockets:
                self._surroundings.listen(spec)
            if self.service.ping_path:
                # Whatever answered there is gone, and must not be taken for the new one.
                with suppress(FileNotFoundError):
                    os.unlink(self.service.ping_path)
            child = start_child(
                self.service,
                log_folder=self._surroundings.log_folder,
                lifeline_descriptor=self._surroundings.lifeline_descriptor,
                listeners=self._surroundings.listeners,
            )
        except OSError as error:
            self._wait_for_next_try(str(error.strerror or error), lived_seconds=0)
            return
        self._child = child
        self._notified = b""
        self._started_at = self._loop.monotonic()
        self._surroundings.started(child.pid)
        self._loop.watch(child.notify_descriptor, READ, self._read_notes)
        self._loop.call_in(self._key("start"), self.service.start_limit_seconds, self._give_up_start)
        if self.service.readiness == "ping":
            self._ping_wait = FIRST_PING_SECONDS
            self._ping_later()
        # One that failed before has to become ready before it counts as anything else.
        self._set("failed" if self._backoff.failed else "starting")

    def _wait_for_next_try(self, error: str, *, lived_seconds: float) -> None:
        wait = self._backoff.next_wait(lived_seconds)
        self._loop.call_in(self._key("backoff"), wait, self._try_again)
        self._set(
            "failed" if self._backoff.failed else "backoff",
            error=error,
            restarts=self.state.restarts + 1,
        )

    def _try_again(self) -> None:
        if self.state.state == "backoff":
            self._set("starting")
        self.try_start()

    def _end_soon(self) -> None:
        if self._child:
            kill_group(self._child.pid, signal.SIGTERM)
            self._loop.call_in(self._key("kill"), self.service.stop_grace_seconds, self.kill)

    def _kill_because(self, reason: str) -> None:
        self._reason = reason
        self.kill()

    def _give_up_start(self) -> None:
        self._kill_because(f"not ready after {self.service.start_limit_seconds:g} s")

    def _become_ready(self) -> None:
        self._loop.cancel(self._key("start"))
        self._set("ready", error="")

    def _set(
        self,
        state: ServicePhase,
        *,
        error: str | None = None,
        restarts: int | None = None,
        status: str | None = None,
    ) -> None:
        before = self.state
        if status is None:
            # What a process said of itself ends with it.
            status = before.status if before.pid == self.pid else ""
        self.state = ServiceState(
            state=state,
            pid=self.pid,
            since=before.since if before.state == state else self._unix_time(),
            restarts=before.restarts if restarts is None else restarts,
            error=before.error if error is None else error,
            status=status,
        )
        if self.state != before:
            self._surroundings.changed()

    def _read_notes(self) -> None:
        """Take in what the child wrote; what isn't a line of the protocol is passed over."""
        if self._child is None:
            return
        try:
            data = os.read(self._child.notify_descriptor, 65536)
        except BlockingIOError:
            return
        if not data:
            # Closed by the child, which may live on.
            self._loop.forget(self._child.notify_descriptor)
            return
        *lines, rest = (self._notified + data).split(b"\n")
        self._notified = rest[-LINE_LIMIT_BYTES:]
        for line in lines:
            key, _, value = line.decode("utf-8", "replace").partition("=")
            self._take_note(key, value)

    def _take_note(self, key: str, value: str) -> None:
        match key:
            case "READY" if self.service.readiness == "notify":
                self._become_ready()
            case "BUSY":
                self._busy.add(value)
                self._loop.call_in(
                    self._key("busy", value),
                    self.service.busy_limit_seconds,
                    lambda: self._kill_because(
                        f"busy with {value} for more than {self.service.busy_limit_seconds:g} s"
                    ),
                )
            case "IDLE":
                self._busy.discard(value)
                self._loop.cancel(self._key("busy", value))
            case "STATUS":
                self._set(self.state.state, status=value[:STATUS_CHARACTERS])

    def _ping_later(self) -> None:
        self._loop.call_in(self._key("ping"), self._ping_wait, self._send_ping)
        self._ping_wait = min(LONGEST_PING_SECONDS, self._ping_wait * 1.5)

    def _send_ping(self) -> None:
        self._close_ping()
        ping = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        ping.setblocking(False)
        try:
            ping.connect(self.service.ping_path)
            ping.send(b"PING\r\n")
        except OSError:
            ping.close()
            self._ping_later()
            return
        self._ping = ping
        self._loop.watch(ping, READ, self._read_pong)
        # A server may take the connection and never say a word.
        self._loop.call_in(self._key("ping"), PONG_SECONDS, self._send_ping)

    def _read_pong(self) -> None:
        answer = b""
        if self._ping:
            with suppress(OSError):
                answer = self._ping.recv(64)
        self._close_ping()
        if answer.startswith(b"+PONG"):
            self._loop.cancel(self._key("ping"))
            self._become_ready()
        else:
            self._ping_later()

    def _close_ping(self) -> None:
        if self._ping:
            self._loop.forget(self._ping)
            self._ping.close()
            self._ping = None

    def _key(self, *what: str) -> tuple[str, ...]:
        return (self.service.name, *what)
