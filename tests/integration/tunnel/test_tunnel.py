"""The public address comes, goes and comes again, and nobody can look into the tunnel."""

import json
import stat
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Condition

import pytest
from msgspec.structs import replace

from aicalendar_tui.backend.domain.errors import Rejected, Unreachable
from aicalendar_tui.backend.tunnel import (
    Agent,
    AgentSettings,
    NgrokTunnel,
    NoTunnel,
    StaticTunnel,
    open_ngrok_agent,
    write_agent_configuration,
)


class FakeAgent:
    """An agent that lives until it is told otherwise."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.alive = True
        self.closed = False

    def is_alive(self) -> bool:
        """Whether the process is there."""
        return self.alive

    def close(self) -> None:
        """Ends it."""
        self.closed = True


class Ngrok:
    """Opens fake agents, or fails as it is told; remembers what was announced."""

    def __init__(self) -> None:
        self.agents: list[FakeAgent] = []
        self.failures: list[Exception] = []
        self.addresses: list[str | None] = []
        self.problems: list[str] = []
        self._news = Condition()

    def open(self, settings: AgentSettings) -> FakeAgent:
        """In place of pyngrok."""
        if self.failures:
            raise self.failures.pop(0)
        self.agents.append(FakeAgent(f"https://{settings.domain or f'passing-{len(self.agents)}.example'}"))
        return self.agents[-1]

    def announce(self, address: str | None, problem: str) -> None:
        """`on_change` of the tunnel; the same address again, with another problem, is not written twice."""
        with self._news:
            if self.addresses[-1:] != [address] and (self.addresses or address):
                self.addresses.append(address)
            self.problems.append(problem)
            self._news.notify_all()

    def wait_for(self, condition: Callable[[], bool]) -> None:
        """Until an announcement makes it true."""
        with self._news:
            assert self._news.wait_for(condition, timeout=10), self.addresses


@pytest.fixture
def ngrok() -> Ngrok:
    """The other side."""
    return Ngrok()


@pytest.fixture
def settings(tmp_path: Path) -> AgentSettings:
    """An agent with a passing domain."""
    return AgentSettings(authtoken="SECRET-token", port=8001, folder=tmp_path / "run")


@pytest.fixture
def tunnel(ngrok: Ngrok) -> Iterator[NgrokTunnel]:
    """A tunnel that watches closely and loses no time."""
    tunnel = NgrokTunnel(
        "SECRET-token",
        port=8001,
        open_agent=ngrok.open,
        on_change=ngrok.announce,
        backoff_seconds=(0.0,),
        watch_seconds=0.005,
    )
    yield tunnel
    tunnel.stop()


def test_without_a_tunnel_there_is_no_address() -> None:
    """Calendars are polled."""
    tunnel = NoTunnel()
    tunnel.start()

    assert tunnel.address() is None


def test_an_address_of_ones_own_is_used_as_it_is() -> None:
    """But for the slash at its end."""
    assert "https://calendar.example.com/hooks" == StaticTunnel("https://calendar.example.com/hooks/").address()


@pytest.mark.parametrize("url", ["", "calendar.example.com", "ftp://example.com", "https://", "https://a/?b=c"])
def test_what_is_no_address_is_refused(url: str) -> None:
    """At once, not when Google calls."""
    with pytest.raises(ValueError):
        StaticTunnel(url)


def test_the_address_is_there_while_the_agent_is(ngrok: Ngrok, tunnel: NgrokTunnel) -> None:
    """And gone with it."""
    assert tunnel.address() is None
    tunnel.start()
    ngrok.wait_for(lambda: ngrok.addresses == ["https://passing-0.example"])
    assert ("https://passing-0.example", "") == (tunnel.address(), tunnel.problem)

    tunnel.stop()

    assert (None, True, "") == (tunnel.address(), ngrok.agents[0].closed, tunnel.problem)


def test_a_dead_agent_is_replaced(ngrok: Ngrok, tunnel: NgrokTunnel) -> None:
    """A passing domain is another then: whoever watches calendars has to hear of it."""
    tunnel.start()
    ngrok.wait_for(lambda: len(ngrok.addresses) == 1)

    ngrok.agents[0].alive = False

    ngrok.wait_for(lambda: len(ngrok.addresses) == 3)
    assert ["https://passing-0.example", None, "https://passing-1.example"] == ngrok.addresses
    assert ngrok.agents[0].closed


def test_a_start_that_fails_is_tried_again_and_explained(ngrok: Ngrok) -> None:
    """Offline for a while, then with another's authtoken."""
    problems = []

    def open_agent(settings: AgentSettings) -> FakeAgent:
        problems.append(tunnel.problem)
        return ngrok.open(settings)

    tunnel = NgrokTunnel(
        "SECRET-token", port=8001, open_agent=open_agent, on_change=ngrok.announce, backoff_seconds=(0.0,)
    )
    ngrok.failures = [Unreachable("offline"), Rejected("check the authtoken")]
    tunnel.start()
    ngrok.wait_for(lambda: len(ngrok.addresses) == 1)
    tunnel.stop()

    assert ["", "offline", "check the authtoken"] == problems
    assert ["offline", "check the authtoken", "", ""] == ngrok.problems
    assert "" == tunnel.problem


