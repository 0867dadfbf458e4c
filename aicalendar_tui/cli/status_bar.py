"""What a status bar shows of a day: what is under way, else what comes next, in a few words."""

from collections.abc import Sequence
from datetime import UTC, datetime
from html import escape

from aicalendar_tui.backend.domain.agenda import Entry
from aicalendar_tui.cli.output import clean
from aicalendar_tui.i18n import _
from aicalendar_tui.screens.dates import in_minutes, time_of

TITLE_CHARACTERS = 28
SOON_SECONDS = 10 * 60


def bar_text(entries: Sequence[Entry], now: datetime, *, hour24: bool) -> str:
    """`14:00 Focus, in 18 min` or `until 15:00 Focus`; '' when nothing more comes."""
    entry = _chosen(entries, now)
    if entry is None:
        return ""
    zone = now.tzinfo or UTC
    title = _short(clean(entry.summary) or _("(no title)"))
    if entry.start <= now.timestamp():
        end = time_of(entry.end_in(zone), hour24=hour24)
        return _("until {time} {title}").format(time=end, title=title)
    start = time_of(entry.start_in(zone), hour24=hour24)
    until = in_minutes(-(-(entry.start - int(now.timestamp())) // 60))
    return f"{start} {title}, {until}"


def waybar_document(entries: Sequence[Entry], now: datetime, *, hour24: bool) -> dict[str, str]:
    """A custom module's JSON (`return-type: json`); `class` is idle, later, soon or now. Its text is Pango markup."""
    entry = _chosen(entries, now)
    if entry is None:
        kind = "idle"
    elif entry.start <= now.timestamp():
        kind = "now"
    else:
        kind = "soon" if entry.start - now.timestamp() <= SOON_SECONDS else "later"
    rest = [one for one in entries if not one.all_day and one.end > now.timestamp() and one.response != "declined"]
    zone = now.tzinfo or UTC
    no_title = _("(no title)")
    tooltip = "\n".join(
        f"{time_of(one.start_in(zone), hour24=hour24)} {clean(one.summary) or no_title}" for one in rest
    )
    return {
        "text": escape(bar_text(entries, now, hour24=hour24), quote=False),
        "tooltip": escape(tooltip, quote=False),
        "class": kind,
    }


def _chosen(entries: Sequence[Entry], now: datetime) -> Entry | None:
    """What begins within ten minutes goes before what is under way: that is known already."""
    present = now.timestamp()
    timed = [one for one in entries if not one.all_day and one.response != "declined" and not one.free]
    coming = min((one for one in timed if one.start > present), key=lambda one: one.start, default=None)
    if coming is not None and coming.start - present <= SOON_SECONDS:
        return coming
    under_way = [one for one in timed if one.start <= present < one.end]
    return max(under_way, key=lambda one: one.start, default=coming)


def _short(title: str) -> str:
    return title if len(title) <= TITLE_CHARACTERS else title[: TITLE_CHARACTERS - 1].rstrip() + "…"
