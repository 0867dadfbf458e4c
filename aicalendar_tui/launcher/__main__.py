"""The supervisor's own program: a plan on standard input, a lock, and then into the background.

Ends with 0 once leases can be had, 75 when another supervisor is there, 1 when it can't be started
(the reason is the last line on standard error).
"""

import fcntl
import os
import signal
import sys
from contextlib import suppress

if not __package__:
    # Started as a file, in a Python without site packages: half the memory of a full one.
    sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))

from aicalendar_tui.launcher import paths
from aicalendar_tui.launcher.guard import run_guarded
from aicalendar_tui.launcher.kernel import find_marked, kill_process
from aicalendar_tui.launcher.plan import Plan, decode_plan
from aicalendar_tui.launcher.supervisor import remove_traces, run_supervisor

LISTENING = 0
FAILED = 1
ANOTHER_IS_THERE = 75
MARK = "AICALENDAR_RUN_FOLDER"
"""In the environment of each service and whatever it starts: whose they are."""


def main() -> int:
    """See the module. Returns three times: in the program that was started, in the guard, in the supervisor."""
    leave_the_terminal()
    try:
        plan = decode_plan(sys.stdin.buffer.read())
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        lock = take_lock(os.path.join(plan.run_folder, paths.LOCK))
    except (ValueError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return FAILED
    if lock is None:
        return ANOTHER_IS_THERE
    kill_remains(plan.run_folder)
    reader, writer = os.pipe()
    if os.fork() == 0:
        os.close(reader)
        return guard_supervisor(plan, writer)
    os.close(writer)
    return LISTENING if os.read(reader, 1) else FAILED


def guard_supervisor(plan: Plan, listening_descriptor: int) -> int:
    """In the background: run the supervisor, and see to its end."""

    def tell_listening() -> None:
        os.write(listening_descriptor, b"1")
        os.close(listening_descriptor)

    def supervise(groups_descriptor: int) -> None:
        run_supervisor(plan, groups_descriptor=groups_descriptor, on_listening=tell_listening)

    return run_guarded(supervise, clean=lambda: remove_traces(plan.run_folder))


def kill_remains(run_folder: str) -> None:
    """Kill what outlived its supervisor and guard, killed at once; only the holder of the lock may.

    The kernel ends the services themselves then, but not what these had started. It all inherits the mark.
    """
    for pid in find_marked(MARK, run_folder) - {os.getpid()}:
        kill_process(pid, signal.SIGKILL)
    os.environ[MARK] = run_folder


def leave_the_terminal() -> None:
    """Keep nothing of whoever started this: no session, folder, file mode or descriptor."""
    # Refused to the leader of a group, started by hand: the guard makes a session of its own all the same.
    with suppress(PermissionError):
        os.setsid()
    os.chdir("/")
    os.umask(0o077)
    for descriptor in os.listdir("/dev/fd"):
        if int(descriptor) > 2:
            # The listing's own is among them, and closed by now.
            with suppress(OSError):
                os.close(int(descriptor))


def take_lock(path: str) -> int | None:
    """A descriptor that holds the lock as long as any process has it open, or None when another has it.

    Raises: OSError.
    """
    lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        return None
    return lock


if __name__ == "__main__":
    sys.exit(main())
