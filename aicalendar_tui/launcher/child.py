"""From a service to a process: fork, exec, and what must happen in between."""

import os
import signal
import socket
from collections.abc import Mapping
from typing import NamedTuple, NoReturn

from aicalendar_tui.launcher import lifeline, logs, notify, sockets
from aicalendar_tui.launcher.kernel import signal_at_parent_death
from aicalendar_tui.launcher.plan import Service

EXEC_FAILED = 127


class Child(NamedTuple):
    """A running service."""

    pid: int
    """Also its session and its process group."""
    notify_descriptor: int
    """Read end, never blocks; the keeper closes it."""
    log_start: int
    """Bytes that were in its log before it started."""


def start_child(
    service: Service,
    *,
    log_folder: str,
    lifeline_descriptor: int,
    listeners: Mapping[str, socket.socket],
) -> Child:
    """Run the service in a session of its own. Only a process with one thread may call this.

    It inherits those of the listeners that it asks for, and learns the addresses of all.

    Raises: OSError (no descriptors, no processes, no log). A program that can't be run is a child that
    says so in its log and ends with 127.
    """
    log = logs.open_log(log_folder, service.name)
    notify_reader, notify_writer = os.pipe()
    try:
        os.set_blocking(notify_reader, False)
        log_start = os.fstat(log).st_size
        parent = os.getpid()
        pid = os.fork()
        if pid == 0:
            _become(service, parent, log, notify_writer, lifeline_descriptor, listeners)
    except OSError:
        os.close(notify_reader)
        raise
    finally:
        os.close(log)
        os.close(notify_writer)
    return Child(pid, notify_reader, log_start)


def _become(
    service: Service,
    parent: int,
    log: int,
    notify_writer: int,
    lifeline_descriptor: int,
    listeners: Mapping[str, socket.socket],
) -> NoReturn:
    """In the child: never returns, whatever happens."""
    try:
        signal_at_parent_death(signal.SIGKILL)
        if os.getppid() != parent:
            # The supervisor died before the kernel was told: nothing would ever kill this one.
            os._exit(EXEC_FAILED)
        _restore_signals()
        os.setsid()
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(log, 1)
        os.dup2(log, 2)
        wanted = {spec.name: listeners[spec.name].fileno() for spec in service.sockets}
        for descriptor in (notify_writer, lifeline_descriptor, *wanted.values()):
            os.set_inheritable(descriptor, True)
        environment = {
            **os.environ,
            **service.env,
            lifeline.VARIABLE: str(lifeline_descriptor),
            notify.VARIABLE: str(notify_writer),
            sockets.VARIABLE: sockets.describe_sockets(wanted),
            sockets.URLS_VARIABLE: sockets.describe_urls(listeners),
        }
        os.execvpe(service.argv[0], list(service.argv), environment)
    except BaseException as error:
        # Nothing may leave this function: the child would go on as a second supervisor.
        reason = error.strerror if isinstance(error, OSError) else repr(error)
        os.write(2, f"can't run {service.argv[0] if service.argv else 'nothing'}: {reason}\n".encode())
    finally:
        os._exit(EXEC_FAILED)


def _restore_signals() -> None:
    """Undo what the supervisor and Python set for themselves; an ignored signal would survive exec."""
    signal.set_wakeup_fd(-1)
    for name in ("SIGCHLD", "SIGHUP", "SIGINT", "SIGPIPE", "SIGQUIT", "SIGTERM", "SIGXFSZ"):
        signal.signal(getattr(signal, name), signal.SIG_DFL)


def describe_end(status: int) -> str:
    """A wait status in words: `ended with 1`, `killed by SIGKILL`."""
    code = os.waitstatus_to_exitcode(status)
    if code >= 0:
        return f"ended with {code}"
    try:
        return f"killed by {signal.Signals(-code).name}"
    except ValueError:
        return f"killed by signal {-code}"
