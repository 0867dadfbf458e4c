"""Who shares a supervisor, how long it lives, and what it says to those who hold a lease."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest

import aicalendar_tui.launcher
from aicalendar_tui.launcher import paths
from aicalendar_tui.launcher.errors import LaunchError, LeaseTimeoutError, RunFolderError
from aicalendar_tui.launcher.lease import acquire, join
from aicalendar_tui.launcher.plan import encode_plan
from aicalendar_tui.launcher.state import decode_state
from tests.integration.launcher.launcher_home import READY, Home, eventually, is_running, parent_of

PROGRAM = [sys.executable, "-m", "aicalendar_tui.launcher"]
PACKAGE = Path(aicalendar_tui.launcher.__file__).parents[2]
CLIENT = """
import sys
from aicalendar_tui.launcher.lease import acquire
from aicalendar_tui.launcher.plan import decode_plan
lease = acquire(decode_plan(sys.stdin.readline()))
print(lease.state.pid, lease.joined, flush=True)
sys.stdin.read()
"""


def start_client(home: Home) -> "subprocess.Popen[str]":
    """A process that holds a lease until its standard input ends, and prints `SUPERVISOR JOINED`."""
    client = subprocess.Popen(
        [sys.executable, "-c", CLIENT],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=PACKAGE,
    )
    assert client.stdin
    client.stdin.write(encode_plan(home.plan(home.service("one"))) + "\n")
    client.stdin.flush()
    return client


def read_answer(client: "subprocess.Popen[str]") -> list[str]:
    """What the client has printed."""
    assert client.stdout
    return client.stdout.readline().split()


def end(client: "subprocess.Popen[str]") -> None:
    """Kill it and forget it."""
    client.kill()
    client.communicate()


def test_second_lease_shares_the_services_and_outlives_the_first(home: Home) -> None:
    """The second's own plan is ignored, and it is told so."""
    first = home.acquire(home.service("one"))
    second = home.acquire(home.service("another"))
    assert (False, True) == (first.joined, second.joined)
    assert first.state.pid == second.state.pid
    assert second.wait_ready(["one"], timeout_seconds=10)
    pid = second.state.services["one"].pid
    first.close()
    assert first.closed
    eventually(lambda: second.state.leases == 1)
    assert pid == second.state.services["one"].pid
    assert "another" not in second.state.services
    second.close()
    home.await_silence()


def test_lease_taken_in_the_grace_keeps_the_services(home: Home) -> None:
    """Quitting and starting again at once costs nothing."""
    first = home.acquire(home.service("one"), grace_seconds=1)
    assert first.wait_ready(["one"], timeout_seconds=10)
    first.close()
    second = home.acquire(home.service("one"))
    assert (True, first.state.pid) == (second.joined, second.state.pid)
    assert first.state.services["one"].pid == second.state.services["one"].pid


def test_lease_wanted_while_the_services_end_gets_new_ones(home: Home) -> None:
    """The old ones are waited for: two never run at once."""
    slow = (
        "signal.signal(signal.SIGTERM, lambda *_: (time.sleep(0.3), os._exit(0)))\n"
        "notifier.ready()\nwhile True: signal.pause()"
    )
    first = home.acquire(home.service("slow", slow))
    assert first.wait_ready(["slow"], timeout_seconds=10)
    old = home.processes()
    first.stop()
    eventually(lambda: first.state.stopping)
    second = home.acquire(home.service("one"))
    assert not second.joined
    assert first.state.pid != second.state.pid
    assert set() == home.processes() & old
    assert first.wait_closed(10)


def test_ten_clients_at_once_start_one_supervisor(home: Home) -> None:
    """Whoever loses the race joins the winner."""
    clients = [start_client(home) for _ in range(10)]
    try:
        answers = [read_answer(client) for client in clients]
    finally:
        for client in clients:
            end(client)
    assert 1 == len({pid for pid, _ in answers})
    assert ["False"] + ["True"] * 9 == sorted(joined for _, joined in answers)
    home.await_silence()


