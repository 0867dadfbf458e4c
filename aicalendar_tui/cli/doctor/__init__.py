"""`doctor`: what is running, what is wrong, and how to mend it. Starts nothing and changes nothing."""

import platform
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from aicalendar_tui import __version__
from aicalendar_tui.cli.doctor.calendars import look_at_accounts, look_at_database, look_at_tunnel
from aicalendar_tui.cli.doctor.finding import Finding
from aicalendar_tui.cli.doctor.machine import look_at_clock, look_at_folders, look_at_settings
from aicalendar_tui.cli.doctor.services import look_at_redis, look_at_services, read_supervisor
from aicalendar_tui.cli.output import SCHEMA, Output, clean
from aicalendar_tui.cli.report import FAILURE, OK
from aicalendar_tui.i18n import _
from aicalendar_tui.settings import SettingsError

if TYPE_CHECKING:
    from aicalendar_tui.cli.context import Context


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
    detail = f"Python {platform.python_version()} · {platform.platform(terse=True)}"
    if settings.demo:
        detail += " · " + _("demo")
    yield Finding("aicalendar", "ok", detail, version=__version__)
    yield from look_at_settings(settings)
    folders = list(look_at_folders(settings))
    yield from folders
    yield from _guard("clock", lambda: look_at_clock(settings))
    if not settings.database_url and any(
        one.state == "problem" and one.component.startswith("folder") for one in folders
    ):
        yield Finding("database", "off", _("it has no folder yet: see above"))
        return
    yield from _guard("database", lambda: look_at_database(context))
    state = read_supervisor(settings)
    yield from _guard("redis", lambda: look_at_redis(context, state))
    yield from _guard("services", lambda: look_at_services(settings, state))
    yield from _guard("tunnel", lambda: look_at_tunnel(context, state))
    yield from _guard("accounts", lambda: look_at_accounts(context, state))


def _guard(component: str, look: Callable[[], Iterator[Finding]]) -> Iterator[Finding]:
    """What `look` finds; an error on the way becomes the finding: the doctor must not fall ill himself."""
    try:
        yield from look()
    except SettingsError as error:
        yield Finding(component, "problem", problem=clean(str(error)))  # which says what to do
    except Exception as error:
        reason = f"{type(error).__name__}: {clean(str(error))}"
        yield Finding(component, "problem", problem=reason, remedy=_("the log and --debug show more"))


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
