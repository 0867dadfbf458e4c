"""Services are started, heard, restarted and given sockets: with real processes."""

import json
import os
import signal
import socket
import sys
import threading

from aicalendar_tui.launcher.plan import Service, SocketSpec
from aicalendar_tui.launcher.services import VALKEY, build_plan
from tests.integration.launcher.launcher_home import READY, Home, eventually, is_running, parent_of

ECHO = """
watch_lifeline()
listener = inherited_sockets()["public"]
notifier.ready()
while True:
    connection, _ = listener.accept()
    connection.sendall(b"%d" % os.getpid())
    connection.close()
"""


def ask(port: int) -> int:
    """What the echo stub says: its process id."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        return int(connection.recv(100))


def test_services_become_ready_in_their_order(home: Home) -> None:
    """`after` is waited for."""
    first = home.service("first", "notifier.ready()\nprint('one')\nsignal.pause()")
    second = home.service("second", after=("first",))
    lease = home.acquire(second, first)
    assert lease.wait_ready(["second"], timeout_seconds=10)
    services = lease.state.services
    assert "ready" == services["first"].state == services["second"].state
    assert services["first"].since <= services["second"].since
    assert 0 == services["first"].restarts


def test_killed_service_is_started_again_with_its_reason_told(home: Home) -> None:
    """The reason holds the signal and the last line on standard error."""
    lease = home.acquire(home.service("one", "print('bye', file=sys.stderr, flush=True)\n" + READY))
    assert lease.wait_ready(["one"], timeout_seconds=10)
    pid = lease.state.services["one"].pid
    assert pid
    states = []
    seen = threading.Event()

    def follow() -> None:
        for state in lease.follow():
            states.append(state.services["one"])
            if state.services["one"].state == "ready" and state.services["one"].pid != pid:
                seen.set()

    follower = threading.Thread(target=follow)
    follower.start()
    os.kill(pid, signal.SIGKILL)
    assert seen.wait(10)
    lease.close()
    follower.join(10)
    assert not follower.is_alive()
    assert "killed by SIGKILL: bye" in [state.error for state in states if state.state == "backoff"]
    assert 1 == states[-1].restarts
    assert "" == states[-1].error


def test_service_that_keeps_ending_is_failed_and_holds_nobody_up(home: Home) -> None:
    """After five quick ends; a restart by command doesn't wait for the next try, ten seconds away."""
    mended = home.folder / "mended"
    code = f"os.path.exists({os.fspath(mended)!r}) or sys.exit('no such setting')\n" + READY
    lease = home.acquire(home.service("broken", code), home.service("other", after=("broken",)))
    assert lease.wait_ready(["other"], timeout_seconds=15)
    state = lease.state.services["broken"]
    assert ("failed", "ended with 1: no such setting", 5) == (state.state, state.error, state.restarts)
    assert not lease.wait_ready(["broken"], timeout_seconds=15)
    mended.touch()
    lease.restart("broken")
    eventually(lambda: lease.state.services["broken"].state == "ready", seconds=5)
    assert "" == lease.state.services["broken"].error


def test_program_that_is_missing_is_told(home: Home) -> None:
    """As a failure of the service, not of the supervisor."""
    lease = home.acquire(Service("lost", ("/no/such/program",)))
    eventually(lambda: lease.state.services["lost"].error)
    assert (
        "ended with 127: can't run /no/such/program: No such file or directory" == lease.state.services["lost"].error
    )


def test_restart_by_command(home: Home) -> None:
    """At once, and others are left alone."""
    lease = home.acquire(home.service("one"), home.service("two"))
    assert lease.wait_ready(["one", "two"], timeout_seconds=10)
    before = lease.state.services
    lease.restart("one")
    eventually(lambda: lease.state.services["one"].restarts)
    assert lease.wait_ready(["one"], timeout_seconds=10)
    assert before["one"].pid != lease.state.services["one"].pid
    assert before["two"] == lease.state.services["two"]


