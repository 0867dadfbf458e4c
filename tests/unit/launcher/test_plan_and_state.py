"""Plans and states travel as JSON and arrive as they left."""

import json

import pytest

from aicalendar_tui.launcher.plan import Plan, Service, SocketSpec, decode_plan, encode_plan
from aicalendar_tui.launcher.state import Address, ServiceState, State, decode_state, encode_state

PUBLIC = SocketSpec("public", "127.0.0.1", 8001)
LOCAL = SocketSpec("local", "::1", 0, fallback=False)
PLAN = Plan(
    "/run/me",
    "/state/log",
    (
        Service("valkey", ("valkey-server",), readiness="ping", ping_path="/run/me/valkey.sock"),
        Service("receiver", ("python", "-m", "x"), {"TOKEN": "ключ"}, (PUBLIC, LOCAL), after=("valkey",)),
        Service("worker", ("python",), sockets=(PUBLIC,), busy_limit_seconds=5),
    ),
    version="1.2",
    grace_seconds=0.5,
)
STATE = State(
    7,
    "1.2",
    "/state/log",
    {"worker": ServiceState("backoff", None, 12.5, 3, "killed by SIGKILL: прощай", "busy")},
    {"public": Address("127.0.0.1", 8001)},
    leases=2,
    stopping=True,
)


def test_plan_arrives_as_it_left() -> None:
    """Names in any script, too."""
    assert PLAN == decode_plan(encode_plan(PLAN))


def test_plan_names_each_socket_once() -> None:
    """Two services may serve the same one."""
    assert [PUBLIC, LOCAL] == list(PLAN.sockets)


@pytest.mark.parametrize(
    "text", ["", "{", "null", "[]", "{}", '{"services": [1]}', '{"services": [{"name": "x", "argw": []}]}']
)
def test_what_is_no_plan_is_a_value_error(text: str) -> None:
    """Whatever is wrong with it."""
    with pytest.raises(ValueError, match="plan"):
        decode_plan(text)


def test_complaint_about_a_plan_holds_no_values() -> None:
    """It may end in a log, and values may be secrets."""
    with pytest.raises(ValueError, match="plan") as complaint:
        decode_plan('{"services": [{"name": "x", "env": {"TOKEN": "s3cr3t"}, "oops": "s3cr3t"}]}')
    assert "s3cr3t" not in str(complaint.value)


def test_state_arrives_as_it_left_in_one_line() -> None:
    """One line is one state."""
    line = encode_state(STATE)
    assert 1 == line.count(b"\n")
    assert STATE == decode_state(line)


def test_state_of_a_later_version_is_understood() -> None:
    """A newer supervisor may say more, an older one less."""
    document = json.loads(encode_state(STATE)) | {"mood": "good"}
    document["services"]["worker"] |= {"mood": "bad"}
    assert STATE == decode_state(json.dumps(document))
    assert State(7) == decode_state('{"pid": 7}')


@pytest.mark.parametrize("line", ["", "[]", "{}", '{"pid": 1, "services": 2}', '{"pid": 1, "services": {"x": 1}}'])
def test_what_is_no_state_is_a_value_error(line: str) -> None:
    """Never something else."""
    with pytest.raises(ValueError):
        decode_state(line)


def test_ready_are_only_those_that_are_known_and_ready() -> None:
    """A service that was not planned never becomes ready."""
    state = State(1, services={"one": ServiceState("ready"), "two": ServiceState("failed")})
    assert state.is_ready(("one",))
    assert not state.is_ready(("one", "two"))
    assert not state.is_ready(("three",))
