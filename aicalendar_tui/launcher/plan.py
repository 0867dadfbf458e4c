"""What the supervisor is to run: plain values that travel to it as JSON, over a pipe.

The environment of a service may hold secrets. That is why a plan is never an argument, never a file.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal, NamedTuple

Readiness = Literal["notify", "ping"]


class SocketSpec(NamedTuple):
    """A TCP socket that the supervisor listens on and hands to services, so that ports outlive them."""

    name: str
    host: str
    port: int
    """0 takes any free port."""
    fallback: bool = True
    """Take a free port when this one is taken; otherwise the services that need it fail until it's free."""


class Service(NamedTuple):
    """A program to keep running."""

    name: str
    argv: Sequence[str]
    """Visible to everyone on the machine: no secrets here."""
    env: Mapping[str, str] = {}
    """Added to the environment that the supervisor was started with."""
    sockets: Sequence[SocketSpec] = ()
    readiness: Readiness = "notify"
    """`notify`: the service says READY=1 on AICALENDAR_NOTIFY_FD; `ping`: it answers PING at `ping_path`."""
    ping_path: str = ""
    after: Sequence[str] = ()
    """Services that must be ready, or known to have failed, before this one is started."""
    start_limit_seconds: float = 60
    """Killed and started again when it isn't ready by then."""
    busy_limit_seconds: float = 90
    """Killed and started again when one piece of its work takes longer."""
    stop_grace_seconds: float = 2
    """Between SIGTERM and SIGKILL."""


class Plan(NamedTuple):
    """Everything one supervisor needs to know."""

    run_folder: str
    """Private, and short enough for unix sockets."""
    log_folder: str
    services: Sequence[Service]
    version: str = ""
    """Of the program that made the plan, told to those who join later."""
    grace_seconds: float = 0.3
    """How long services go on after the last lease was closed."""
    first_lease_seconds: float = 10
    """How long the first lease may take to come."""

    @property
    def sockets(self) -> Iterator[SocketSpec]:
        """Each socket once, in the order of the services that want it first."""
        seen: set[str] = set()
        for service in self.services:
            for spec in service.sockets:
                if spec.name not in seen:
                    seen.add(spec.name)
                    yield spec


def encode_plan(plan: Plan) -> str:
    """One JSON document; `decode_plan` gives an equal plan back."""
    services = [
        {**service._asdict(), "sockets": [spec._asdict() for spec in service.sockets]} for service in plan.services
    ]
    return json.dumps({**plan._asdict(), "services": services}, default=dict)


def decode_plan(text: str | bytes) -> Plan:
    """The plan in a JSON document.

    Raises: ValueError (not JSON, or not a plan; the text says what is wrong, and holds no values).
    """
    try:
        document: dict[str, Any] = json.loads(text)
        services = tuple(_decode_service(fields) for fields in document.pop("services"))
        return Plan(services=services, **document)
    except json.JSONDecodeError as error:
        raise ValueError(f"the plan is not JSON (position {error.pos})") from None
    except (AttributeError, KeyError, TypeError) as error:
        raise ValueError(f"not a plan: {error}") from None


def _decode_service(fields: dict[str, Any]) -> Service:
    fields["sockets"] = tuple(SocketSpec(**spec) for spec in fields.get("sockets", ()))
    for name in ("argv", "after"):
        fields[name] = tuple(fields.get(name, ()))
    return Service(**fields)