def test_port_survives_its_service_and_connections_wait_meanwhile(home: Home) -> None:
    """A notification that comes during a restart is not refused."""
    lease = home.acquire(home.service("echo", ECHO, sockets=(SocketSpec("public", "127.0.0.1", 0),)))
    assert lease.wait_ready(["echo"], timeout_seconds=10)
    port = lease.state.sockets["public"].port
    first = ask(port)
    os.kill(first, signal.SIGKILL)
    eventually(lambda: not is_running(first))
    second = ask(port)
    assert first != second == lease.state.services["echo"].pid


def test_taken_port_falls_to_a_free_one_and_the_files_say_which(home: Home) -> None:
    """services.json and api.json are true, private, and gone in the end."""
    with socket.create_server(("127.0.0.1", 0)) as holder:
        taken = holder.getsockname()[1]
        lease = home.acquire(home.service("echo", ECHO, sockets=(SocketSpec("public", "127.0.0.1", taken),)))
        assert lease.wait_ready(["echo"], timeout_seconds=10)
        host, port = lease.state.sockets["public"]
        assert taken != port
        assert lease.state.services["echo"].pid == ask(port)
        services, urls = home.run / "services.json", home.run / "api.json"
        assert {"public": {"host": host, "port": port}} == json.loads(services.read_text())
        assert {"public": f"http://{host}:{port}"} == json.loads(urls.read_text())
        assert 0o600 == services.stat().st_mode & 0o777 == urls.stat().st_mode & 0o777
        lease.close()
        home.await_silence()
        assert ["starting.lock", "supervisor.lock"] == sorted(os.listdir(home.run))


def test_taken_port_without_fallback_fails_its_service_until_it_is_free(home: Home) -> None:
    """The others go on, and nobody has to start anything anew."""
    with socket.create_server(("127.0.0.1", 0)) as holder:
        taken = holder.getsockname()[1]
        spec = SocketSpec("public", "127.0.0.1", taken, fallback=False)
        lease = home.acquire(home.service("echo", ECHO, sockets=(spec,)), home.service("other"))
        assert lease.wait_ready(["other"], timeout_seconds=10)
        eventually(lambda: lease.state.services["echo"].error)
        assert f"can't listen on 127.0.0.1:{taken}: Address already in use" == lease.state.services["echo"].error
    eventually(lambda: lease.state.services["echo"].state == "ready", seconds=15)
    assert taken == lease.state.sockets["public"].port
    assert lease.state.services["echo"].pid == ask(taken)


def test_children_know_where_every_socket_is(home: Home) -> None:
    """The worker calls the simulator at the port that it really got."""
    echo = home.service("echo", ECHO, sockets=(SocketSpec("public", "127.0.0.1", 0),))
    code = (
        "from aicalendar_tui.launcher.sockets import known_urls\n"
        "notifier.status(known_urls()['public'] + ' ' + repr(os.environ['AICALENDAR_SOCKETS']))\n"
    ) + READY
    other = home.service("other", code)
    lease = home.acquire(echo, other)
    assert lease.wait_ready(["other"], timeout_seconds=10)
    address = lease.state.sockets["public"]
    assert f"http://{address.host}:{address.port} ''" == lease.state.services["other"].status


def test_work_that_takes_too_long_has_its_service_killed(home: Home) -> None:
    """Work that ended in time doesn't count."""
    code = "notifier.ready()\nnotifier.busy('short')\nnotifier.idle('short')\nnotifier.busy('pull-7')\nsignal.pause()"
    lease = home.acquire(home.service("worker", code, busy_limit_seconds=0.2))
    eventually(lambda: lease.state.services["worker"].restarts)
    assert "worker: backoff (busy with pull-7 for more than 0.2 s)" in home.supervisor_log()


def test_service_that_never_becomes_ready_is_killed(home: Home) -> None:
    """And tried again."""
    lease = home.acquire(home.service("mute", "signal.pause()", start_limit_seconds=0.2))
    eventually(lambda: lease.state.services["mute"].error)
    assert "not ready after 0.2 s" == lease.state.services["mute"].error


