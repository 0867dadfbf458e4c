"""Kills whatever can be killed, round after round: `python tests/integration/launcher/kill_rounds.py 100 [SEED]`.

Each round starts the services (the real server for Redis and stubs with descendants of all kinds), takes a
second lease in another process, kills one to three processes at random moments, checks that what should
come back does, ends it in a random way, and counts what is left. Prints times, memory and wake-ups.
"""
# ruff: noqa: T201 - a script that prints its findings

import os
import random
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from pathlib import Path

from aicalendar_tui.launcher.lease import Lease
from aicalendar_tui.launcher.plan import SocketSpec, encode_plan
from aicalendar_tui.launcher.services import VALKEY, build_plan
from tests.integration.launcher.launcher_home import MARK, READY, Home, eventually, parent_of

CLIENT = """
import sys
from aicalendar_tui.launcher.lease import acquire
from aicalendar_tui.launcher.plan import decode_plan
lease = acquire(decode_plan(sys.stdin.readline()))
print("leased", flush=True)
sys.stdin.read()
"""
FAMILY = """
watch_lifeline()
for session in (False, True):
    if os.fork() == 0:
        if session:
            os.setsid()
            os.fork() and os._exit(0)
        while True:
            signal.pause()
notifier.ready()
while True:
    signal.pause()
"""
NAMES = (VALKEY, "receiver", "worker")


def play_round(home: Home, chance: random.Random) -> tuple[str, float]:
    """One life of the services: how it ended, and how long it took until nothing was left."""
    lease, client = start(home)
    for _ in range(chance.randrange(3)):
        victim = chance.choice(NAMES)
        pid = lease.state.services[victim].pid
        time.sleep(chance.random() * 0.05)
        if pid:
            os.kill(pid, signal.SIGKILL)
            eventually(lambda pid=pid, victim=victim: lease.state.services[victim].pid not in (pid, None))
    assert lease.wait_ready(NAMES, timeout_seconds=20), lease.state
    supervisor, guard = lease.state.pid, parent_of(lease.state.pid)
    way = chance.choice(("leases", "client killed", "stop", "term", "kill", "guard term", "guard kill"))
    begun = time.monotonic()
    match way:
        case "leases":
            client.communicate()
            lease.close()
        case "client killed":
            client.kill()
            lease.close()
        case "stop":
            lease.stop()
        case "term" | "kill":
            os.kill(supervisor, signal.SIGTERM if way == "term" else signal.SIGKILL)
        case _:
            os.kill(guard, signal.SIGTERM if way == "guard term" else signal.SIGKILL)
    lease.wait_closed(10)
    if client.poll() is None:
        end(client)
    home.await_silence(seconds=10)
    assert ["starting.lock", "supervisor.lock"] == sorted(os.listdir(home.run)), os.listdir(home.run)
    return way, time.monotonic() - begun


def start(home: Home) -> tuple[Lease, "subprocess.Popen[str]"]:
    """Ready services with two leases."""
    plan = build_plan(
        run_folder=home.run,
        state_folder=home.folder,
        home_env={},
        redis_embedded=True,
        simulator=None,
        webhook_port=0,
        api_port=0,
    )
    valkey = plan.services[0]
    sockets = (SocketSpec("public", "127.0.0.1", 0),)
    services = (
        valkey,
        home.service("receiver", FAMILY, sockets=sockets, after=(VALKEY,)),
        home.service("worker", READY, after=(VALKEY,)),
    )
    client = subprocess.Popen(
        [sys.executable, "-c", CLIENT], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert client.stdin
    assert client.stdout
    client.stdin.write(encode_plan(home.plan(*services)) + "\n")
    client.stdin.flush()
    lease = home.acquire(*services)
    client.stdout.readline()
    assert lease.wait_ready(NAMES, timeout_seconds=20), lease.state
    return lease, client


def end(client: "subprocess.Popen[str]") -> None:
    """Kill it and forget it."""
    client.kill()
    client.communicate()


def measure(home: Home) -> None:
    """Print what the supervisor and its guard cost while nothing happens."""
    lease, client = start(home)
    pids = {"supervisor": lease.state.pid, "guard": parent_of(lease.state.pid)}
    pids |= {VALKEY: lease.state.services[VALKEY].pid or 0}
    time.sleep(0.5)
    before = {name: count_switches(pid) for name, pid in pids.items()}
    time.sleep(5)
    for name, pid in pids.items():
        rate = (count_switches(pid) - before[name]) / 5
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        pss = next(int(line.split()[1]) for line in rollup if line.startswith("Pss:"))
        print(f"{name:12} {pss / 1024:5.1f} MB PSS   {rate:4.1f} wake-ups/s")
    end(client)
    lease.close()
    home.await_silence()


def count_switches(pid: int) -> int:
    """Context switches of all its threads, as a measure of wake-ups."""
    total = 0
    for status in Path(f"/proc/{pid}/task").glob("*/status"):
        total += sum(int(line.split()[1]) for line in status.read_text().splitlines() if "ctxt" in line)
    return total


def main() -> None:
    """See the module."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else random.randrange(10**6)
    print(f"{rounds} rounds, seed {seed}")
    mark = os.environ[MARK] = uuid.uuid4().hex
    # Its descendants are what is counted, not this process: the environment is read from its start.
    folder = Path(tempfile.mkdtemp(prefix="ai-"))
    home = Home(folder, mark)
    chance = random.Random(seed)
    times: dict[str, list[float]] = {}
    try:
        measure(home)
        for number in range(rounds):
            way, seconds = play_round(home, chance)
            times.setdefault(way, []).append(seconds)
            if (number + 1) % 10 == 0:
                print(f"{number + 1} rounds: nothing left", flush=True)
    finally:
        left = home.close()
        shutil.rmtree(folder)
        print(f"left behind: {len(left)}")
    for way, all_seconds in sorted(times.items()):
        print(
            f"{way:14} {len(all_seconds):3}x  silent after p50 {statistics.median(all_seconds):.2f} s,"
            f" max {max(all_seconds):.2f} s"
        )


if __name__ == "__main__":
    main()
