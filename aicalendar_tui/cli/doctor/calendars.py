"""What is kept and how true it is: the database, the accounts, their calendars and channels, and the way in."""

import time
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from aicalendar_tui.backend.services.trouble import SIGNED_OUT
from aicalendar_tui.cli.context import welcome
from aicalendar_tui.cli.doctor.finding import Finding
from aicalendar_tui.cli.doctor.services import without_password
from aicalendar_tui.cli.output import clean
from aicalendar_tui.i18n import _, ngettext
from aicalendar_tui.launcher.state import State
from aicalendar_tui.settings import Settings

if TYPE_CHECKING:
    from aicalendar_tui.backend.domain.calendar import Calendar
    from aicalendar_tui.backend.domain.channel import Channel
    from aicalendar_tui.backend.domain.task import Task
    from aicalendar_tui.cli.context import Context

DAY_SECONDS = 86_400
STALE_POLLS = 4
"""A calendar that missed so many polls while the services ran is not up to date."""
QUOTA_WORDS = ("quota", "rate limit", "ratelimit")
"""In the words of Google's errors, which the ledger keeps as they came."""


def look_at_database(context: "Context") -> Iterator[Finding]:
    """Whether it can be read, and how fast."""
    settings = context.settings
    where = without_password(settings.database_url) if settings.database_url else str(settings.folders.database)
    context.services.accounts()  # the first call connects, and imports what it needs
    begin = time.perf_counter()
    context.services.accounts()
    latency_ms = round((time.perf_counter() - begin) * 1000, 2)
    version = ""
    if not settings.database_url and settings.folders.database.exists():
        size = settings.folders.database.stat().st_size
        where += f" · {size / 1e6:.1f} MB"
        version = f"SQLite {_sqlite_version()}"
    yield Finding("database", "ok", where, version=version, latency_ms=latency_ms)


def _sqlite_version() -> str:
    from aicalendar_tui.backend.store.store import SQLITE_VERSION

    return SQLITE_VERSION