def test_killed_client_gives_its_lease_back(home: Home) -> None:
    """The kernel closes its connection, and all services end; another's lease would keep them."""
    clients = [start_client(home), start_client(home)]
    try:
        pids = {read_answer(client)[0] for client in clients}
        watcher = join(home.run)
        assert watcher
        end(clients[0])
        eventually(lambda: watcher.state.leases == 2)
        assert {str(watcher.state.pid)} == pids
        watcher.close()
    finally:
        for client in clients:
            end(client)
    home.await_silence()


def test_lease_tells_when_the_supervisor_is_gone_and_can_be_taken_anew(home: Home) -> None:
    """Also right after a kill, with a stale socket in the folder."""
    first = home.acquire(home.service("one"))
    os.kill(first.state.pid, signal.SIGKILL)
    second = home.acquire(home.service("one"))
    assert first.wait_closed(10)
    assert not second.joined
    assert second.wait_ready(["one"], timeout_seconds=10)


def test_stale_files_of_a_dead_supervisor_are_no_obstacle(home: Home) -> None:
    """As after a power cut."""
    home.run.mkdir()
    with socket.socket(socket.AF_UNIX) as stale:
        stale.bind(os.fspath(home.run / paths.CONTROL_SOCKET))
    (home.run / paths.LOCK).write_text("old")
    (home.run / paths.ADDRESSES).write_text("old")
    lease = home.acquire(home.service("one"))
    assert lease.wait_ready(["one"], timeout_seconds=10)
    assert {} == json.loads((home.run / paths.ADDRESSES).read_text())


def test_supervisor_that_hangs_is_not_waited_for_longer_than_was_asked(home: Home) -> None:
    """With a line that names its log."""
    first = home.acquire(home.service("one"))
    os.kill(first.state.pid, signal.SIGSTOP)
    try:
        with pytest.raises(LeaseTimeoutError, match=r"supervisor\.log"):
            acquire(home.plan(home.service("one")), timeout_seconds=0.2)
    finally:
        os.kill(first.state.pid, signal.SIGCONT)


def test_join_starts_nothing(home: Home) -> None:
    """It only looks."""
    assert join(home.run) is None
    assert set() == home.processes()


def test_run_folder_of_someone_else_is_refused(home: Home) -> None:
    """A link could lead anywhere."""
    home.run.symlink_to(home.folder)
    with pytest.raises(RunFolderError, match="symbolic link"):
        home.acquire(home.service("one"))


def test_plan_that_can_not_be_carried_out_is_one_clear_line(home: Home) -> None:
    """The last line of the supervisor's log."""
    home.run.mkdir()
    (home.run / paths.CONTROL_SOCKET).mkdir()
    with pytest.raises(LaunchError, match=r"can't start the services: .*Is a directory"):
        home.acquire(home.service("one"))
    home.await_silence()


def test_commands_that_make_no_sense_are_answered_and_harm_nobody(home: Home) -> None:
    """The answer is one line; only a line without end costs the connection."""
    lease = home.acquire(home.service("one"))
    with socket.socket(socket.AF_UNIX) as raw:
        raw.settimeout(10)
        raw.connect(os.fspath(home.run / paths.CONTROL_SOCKET))
        with raw.makefile() as lines:
            assert lease.state.pid == decode_state(lines.readline()).pid
            for nonsense, answer in (
                (b"\xff\n", "a command is a line of JSON"),
                (b"[]\n", "unknown command"),
                (b'{"command":"restart","service":"none"}\n', "no such service"),
                (b"[" * 4000 + b"\n", "a command is a line of JSON"),
            ):
                raw.sendall(nonsense)
                assert answer == next(filter(None, (json.loads(line).get("error") for line in lines)))
        eventually(lambda: lease.state.leases == 2)
        raw.sendall(b"x" * 10_000)
        eventually(lambda: lease.state.leases == 1)
    assert lease.wait_ready(["one"], timeout_seconds=10)


