"""Calendars and accounts in words and colours. Pure."""

from collections.abc import Sequence

from textual.content import Content

from aicalendar_tui.backend.domain.calendar import Calendar
from aicalendar_tui.i18n import _
from aicalendar_tui.screens.phrases import say_age
from aicalendar_tui.screens.sheet import MUTED
from aicalendar_tui.screens.text import clean, cut, fit, width_of
from aicalendar_tui.screens.theme import Palette, visible_color

COLORS = (
    "#f7768e",
    "#ff9e64",
    "#e0af68",
    "#9ece6a",
    "#73daca",
    "#7dcfff",
    "#7aa2f7",
    "#bb9af7",
    "#f691b2",
    "#c2c2c2",
)
"""To choose from; each is made visible on the ground of the theme."""

LIVE_STYLES = {
    "live": "$text-success",
    "starting": "$text-warning",
    "polling": MUTED,
    "unwatchable": MUTED,
    "degraded": "$text-error",
}


def calendar_line(calendar: Calendar, palette: Palette, *, alone: bool, width: int) -> Content:
    """`■ Design team      hidden     ● live`; hollow and dim where it is hidden, exactly `width` cells."""
    mark, said = live_words(calendar)
    color = visible_color(calendar.color, palette)
    tail = f"{mark} {said}"
    state = _("alone") if alone else "" if calendar.shown else _("hidden")
    room = max(6, width - 2 - width_of(tail) - width_of(state) - (4 if state else 2))
    return Content.assemble(
        ("■ " if calendar.shown else "□ ", color),
        (fit(clean(calendar.summary), room), "" if calendar.shown else MUTED),
        "  ",
        (state + "  " if state else "", "$text-warning" if alone else MUTED),
        (tail, LIVE_STYLES[calendar.live]),
    )


def live_words(calendar: Calendar) -> tuple[str, str]:
    """The mark of the sidebar, and what it means."""
    return {
        "live": ("●", _("live")),
        "starting": ("◌", _("starting")),
        "polling": ("○", _("polled")),
        "unwatchable": ("○", _("polled")),
        "degraded": ("!", _("not synced")),
    }[calendar.live]


def calendar_facts(calendar: Calendar, *, now: int, width: int) -> list[tuple[str, str]]:
    """(label, what is known), in order; empty ones are left out."""
    roles = {
        "owner": _("yours"),
        "writer": _("you may change it"),
        "reader": _("you may read it"),
        "freeBusyReader": _("you see when it is busy"),
    }
    live = {
        "live": _("changes arrive by themselves"),
        "starting": _("asked for, not confirmed yet"),
        "polling": _("asked every so often; W makes it live"),
        "unwatchable": _("Google offers none for it; asked every so often"),
        "degraded": _("the last sync failed"),
    }
    synced = _("never") if calendar.synced_at is None else say_age(max(0, now - calendar.synced_at))
    rows = [
        (_("account"), clean(calendar.user_id)),
        (_("access"), roles.get(calendar.access_role, clean(calendar.access_role))),
        (_("updates"), live[calendar.live]),
        (_("synced"), synced),
        (_("time zone"), clean(calendar.zone or "")),
        (_("problem"), clean(_(calendar.problem)) if calendar.problem else ""),
    ]
    return [(label, cut(value, width)) for label, value in rows if value]


def swatches(chosen: str, palette: Palette) -> Content:
    """All colours in a row, the chosen one in brackets."""
    parts: list[tuple[str, str]] = []
    for color in COLORS:
        own = color == chosen
        parts += [
            ("[" if own else " ", "bold"),
            ("■", visible_color(color, palette)),
            ("]" if own else " ", "bold"),
        ]
    return Content.assemble(*parts)


def next_color(color: str, step: int) -> str:
    """The colour after (or before) it in the row; one that is not in the row begins at its end."""
    if color in COLORS:
        return COLORS[(COLORS.index(color) + step) % len(COLORS)]
    return COLORS[0 if step > 0 else -1]


def moved(calendars: Sequence[Calendar], calendar: Calendar, step: int) -> list[Calendar]:
    """With that one a place further up or down; it never leaves its account."""
    order = list(calendars)
    place = order.index(calendar)
    other = place + step
    if 0 <= other < len(order) and order[other].user_id == calendar.user_id:
        order[place], order[other] = order[other], order[place]
    return order