def test_nonsense_from_a_service_is_passed_over(home: Home) -> None:
    """Half lines, binary, a line without end, a closed descriptor."""
    code = (
        "fd = int(os.environ['AICALENDAR_NOTIFY_FD'])\n"
        "os.write(fd, b'\\xff\\x00=\\n==\\nREADY\\n' + b'x' * 100_000 + b'\\nREADY=1\\nSTATUS=fine\\n')\n"
        "os.close(fd)\nsignal.pause()"
    )
    lease = home.acquire(home.service("odd", code))
    assert lease.wait_ready(["odd"], timeout_seconds=10)
    eventually(lambda: lease.state.services["odd"].status == "fine")


def test_service_is_in_a_session_of_its_own_with_a_log_of_its_own(home: Home) -> None:
    """No terminal, nothing on standard input, both outputs in the log."""
    code = (
        "print('out', os.getsid(0) == os.getpid(), repr(sys.stdin.read()), flush=True)\n"
        "print('err', file=sys.stderr, flush=True)\n" + READY
    )
    lease = home.acquire(home.service("one", code))
    assert lease.wait_ready(["one"], timeout_seconds=10)
    assert "out True ''\nerr\n" == home.log.joinpath("one.log").read_text()
    assert parent_of(lease.state.services["one"].pid or 0) == lease.state.pid


def test_valkey_is_started_pinged_and_restarted(home: Home) -> None:
    """The real server, as it is planned for the user."""
    plan = build_plan(
        run_folder=home.run,
        state_folder=home.folder,
        home_env={},
        redis_embedded=True,
        simulator=None,
        webhook_port=0,
        api_port=0,
    )
    valkey = next(service for service in plan.services if service.name == VALKEY)
    lease = home.acquire(valkey)
    assert lease.wait_ready([VALKEY], timeout_seconds=10)
    assert b"+PONG\r\n" == say_ping(valkey.ping_path)
    assert 0o700 == os.stat(valkey.ping_path).st_mode & 0o777
    assert {VALKEY: valkey.ping_path} == json.loads((home.run / "services.json").read_text())
    pid = lease.state.services[VALKEY].pid
    assert pid
    os.kill(pid, signal.SIGKILL)
    eventually(lambda: lease.state.services[VALKEY].restarts)
    assert lease.wait_ready([VALKEY], timeout_seconds=10)
    assert b"+PONG\r\n" == say_ping(valkey.ping_path)
    lease.close()
    home.await_silence()
    assert not os.path.exists(valkey.ping_path)


def say_ping(path: str) -> bytes:
    """What the server at the socket answers to PING."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(10)
        connection.connect(path)
        connection.sendall(b"PING\r\n")
        return connection.recv(100)


def test_server_that_takes_connections_but_never_answers_is_not_ready(home: Home) -> None:
    """Only PONG counts."""
    path = os.fspath(home.folder / "mute.sock")
    code = f"listener = socket.socket(socket.AF_UNIX)\nlistener.bind({path!r})\nlistener.listen()\nsignal.pause()"
    stub = home.service("mute", code, readiness="ping", ping_path=path, start_limit_seconds=0.5)
    lease = home.acquire(stub)
    eventually(lambda: lease.state.services["mute"].error)
    assert "not ready after 0.5 s" == lease.state.services["mute"].error


def test_secrets_are_in_no_command_line_and_no_file(home: Home) -> None:
    """They travel through the pipe into the environment, and nowhere else."""
    lease = home.acquire(home.service("one", env={"NGROK_AUTHTOKEN": "s3cr3t-token"}))
    assert lease.wait_ready(["one"], timeout_seconds=10)
    pid = lease.state.services["one"].pid
    with open(f"/proc/{pid}/environ") as environment:
        assert "NGROK_AUTHTOKEN=s3cr3t-token" in environment.read()
    for process in home.processes():
        with open(f"/proc/{process}/cmdline") as line:
            assert "s3cr3t" not in line.read()
    for folder in (home.run, home.log):
        for file in folder.iterdir():
            assert file.is_socket() or "s3cr3t" not in file.read_text()
    assert sys.executable in home.service("one").argv
