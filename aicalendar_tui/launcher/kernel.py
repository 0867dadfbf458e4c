"""What Linux offers to those who must leave nothing behind; elsewhere each call says that it did nothing."""

import os
import signal
import sys
from collections.abc import Callable

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36


def _load_prctl() -> Callable[[int, int], bool] | None:
    if sys.platform != "linux":
        return None
    try:
        import ctypes

        prctl = ctypes.CDLL(None).prctl
    except (ImportError, OSError, AttributeError):
        # A Python without ctypes: lifelines and groups remain.
        return None
    word = ctypes.c_ulong
    return lambda option, value: prctl(ctypes.c_int(option), word(value), word(0), word(0), word(0)) == 0


# Loaded at import, not between fork and exec.
_prctl = _load_prctl()


def signal_at_parent_death(number: int) -> bool:
    """Have the kernel send this process a signal when its parent's thread ends. Survives exec, not fork."""
    return _set_process_option(PR_SET_PDEATHSIG, number)


def become_subreaper() -> bool:
    """Become the parent of every descendant whose own parent ends."""
    return _set_process_option(PR_SET_CHILD_SUBREAPER, 1)


def _set_process_option(option: int, value: int) -> bool:
    return _prctl is not None and _prctl(option, value)


def list_children() -> set[int]:
    """The process ids of this process's children, dead ones not yet waited for included; empty off Linux."""
    own = os.getpid()
    try:
        with open(f"/proc/self/task/{own}/children") as listing:
            return {int(pid) for pid in listing.read().split()}
    except OSError:
        return find_children(own)


def find_children(parent: int) -> set[int]:
    """The same for any process, from everyone's parent: for kernels built without the listing."""
    found: set[int] = set()
    try:
        entries = os.listdir("/proc")
    except OSError:
        return found
    for entry in entries:
        if not entry.isdigit():
            continue
        try:
            with open(f"/proc/{entry}/stat") as stat:
                # The name, in parentheses, may hold spaces and parentheses itself.
                after_name = stat.read().rpartition(")")[2].split()
        except OSError:
            continue
        if int(after_name[1]) == parent:
            found.add(int(entry))
    return found


def find_marked(name: str, value: str) -> set[int]:
    """The user's processes that were started with that variable in their environment; empty off Linux."""
    mark = os.fsencode(f"{name}={value}")
    found: set[int] = set()
    try:
        entries = os.listdir("/proc")
    except OSError:
        return found
    for entry in entries:
        if not entry.isdigit():
            continue
        try:
            with open(f"/proc/{entry}/environ", "rb") as environ:
                if mark in environ.read().split(b"\0"):
                    found.add(int(entry))
        except OSError:
            continue  # another user's, or gone
    return found


def kill_group(leader: int, number: int) -> None:
    """Send a signal to a process group, or to its leader alone when it has not made its group yet."""
    try:
        os.killpg(leader, number)
    except ProcessLookupError:
        kill_process(leader, number)
    except PermissionError:
        # macOS says so when only zombies are left.
        return


def kill_process(pid: int, number: int) -> None:
    """Send a signal to a process that may be gone."""
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return


def reap_next(before: Callable[[int], None]) -> tuple[int, int] | None:
    """Wait for a child that has ended: its process id and status; None when there is none.

    `before` is called with the id while the kernel still keeps it from being given to another process
    (where Python knows how: on macOS from 3.13 on).
    """
    try:
        if not hasattr(os, "waitid"):
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                return None
            before(pid)
            return pid, status
        found = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        if found is None:
            return None
        before(found.si_pid)
        return os.waitpid(found.si_pid, 0)
    except ChildProcessError:
        return None


def kill_children() -> None:
    """Kill all children, and what is adopted from the killed, and wait until there is nothing left."""
    while True:
        for pid in list_children():
            kill_process(pid, signal.SIGKILL)
        try:
            os.waitpid(-1, 0)
        except ChildProcessError:
            return