def test_lease_that_never_reads_holds_nobody_up_and_gets_the_latest_state(home: Home) -> None:
    """More states than its socket holds are told meanwhile."""
    code = "notifier.ready()\nfor n in range(3000):\n  notifier.status(str(n) + 'x' * 190)\nsignal.pause()"
    with socket.socket(socket.AF_UNIX) as lazy:
        lazy.settimeout(10)
        lease = home.acquire(home.service("chatty", code, after=("gate",)), home.service("gate", gate(home)))
        lazy.connect(os.fspath(home.run / paths.CONTROL_SOCKET))
        eventually(lambda: lease.state.leases == 2)
        (home.folder / "open").touch()
        last = "2999" + "x" * 190
        eventually(lambda: lease.state.services["chatty"].status == last)
        with lazy.makefile() as lines:
            states = (decode_state(line) for line in lines)
            assert any(last == state.services["chatty"].status for state in states)


def gate(home: Home) -> str:
    """Code that is ready once the file `open` is there."""
    path = os.fspath(home.folder / "open")
    return f"while not os.path.exists({path!r}): time.sleep(0.01)\n" + READY


def test_closing_a_lease_ends_those_who_follow_it(home: Home) -> None:
    """Threads that wait for news don't wait for ever."""
    lease = home.acquire(home.service("one"))
    states = lease.follow()
    next(states)
    follower = threading.Thread(target=lambda: list(states))
    follower.start()
    lease.close()
    follower.join(10)
    assert not follower.is_alive()
    assert not lease.wait_ready(["one"], timeout_seconds=10)


def test_without_a_first_lease_the_supervisor_ends(home: Home) -> None:
    """Whoever started it was killed in between."""
    home.run.mkdir()
    home.log.mkdir()
    plan = encode_plan(home.plan(home.service("one"), first_lease_seconds=0.2))
    started = subprocess.run(PROGRAM, input=plan, text=True, cwd=PACKAGE, capture_output=True, timeout=10)
    assert 0 == started.returncode
    home.await_silence()


def test_second_supervisor_gives_way(home: Home) -> None:
    """75, and not a word."""
    lease = home.acquire(home.service("one"))
    plan = encode_plan(home.plan(home.service("one")))
    second = subprocess.run(PROGRAM, input=plan, text=True, cwd=PACKAGE, capture_output=True, timeout=10)
    assert (75, "", "") == (second.returncode, second.stdout, second.stderr)
    assert not lease.closed


@pytest.mark.parametrize("plan", ["", "{", "[]", '{"services": [{"nome": "x"}]}', '{"services": []}'])
def test_plan_that_is_none_is_refused_in_one_line(plan: str) -> None:
    """No traceback."""
    started = subprocess.run(PROGRAM, input=plan, text=True, cwd=PACKAGE, capture_output=True, timeout=10)
    assert 1 == started.returncode
    assert 1 == len(started.stderr.splitlines())


def test_supervisor_keeps_nothing_of_the_terminal(home: Home) -> None:
    """No session, no folder, no descriptor; deaf to Ctrl-C and to the terminal's end."""
    reader, writer = os.pipe()
    os.set_inheritable(writer, True)
    lease = home.acquire(home.service("one"))
    os.close(writer)
    assert b"" == os.read(reader, 1)
    os.close(reader)
    assert lease.wait_ready(["one"], timeout_seconds=10)
    guard = parent_of(lease.state.pid)
    for pid in (guard, lease.state.pid):
        assert pid == os.getsid(pid) != os.getsid(0)
        assert "/" == os.readlink(f"/proc/{pid}/cwd")
        os.kill(pid, signal.SIGINT)
        os.kill(pid, signal.SIGHUP)
    lease.restart("one")
    eventually(lambda: lease.state.services["one"].restarts)
    assert is_running(guard)
    assert not lease.closed


def test_signals_that_are_blocked_for_the_client_are_not_for_the_supervisor(home: Home) -> None:
    """A thread of the screens may block them all."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD, signal.SIGTERM})
    try:
        lease = home.acquire(home.service("one"))
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
    assert lease.wait_ready(["one"], timeout_seconds=10)
    os.kill(lease.state.services["one"].pid or 0, signal.SIGTERM)
    eventually(lambda: lease.state.services["one"].restarts)
    os.kill(lease.state.pid, signal.SIGTERM)
    home.await_silence()
