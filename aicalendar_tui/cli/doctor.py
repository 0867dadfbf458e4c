"""`doctor`: what is running, what is wrong, and how to mend it. Starts nothing and changes nothing."""

import shutil
import stat
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple
from urllib.parse import urlsplit

from aicalendar_tui import __version__
from aicalendar_tui.cli.context import welcome
from aicalendar_tui.cli.output import SCHEMA, Output, clean
from aicalendar_tui.cli.report import FAILURE, OK
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

HTTP_TIMEOUT_SECONDS = 2
LITTLE_SPACE_BYTES = 200_000_000

Verdict = Literal["ok", "off", "warning", "problem"]
"""`off`: not running or not set up, which is fine; a `warning` works for now; a `problem` doesn't."""


class Finding(NamedTuple):
    """One component, and how it is."""

    component: str
    state: Verdict
    detail: str = ""
    version: str = ""
    latency_ms: float | None = None
    problem: str = ""
    remedy: str = ""


def print_diagnosis(context: "Context") -> int:
    """Everything that was found; exit code 1 if something is wrong."""
    findings = list(diagnose(context))
    ok = all(finding.state != "problem" for finding in findings)
    if context.options.json:
        context.output.json({"schema": SCHEMA, "ok": ok, "components": [found._asdict() for found in findings]})
    else:
        for finding in findings:
            _print_finding(context.output, finding)
    return OK if ok else FAILURE


def diagnose(context: "Context") -> Iterator[Finding]:
    """Component by component, from the ground up; one that can't be looked at is a finding, too."""
    settings = context.settings
    yield Finding("aicalendar", "ok", _("demo") if settings.demo else "", version=__version__)
    yield from _look_at_settings(settings)
    yield from _look_at_folders(settings)
    yield from _guard("database", lambda: _look_at_database(context))
    state = _read_supervisor(settings)
    yield from _look_at_redis(context, state)
    yield from _look_at_services(settings, state)
    yield from _look_at_tunnel(settings)
    yield from _guard("accounts", lambda: _look_at_accounts(context))


def _guard(component: str, look: Callable[[], Iterator[Finding]]) -> Iterator[Finding]:
    """What `look` finds; an error on the way becomes the finding: the doctor must not fall ill himself."""
    try:
        yield from look()
    except SettingsError as error:
        yield Finding(component, "problem", problem=clean(str(error)))  # which says what to do
    except Exception as error:
        reason = f"{type(error).__name__}: {clean(str(error))}"
        yield Finding(component, "problem", problem=reason, remedy=_("the log and --debug show more"))


def _look_at_settings(settings: Settings) -> Iterator[Finding]:
    chosen = ", ".join(sorted(field for field in settings.sources if field != "folders"))
    yield Finding("settings", "ok", _("set: {names}").format(names=chosen) if chosen else _("all at their defaults"))
    for line in settings.ignored:
        yield Finding("settings", "warning", problem=line, remedy=_("correct or remove the line"))


def _look_at_folders(settings: Settings) -> Iterator[Finding]:
    folders = settings.folders
    for name, folder in (("data", folders.data), ("state", folders.state)):
        component = f"folder {name}"
        if not folder.exists():
            yield Finding(component, "off", _("{path}: made at the first start").format(path=folder))
        elif not folder.is_dir():
            yield Finding(
                component,
                "problem",
                str(folder),
                problem=_("it is a file, not a folder"),
                remedy=_("move it away, or set AICALENDAR_HOME to a folder"),
            )
        elif folder.stat().st_mode & 0o077:
            yield Finding(
                component,
                "warning",
                str(folder),
                problem=_("others can look into it"),
                remedy=f"chmod 700 {folder}",
            )
        else:
            yield _look_at_space(component, folder)
    for path in (folders.api_token, folders.env_file, folders.config_file, *sorted(folders.data.glob("*secret*"))):
        if path.is_file() and stat.S_IMODE(path.stat().st_mode) & 0o077:
            has_secrets = path not in (folders.env_file, folders.config_file)
            yield Finding(
                f"file {path.name}",
                "problem" if has_secrets else "warning",
                str(path),
                problem=_("others can read it, and it may hold secrets"),
                remedy=f"chmod 600 {path}",
            )


