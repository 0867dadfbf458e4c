"""However the supervisor, a service or their user ends, no process stays: with real kills."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from aicalendar_tui.launcher.lease import Lease
from tests.integration.launcher.launcher_home import PRELUDE, READY, Home, eventually, parent_of

STUBBORN = "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n" + READY
FAMILY = """
def live(*, session):
    if os.fork() == 0:
        if session:
            os.setsid()
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        # One more, whose own parent goes: a daemon.
        if os.fork() == 0:
            if session:
                os.setsid()
            while True:
                signal.pause()
        if session:
            os._exit(0)
        while True:
            signal.pause()
live(session=False)
live(session=True)
notifier.ready()
while True:
    signal.pause()
"""
FAMILY_SIZE = 4
"""The service, two in its group, and a daemon (its parent has ended)."""


def start_family(home: Home, *, grace_seconds: float = 0.2) -> tuple[Lease, int, int]:
    """A lease, the supervisor and the guard, with a service that has all kinds of descendants."""
    lease = home.acquire(
        home.service("family", FAMILY, stop_grace_seconds=grace_seconds),
        home.service("deaf", STUBBORN, stop_grace_seconds=grace_seconds),
        home.service("plain", stop_grace_seconds=grace_seconds),
    )
    assert lease.wait_ready(["family", "plain", "deaf"], timeout_seconds=10)
    eventually(lambda: len(home.processes()) == FAMILY_SIZE + 4)
    return lease, lease.state.pid, parent_of(lease.state.pid)


def test_closing_the_last_lease_ends_everything(home: Home) -> None:
    """Also who is deaf to SIGTERM: 0.3 s, 2 s, and then SIGKILL."""
    lease, _, _ = start_family(home, grace_seconds=2)
    lease.close()
    home.await_silence(seconds=5)


def test_stop_command_ends_everything_though_leases_are_held(home: Home) -> None:
    """And they learn of it."""
    lease, _, _ = start_family(home)
    lease.stop()
    home.await_silence(seconds=5)
    assert lease.wait_closed(5)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL, signal.SIGSEGV])
def test_end_of_the_supervisor_is_the_end_of_all(home: Home, number: int) -> None:
    """Whatever it dies of."""
    lease, supervisor, _ = start_family(home)
    os.kill(supervisor, number)
    home.await_silence(seconds=5)
    assert lease.wait_closed(5)
    assert ["starting.lock", "supervisor.lock"] == sorted(os.listdir(home.run))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_end_of_the_guard_is_the_end_of_all(home: Home, number: int) -> None:
    """The kernel tells the supervisor, which then stops as it should."""
    _, _, guard = start_family(home)
    os.kill(guard, number)
    home.await_silence(seconds=5)
    assert ["starting.lock", "supervisor.lock"] == sorted(os.listdir(home.run))


def test_services_die_with_supervisor_and_guard_killed_at_once(home: Home) -> None:
    """By the kernel's hand."""
    lease = home.acquire(home.service("plain"), home.service("deaf", STUBBORN))
    assert lease.wait_ready(["plain", "deaf"], timeout_seconds=10)
    for pid in (parent_of(lease.state.pid), lease.state.pid):
        os.kill(pid, signal.SIGKILL)
    home.await_silence(seconds=5)


@pytest.mark.skipif(sys.platform != "linux", reason="environments of processes are read from /proc")
def test_next_supervisor_ends_what_outlived_supervisor_and_guard(home: Home) -> None:
    """Grandchildren have nobody whose death would tell them; they carry the mark of their run folder."""
    lease, supervisor, guard = start_family(home)
    before = home.processes()
    for pid in (guard, supervisor):
        os.kill(pid, signal.SIGKILL)
    assert lease.wait_closed(5)
    again = home.acquire(home.service("plain"))
    assert again.wait_ready(["plain"], timeout_seconds=10)
    eventually(lambda: not before & home.processes())
    assert 3 == len(home.processes())


def test_descendants_of_a_killed_service_go_with_it(home: Home) -> None:
    """Those in its group, and those who left it."""
    lease, _, _ = start_family(home)
    before = home.processes()
    pid = lease.state.services["family"].pid
    assert pid
    os.kill(pid, signal.SIGKILL)
    eventually(lambda: lease.state.services["family"].restarts)
    assert lease.wait_ready(["family"], timeout_seconds=10)
    eventually(lambda: len(home.processes()) == FAMILY_SIZE + 4)
    assert FAMILY_SIZE == len(before - home.processes())


def test_stopped_service_is_killed_all_the_same(home: Home) -> None:
    """SIGSTOP keeps SIGTERM waiting, but not SIGKILL."""
    lease = home.acquire(home.service("plain", stop_grace_seconds=0.2))
    assert lease.wait_ready(["plain"], timeout_seconds=10)
    pid = lease.state.services["plain"].pid
    assert pid
    os.kill(pid, signal.SIGSTOP)
    lease.close()
    home.await_silence(seconds=5)


def test_services_end_before_what_they_come_after(home: Home) -> None:
    """A worker still has its broker while it puts its work back."""
    ended = os.fspath(home.folder / "ended")
    code = (
        "def end(*_):\n"
        f"    with open({ended!r}, 'a') as file: file.write(sys.argv[1])\n"
        "    os._exit(0)\n"
        "signal.signal(signal.SIGTERM, end)\n" + READY
    )
    broker, worker = home.service("broker", code), home.service("worker", code, after=("broker",))
    lease = home.acquire(broker._replace(argv=(*broker.argv, "b")), worker._replace(argv=(*worker.argv, "w")))
    assert lease.wait_ready(["worker"], timeout_seconds=10)
    lease.close()
    home.await_silence()
    assert "wb" == Path(ended).read_text()


def test_lifeline_alone_ends_a_child_and_its_group() -> None:
    """Where the kernel tells nobody of a parent's death."""
    code = PRELUDE + "watch_lifeline()\nos.fork()\nos.write(1, b'here ')\nsignal.pause()"
    reader, writer = os.pipe()
    with subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", code],
        env={**os.environ, "AICALENDAR_LIFELINE": str(reader)},
        pass_fds=[reader],
        start_new_session=True,
        stdout=subprocess.PIPE,
    ) as child:
        os.close(reader)
        assert child.stdout
        try:
            assert b"here here " == child.stdout.read(10)
            os.close(writer)
            # The pipe ends when the last of them does.
            assert b"" == child.stdout.read()
            assert -signal.SIGKILL == child.wait(10)
        finally:
            if child.poll() is None:
                os.killpg(child.pid, signal.SIGKILL)