def look_at_tunnel(context: "Context", state: State | None) -> Iterator[Finding]:
    """How Google reaches the receiver."""
    settings = context.settings
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
        yield _judge_ngrok(context, settings, state)
    else:
        yield Finding(
            "tunnel",
            "off",
            _("calendars are asked every {minutes} min").format(minutes=max(1, settings.poll_seconds // 60)),
            remedy=_("for live updates set NGROK_AUTHTOKEN or PUBLIC_URL"),
        )


def _judge_ngrok(context: "Context", settings: Settings, state: State | None) -> Finding:
    wanted = f"ngrok {settings.ngrok_domain or ''}".strip()
    if state is None:
        return Finding("tunnel", "off", wanted, remedy=_("it is opened with the services"))
    services = context.services
    address = services.tunnel.address()
    if address:
        return Finding("tunnel", "ok", f"ngrok · {address}")
    return Finding(
        "tunnel",
        "problem",
        wanted,
        problem=clean(_(services.tunnel.problem)) or _("it does not stand; calendars are polled meanwhile"),
        remedy=_("see {log}; NGROK_AUTHTOKEN and NGROK_DOMAIN may be wrong").format(
            log=f"{state.log_folder}/receiver.log"
        ),
    )


def look_at_accounts(context: "Context", state: State | None) -> Iterator[Finding]:
    """Each account: what waits to be sent, each calendar's last sync and channel, and refused requests."""
    services = context.services
    accounts = services.accounts()
    if not accounts:
        yield Finding("accounts", "off", remedy=welcome(demo=context.settings.demo))
    now = context.now.timestamp()
    for account in accounts:
        yield _judge_outbox(context, account.user_id, account.endpoint)
        channels = services.read_channels(account.user_id)
        for calendar in services.read_calendars(account.user_id).calendars:
            own = [channel for channel in channels if channel.calendar_id == calendar.calendar_id]
            yield _judge_calendar(calendar, own, now, late_seconds=_late_after(context.settings, state))
        yield from _judge_tasks(services.read_tasks(account.user_id, limit=200), now)


def _judge_outbox(context: "Context", user_id: str, endpoint: str) -> Finding:
    status = context.services.read_status(user_id)
    facts = [endpoint]
    if status.waiting:
        facts.append(
            ngettext("{number} edit waits", "{number} edits wait", status.waiting).format(number=status.waiting)
        )
    undecided = status.conflicts + status.rejected
    if not undecided:
        return Finding(f"account {user_id}", "ok", " · ".join(facts))
    return Finding(
        f"account {user_id}",
        "warning",
        " · ".join(facts),
        problem=ngettext("{number} edit needs a decision", "{number} edits need a decision", undecided).format(
            number=undecided
        ),
        remedy=_("open the calendar and decide: aicalendar, then : and “conflicts”"),
    )


def _late_after(settings: Settings, state: State | None) -> float | None:
    """Seconds without a sync that are too many; None while nothing runs that could sync."""
    if state is None or not state.is_ready(("worker",)):
        return None
    return max(3600, STALE_POLLS * settings.poll_seconds)


def _judge_calendar(
    calendar: "Calendar", channels: "list[Channel]", now: float, *, late_seconds: float | None
) -> Finding:
    component = f"calendar {clean(calendar.summary)}"
    facts = [calendar.live]
    if calendar.synced_at:
        facts.append(_("synced {ago} ago").format(ago=_span(now - calendar.synced_at)))
    ends = [one.expiration_ms / 1000 for one in channels if one.state == "active" and one.expiration_ms]
    if ends:
        facts.append(_("channel ends in {time}").format(time=_span(max(0, max(ends) - now))))
    heard = [one.last_message_at for one in channels if one.last_message_at]
    if heard:
        facts.append(_("last notification {ago} ago").format(ago=_span(now - max(heard))))
    detail = " · ".join(facts)
    if calendar.problem or calendar.live == "degraded":
        problem = clean(_(calendar.problem)) or _("the last sync failed")
        remedy = "aicalendar login" if calendar.problem == SIGNED_OUT else "aicalendar sync"
        return Finding(component, "problem", detail, problem=problem, remedy=remedy)
    if calendar.live == "live" and ends and max(ends) < now:
        return Finding(
            component,
            "warning",
            detail,
            problem=_("its channel has ended"),
            remedy=_("it is renewed by the services"),
        )
    if late_seconds is not None and (not calendar.synced_at or now - calendar.synced_at > late_seconds):
        problem = _("it was not synced for a long time") if calendar.synced_at else _("it was never synced")
        return Finding(component, "warning", detail, problem=problem, remedy="aicalendar sync")
    return Finding(component, "ok", detail)


def _judge_tasks(tasks: "list[Task]", now: float) -> Iterator[Finding]:
    recent = [task for task in tasks if task.error and (task.finished_at or task.queued_at) > now - DAY_SECONDS]
    refused = [task for task in recent if any(word in task.error.casefold() for word in QUOTA_WORDS)]
    if refused:
        yield Finding(
            "quota",
            "warning",
            problem=ngettext(
                "Google refused {number} request for its quota within a day",
                "Google refused {number} requests for their quota within a day",
                len(refused),
            ).format(number=len(refused)),
            remedy=_(
                "they are repeated by themselves; if it goes on, ask for more at console.cloud.google.com, Quotas"
            ),
        )
    failed = Counter(clean(task.error) for task in recent if task.state == "failed" and task not in refused)
    for error, number in failed.most_common(3):
        yield Finding(
            "tasks",
            "warning",
            problem=ngettext("{number} task failed: {error}", "{number} tasks failed: {error}", number).format(
                number=number, error=error
            ),
            remedy=_("see: aicalendar tasks"),
        )


def _span(seconds: float) -> str:
    """`12 s`, `5 min`, `3 h`, `2 d`."""
    for size, text in ((86_400, _("{number} d")), (3_600, _("{number} h")), (60, _("{number} min"))):
        if seconds >= size:
            return text.format(number=int(seconds // size))
    return _("{number} s").format(number=max(0, int(seconds)))