def _look_at_space(component: str, folder: Path) -> Finding:
    free = shutil.disk_usage(folder).free
    if free < LITTLE_SPACE_BYTES:
        return Finding(
            component,
            "warning",
            str(folder),
            problem=_("only {megabytes} MB are free").format(megabytes=free // 1_000_000),
            remedy=_("make room: edits can't be kept on a full disk"),
        )
    return Finding(component, "ok", str(folder))


def _look_at_database(context: "Context") -> Iterator[Finding]:
    settings = context.settings
    where = _without_password(settings.database_url) if settings.database_url else str(settings.folders.database)
    context.services.accounts()  # the first call connects, and imports what it needs
    begin = time.perf_counter()
    context.services.accounts()
    latency_ms = round((time.perf_counter() - begin) * 1000, 2)
    yield Finding("database", "ok", where, latency_ms=latency_ms)


def _read_supervisor(settings: Settings) -> State | None:
    """How the services are, or None where none run."""
    try:
        lease = leases.join(settings.folders.run.resolve()) if settings.folders.run.exists() else None
    except LauncherError:
        return None
    if lease is None:
        return None
    with lease:
        return lease.state


def _look_at_redis(context: "Context", state: State | None) -> Iterator[Finding]:
    settings = context.settings
    if url := settings.external_redis_url:
        shown = _without_password(url)
        detail = f"redis-cli -u {shown}"
        socket = urlsplit(url)
        yield from _guard("redis", lambda: _ping_redis(detail, host=socket.hostname, port=socket.port or 6379))
        return
    if state is None:
        yield Finding("redis", "off", _("our own; starts with the calendar"))
        return
    path = valkey_socket(settings.folders.run.resolve())
    yield from _guard("redis", lambda: _ping_redis(f"redis-cli -s {path}", path=path))


def _ping_redis(
    detail: str, *, path: Path | None = None, host: str | None = None, port: int = 6379
) -> Iterator[Finding]:
    """Asked by hand: importing a client would take longer than all else here. A NOAUTH answer is an answer."""
    import socket

    begin = time.perf_counter()
    try:
        if path:
            connection = socket.socket(socket.AF_UNIX)
            connection.settimeout(HTTP_TIMEOUT_SECONDS)
            connection.connect(str(path))
        else:
            connection = socket.create_connection((host or "localhost", port), HTTP_TIMEOUT_SECONDS)
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


def _look_at_services(settings: Settings, state: State | None) -> Iterator[Finding]:
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
        with opener.open(request, timeout=HTTP_TIMEOUT_SECONDS) as answer:
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


def _look_at_tunnel(settings: Settings) -> Iterator[Finding]:
    if settings.public_url:
        if settings.public_url.startswith("http://") and not settings.demo:
            yield Finding(
                "tunnel",
                "warning",
                settings.public_url,
                problem=_("Google only calls https addresses"),
                remedy=_("set PUBLIC_URL to an https address"),
            )
        else:
            yield Finding("tunnel", "ok", settings.public_url)
    elif settings.demo:
        yield Finding("tunnel", "ok", _("none needed: the demo's Google is on this machine"))
    elif settings.ngrok_authtoken:
        yield Finding("tunnel", "ok", f"ngrok {settings.ngrok_domain or ''}".strip())
    else:
        yield Finding(
            "tunnel",
            "off",
            _("calendars are asked every {minutes} min").format(minutes=max(1, settings.poll_seconds // 60)),
            remedy=_("for live updates set NGROK_AUTHTOKEN or PUBLIC_URL"),
        )


def _look_at_accounts(context: "Context") -> Iterator[Finding]:
    services = context.services
    accounts = services.accounts()
    if not accounts:
        yield Finding("accounts", "off", remedy=welcome(demo=context.settings.demo))
    for account in accounts:
        yield Finding(f"account {account.user_id}", "ok", account.endpoint)
        channels = services.read_channels(account.user_id)
        for calendar in services.read_calendars(account.user_id).calendars:
            live = [
                channel.expiration_ms / 1000 - time.time()
                for channel in channels
                if channel.calendar_id == calendar.calendar_id and channel.state == "active" and channel.expiration_ms
            ]
            detail = calendar.live
            if live:
                detail += " · " + _("channel ends in {hours} h").format(hours=max(0, int(max(live) // 3600)))
            component = f"calendar {clean(calendar.summary)}"
            if calendar.problem or calendar.live == "degraded":
                problem = clean(_(calendar.problem)) or _("the last sync failed")
                yield Finding(component, "problem", detail, problem=problem, remedy="aicalendar sync")
            else:
                yield Finding(component, "ok", detail)


def _without_password(url: str) -> str:
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()


_MARKS = {"ok": "✓", "off": "–", "warning": "!", "problem": "✗"}
_COLORS = {"ok": "#8bd5a0", "off": "#6b7385", "warning": "#e5c07b", "problem": "#f0616d"}


def _print_finding(output: Output, finding: Finding) -> None:
    latency = f"{finding.latency_ms:g} ms" if finding.latency_ms is not None else ""
    facts = " · ".join(filter(None, (finding.version, finding.detail, latency)))
    mark = output.tinted(_MARKS[finding.state], _COLORS[finding.state])
    output.line(f"{mark} {finding.component:<14} {output.dim(facts)}".rstrip())
    if finding.problem:
        output.line(f"    {finding.problem}")
    if finding.remedy:
        output.line(f"    → {finding.remedy}")
