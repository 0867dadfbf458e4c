"""What the machine offers: settings, folders, room, secret files, and the clock."""

import shutil
import stat
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from pathlib import Path

from aicalendar_tui.cli.doctor.finding import Finding
from aicalendar_tui.i18n import _
from aicalendar_tui.settings import Settings

HTTP_TIMEOUT_SECONDS = 2
LITTLE_SPACE_BYTES = 200_000_000
MUCH_SKEW_SECONDS, TOO_MUCH_SKEW_SECONDS = 30, 300
"""Sign-in stands a few minutes; beyond that tokens are refused and channels end at the wrong time."""


def look_at_settings(settings: Settings) -> Iterator[Finding]:
    """What is set, and what looks like a slip."""
    chosen = ", ".join(sorted(field for field in settings.sources if field != "folders"))
    yield Finding("settings", "ok", _("set: {names}").format(names=chosen) if chosen else _("all at their defaults"))
    for line in settings.ignored:
        yield Finding("settings", "warning", problem=line, remedy=_("correct or remove the line"))


def look_at_folders(settings: Settings) -> Iterator[Finding]:
    """Whether they are there, ours alone, and have room; and who may read the secrets."""
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
    secrets = [folders.api_token, *sorted(folders.data.glob("*secret*"))]
    for path in (*secrets, folders.env_file, folders.config_file):
        if path.is_file() and stat.S_IMODE(path.stat().st_mode) & 0o077:
            has_secrets = path in secrets
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
    detail = _("{path} · {megabytes} MB free").format(path=folder, megabytes=free // 1_000_000)
    return Finding(component, "ok", detail)


def look_at_clock(settings: Settings) -> Iterator[Finding]:
    """This machine's clock beside Google's, asked for nothing but the time; the demo has a time of its own."""
    if settings.demo:
        return
    begin = time.time()
    try:
        date = _ask_for_time(f"{settings.google_api_endpoint.rstrip('/')}/generate_204")
    except (OSError, ValueError) as error:
        reason = getattr(error, "reason", error)
        yield Finding(
            "clock", "off", _("can't be compared: no connection to Google ({reason})").format(reason=reason)
        )
        return
    # The answer's time has no fractions: half a second is no skew.
    skew = date + 0.5 - (begin + time.time()) / 2
    latency_ms = round((time.time() - begin) * 1000, 1)
    if abs(skew) < MUCH_SKEW_SECONDS:
        yield Finding(
            "clock",
            "ok",
            _("right within {seconds} s").format(seconds=max(1, round(abs(skew)))),
            latency_ms=latency_ms,
        )
        return
    text = _("{seconds} s behind") if skew > 0 else _("{seconds} s ahead")
    yield Finding(
        "clock",
        "problem" if abs(skew) >= TOO_MUCH_SKEW_SECONDS else "warning",
        latency_ms=latency_ms,
        problem=text.format(seconds=round(abs(skew))),
        remedy=_("set the clock by the network: timedatectl set-ntp true (on macOS: System Settings, Date & Time)"),
    )


def _ask_for_time(url: str) -> float:
    """The Date header of whatever is answered, as epoch seconds. Raises OSError; ValueError without one."""
    try:
        with urllib.request.urlopen(
            urllib.request.Request(url, method="HEAD"), timeout=HTTP_TIMEOUT_SECONDS
        ) as answer:
            told = answer.headers["Date"]
    except urllib.error.HTTPError as error:  # an answer, too
        told = error.headers["Date"]
    if not told:
        raise ValueError("no Date header")
    return parsedate_to_datetime(told).timestamp()
