"""The processes: Redis, receiver, worker and whatever else the supervisor runs."""

import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from aicalendar_tui import __version__
from aicalendar_tui.cli.doctor.finding import Finding
from aicalendar_tui.cli.output import clean
from aicalendar_tui.i18n import _
from aicalendar_tui.launcher import lease as leases
from aicalendar_tui.launcher.errors import LauncherError
from aicalendar_tui.launcher.services import valkey_socket
from aicalendar_tui.launcher.sockets import url_of
from aicalendar_tui.launcher.state import ServiceState, State
from aicalendar_tui.settings import Settings, SettingsError
from aicalendar_tui.settings.api_token import read_api_token

if TYPE_CHECKING:
    from aicalendar_tui.cli.context import Context

ANSWER_TIMEOUT_SECONDS = 2


def read_supervisor(settings: Settings) -> State | None:
    """How the services are, or None where none run."""
    try:
        lease = leases.join(settings.folders.run.resolve()) if settings.folders.run.exists() else None
    except LauncherError:
        return None
    if lease is None:
        return None
    with lease:
        return lease.state


def look_at_redis(context: "Context", state: State | None) -> Iterator[Finding]:
    """The server that is set, else our own."""
    settings = context.settings
    if url := settings.external_redis_url:
        shown = without_password(url)
        detail = f"redis-cli -u {shown}"
        socket = urlsplit(url)
        yield from _ping_redis(detail, host=socket.hostname, port=socket.port or 6379)
        return
    if state is None:
        yield Finding("redis", "off", _("our own; starts with the calendar"))
        return
    path = valkey_socket(settings.folders.run.resolve())
    yield from _ping_redis(f"redis-cli -s {path}", path=path)


def _ping_redis(
    detail: str, *, path: Path | None = None, host: str | None = None, port: int = 6379
) -> Iterator[Finding]:
    """Asked by hand: importing a client would take longer than all else here. A NOAUTH answer is an answer."""
    import socket

    begin = time.perf_counter()
    try:
        if path:
            connection = socket.socket(socket.AF_UNIX)
            connection.settimeout(ANSWER_TIMEOUT_SECONDS)
            connection.connect(str(path))
        else:
            connection = socket.create_connection((host or "localhost", port), ANSWER_TIMEOUT_SECONDS)
        with connection:
            connection.sendall(b"PING\r\nINFO server\r\n")
            answer = connection.recv(8192).decode("utf-8", "replace")
    except OSError as error:
        remedy = (
            _("views come from the database meanwhile; see the log of valkey")
            if path
            else _("start it, or correct REDIS_URL")
        )
        yield Finding("redis", "problem", detail, problem=clean(str(error)), remedy=remedy)
        return
    latency_ms = round((time.perf_counter() - begin) * 1000, 2)
    names = ("valkey_version:", "redis_version:")
    lines = answer.splitlines()
    version = next((line.partition(":")[2] for name in names for line in lines if line.startswith(name)), "")
    yield Finding("redis", "ok", detail, version=version, latency_ms=latency_ms)


def look_at_services(settings: Settings, state: State | None) -> Iterator[Finding]:
    """Each that the supervisor runs; the receiver is asked itself."""
    if state is None:
        yield Finding("services", "off", _("not running; they start with the calendar, or with: aicalendar serve"))
        return
    if state.version != __version__:
        yield Finding(
            "services",
            "warning",
            version=state.version,
            problem=_("they are of another version than this program"),
            remedy=_("quit every aicalendar, and start it again"),
        )
    for name, service in state.services.items():
        if name == "receiver" and service.state == "ready" and (address := state.sockets.get("local")):
            yield _ask_receiver(url_of(address.host, address.port), settings, service)
        elif name != "valkey":
            yield _judge_service(name, service, state)


def _judge_service(name: str, service: ServiceState, state: State) -> Finding:
    detail = f"pid {service.pid}" if service.pid else service.state
    if service.restarts:
        detail += " · " + _("restarted {number} times").format(number=service.restarts)
    if service.state == "failed":
        remedy = _("see {log}").format(log=f"{state.log_folder}/{name}.log")
        return Finding(name, "problem", detail, problem=clean(service.error), remedy=remedy)
    if service.state == "backoff":
        return Finding(name, "warning", detail, problem=clean(service.error), remedy=_("it starts again by itself"))
    return Finding(name, "ok", detail)


def _ask_receiver(url: str, settings: Settings, service: ServiceState) -> Finding:
    begin = time.perf_counter()
    # Without a proxy: it is on this machine.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        request = urllib.request.Request(f"{url}/health")
        if settings.local_api_auth:
            request.add_header("Authorization", f"Bearer {read_api_token(settings.folders.api_token)}")
        with opener.open(request, timeout=ANSWER_TIMEOUT_SECONDS) as answer:
            answer.read()
    except (OSError, SettingsError) as error:
        return Finding(
            "receiver",
            "problem",
            url,
            problem=clean(str(error)),
            remedy=_("see the log of the receiver; it is restarted if it ends"),
        )
    latency_ms = round((time.perf_counter() - begin) * 1000, 2)
    return Finding("receiver", "ok", f"{url} · pid {service.pid}", latency_ms=latency_ms)


def without_password(url: str) -> str:
    """The address, fit to be shown."""
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
