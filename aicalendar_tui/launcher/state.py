"""What the supervisor tells its leases: one JSON line for each change, always the whole state."""

import json
from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

ServicePhase = Literal["starting", "ready", "backoff", "failed"]


class ServiceState(NamedTuple):
    """How one service is."""

    state: ServicePhase
    """`backoff` waits for its next start; `failed` ended fast several times, and is still retried."""
    pid: int | None = None
    since: float = 0
    """Unix time, seconds, of the last change of `state`."""
    restarts: int = 0
    error: str = ""
    """Why it last ended, with the last line it wrote; empty once it is ready again."""
    status: str = ""
    """What the service says of itself."""


class Address(NamedTuple):
    """Where a socket really listens."""

    host: str
    port: int


class State(NamedTuple):
    """How the supervisor and its services are."""

    pid: int
    version: str = ""
    log_folder: str = ""
    services: Mapping[str, ServiceState] = {}
    sockets: Mapping[str, Address] = {}
    leases: int = 0
    stopping: bool = False

    def is_ready(self, names: tuple[str, ...]) -> bool:
        """Whether all the named services are ready; a name nobody knows never is."""
        return all(name in self.services and self.services[name].state == "ready" for name in names)


def encode_state(state: State) -> bytes:
    """One line, with its end."""
    services = {name: service._asdict() for name, service in state.services.items()}
    sockets = {name: address._asdict() for name, address in state.sockets.items()}
    document = {**state._asdict(), "services": services, "sockets": sockets}
    return json.dumps(document, separators=(",", ":")).encode() + b"\n"


def decode_state(line: str | bytes) -> State:
    """The state in one line; fields of a later version are ignored, and missing ones have their defaults.

    Raises: ValueError.
    """
    document: dict[str, Any] = json.loads(line)
    if not isinstance(document, dict) or "pid" not in document:
        raise ValueError("not a state of the supervisor")
    try:
        services = {
            name: ServiceState(**_known(ServiceState, fields))
            for name, fields in document.pop("services", {}).items()
        }
        sockets = {name: Address(**_known(Address, fields)) for name, fields in document.pop("sockets", {}).items()}
        return State(**_known(State, document), services=services, sockets=sockets)
    except (AttributeError, TypeError) as error:
        raise ValueError(f"not a state of the supervisor: {error}") from None


def _known(kind: Any, fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if name in kind._fields}