def test_a_tunnel_can_be_stopped_while_it_waits_and_started_again(ngrok: Ngrok) -> None:
    """However long the backoff is."""
    ngrok.failures = [Unreachable("offline")]
    tunnel = NgrokTunnel(
        "SECRET-token", port=8001, open_agent=ngrok.open, on_change=ngrok.announce, backoff_seconds=(3600.0,)
    )
    tunnel.start()
    tunnel.stop()
    ngrok.failures.clear()

    tunnel.start()
    tunnel.start()
    ngrok.wait_for(lambda: bool(ngrok.addresses))
    tunnel.stop()

    assert 1 == len(ngrok.agents)


def test_the_whole_way_with_a_stand_in_agent(stand_in: AgentSettings, ngrok: Ngrok) -> None:
    """Killed, it is noticed and replaced; stopped, it leaves neither a process nor the authtoken behind."""
    agents, folders = [], []

    def open_agent(settings: AgentSettings) -> Agent:
        folders.append(settings.folder)
        agents.append(open_ngrok_agent(settings))
        return agents[-1]

    tunnel = NgrokTunnel(
        "SECRET-token",
        port=8001,
        domain="mine.example",
        ngrok_path=stand_in.ngrok_path,
        open_agent=open_agent,
        on_change=ngrok.announce,
        backoff_seconds=(0.0,),
        watch_seconds=0.01,
    )
    tunnel.start()
    ngrok.wait_for(lambda: len(ngrok.addresses) == 1)
    agents[0].close()
    ngrok.wait_for(lambda: len(ngrok.addresses) == 3)
    tunnel.stop()

    assert ["https://mine.example", None, "https://mine.example", None] == ngrok.addresses
    assert [False, False] == [agent.is_alive() for agent in agents]
    assert [False, False] == [folder.exists() for folder in folders]


def test_the_agents_configuration_is_private_and_switches_inspection_off(settings: AgentSettings) -> None:
    """Its page would show the channels' tokens to anybody on the machine."""
    path = write_agent_configuration(settings)
    path.chmod(0o644)
    path = write_agent_configuration(settings)

    content = json.loads(path.read_text())
    assert 0o600 == stat.S_IMODE(path.stat().st_mode)
    assert ("SECRET-token", -1) == (content["authtoken"], content["inspect_db_size"])


STAND_IN = """\
#!{python}
import http.server, json, os, pathlib, sys
folder = pathlib.Path(__file__).parent
(folder / "argv").write_text(json.dumps(sys.argv))
class Api(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.reply(200, {{"tunnels": []}})
    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
        (folder / "asked").write_text(json.dumps(asked))
        host = asked.get("hostname", "passing.example")
        self.reply(201, {{"name": asked["name"], "uri": "/", "public_url": "https://" + host, "proto": "https",
                          "config": {{"addr": asked["addr"]}}, "metrics": {{}}}})
    def reply(self, code, body):
        content = json.dumps(body).encode()
        self.send_response(code)
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)
    def log_message(self, *_):
        pass
if (folder / "refuse").exists():
    print('lvl=eror msg="session closing" err="authtoken SECRET-token is bad. ERR_NGROK_105"', flush=True)
    sys.exit(1)
server = http.server.HTTPServer(("127.0.0.1", 0), Api)
print(f't=x lvl=info msg="starting web service" obj=web addr=127.0.0.1:{{server.server_port}}', flush=True)
print('t=x lvl=info msg="tunnel session started" obj=tunnels.session', flush=True)
print('t=x lvl=info msg="client session established" obj=csess', flush=True)
server.serve_forever()
"""


@pytest.fixture
def stand_in(tmp_path: Path, settings: AgentSettings) -> AgentSettings:
    """A program that pyngrok takes for ngrok's agent, with a reserved domain."""
    path = tmp_path / "ngrok"
    path.write_text(STAND_IN.format(python=sys.executable))
    path.chmod(0o755)
    return replace(settings, ngrok_path=path, domain="mine.example")


def test_pyngrok_starts_the_agent_without_the_authtoken_on_its_command_line(
    stand_in: AgentSettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not even the one in the environment, and with inspection off."""
    monkeypatch.setenv("NGROK_AUTHTOKEN", "SECRET-token")
    agent = open_ngrok_agent(stand_in)
    try:
        asked = json.loads((tmp_path / "asked").read_text())
        assert ("https://mine.example", True) == (agent.address, agent.is_alive())
        assert (False, "127.0.0.1:8001", "mine.example") == (asked["inspect"], asked["addr"], asked["hostname"])
        assert "SECRET" not in (tmp_path / "argv").read_text()
    finally:
        agent.close()

    assert not agent.is_alive()


def test_an_agent_that_refuses_says_what_to_do_without_the_authtoken(stand_in: AgentSettings, tmp_path: Path) -> None:
    """By ngrok's error code."""
    (tmp_path / "refuse").touch()

    with pytest.raises(Rejected, match="NGROK_AUTHTOKEN") as raised:
        open_ngrok_agent(stand_in)

    assert "ERR_NGROK_105" == raised.value.reason
    assert "SECRET" not in f"{raised.value} {raised.value.__cause__}"
