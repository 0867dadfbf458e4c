"""What the form's choices offer: values with the words for them."""

from typing import Literal

from textual.app import App
from textual.content import Content

from aicalendar_tui.backend.domain.calendar import Calendar
from aicalendar_tui.backend.domain.kinds import DeclineMode, WorkplaceKind
from aicalendar_tui.i18n import _
from aicalendar_tui.screens.editor.colors import COLOR_NAMES
from aicalendar_tui.screens.text import clean
from aicalendar_tui.screens.theme import EVENT_COLORS, palette_of, visible_color

Transparency = Literal["opaque", "transparent"]
Visibility = Literal["default", "public", "private"]
Call = Literal["none", "meet", "keep"]


def no_yes() -> list[tuple[bool, str]]:
    """For what is or is not."""
    return [(False, _("no")), (True, _("yes"))]


def transparencies() -> list[tuple[Transparency, str]]:
    """Whether others see the time as taken."""
    return [("opaque", _("busy")), ("transparent", _("free"))]


def visibilities() -> list[tuple[Visibility, str]]:
    """Who may read it."""
    return [("default", _("as the calendar")), ("public", _("everyone")), ("private", _("only guests"))]


def notifications() -> list[tuple[Literal["ask", "all", "none"], str]]:
    """Whether guests get a mail: nobody decides that for the user."""
    return [("ask", _("ask when saving")), ("all", _("yes, by mail")), ("none", _("no mail"))]


def calls(present: str) -> list[tuple[Call, str]]:
    """With the call that there is, called `present`, or '' for none."""
    options: list[tuple[Call, str]] = [("keep", clean(present))] if present else []
    options.append(("none", _("no")))
    return options if present == "Google Meet" else [*options, ("meet", "Google Meet")]


def kinds(present: str) -> list[tuple[str, str]]:
    """Kinds of event by Google's `eventType`; one that can't be made is shown as it is."""
    options = [
        ("default", _("event")),
        ("focusTime", _("focus time")),
        ("outOfOffice", _("out of office")),
        ("workingLocation", _("working location")),
    ]
    if present not in dict(options):
        options.append((present, _("birthday") if present == "birthday" else clean(present)))
    return options


def kind_titles() -> dict[str, str]:
    """What such an event is called unless it gets a title of its own."""
    return {"focusTime": _("Focus time"), "outOfOffice": _("Out of office"), "workingLocation": _("Home")}


def workplace_titles() -> dict[WorkplaceKind, str]:
    """The same, for the places of working."""
    return {"homeOffice": _("Home"), "officeLocation": _("Office"), "customLocation": ""}


def workplaces() -> list[tuple[WorkplaceKind, str]]:
    """Where one works."""
    return [
        ("homeOffice", _("from home")),
        ("officeLocation", _("in the office")),
        ("customLocation", _("elsewhere")),
    ]


def decline_modes() -> list[tuple[DeclineMode, str]]:
    """Which invitations are declined meanwhile."""
    return [
        ("declineNone", _("no invitations")),
        ("declineOnlyNewConflictingInvitations", _("new invitations")),
        ("declineAllConflictingInvitations", _("all invitations")),
    ]


def name_calendar(calendar: Calendar, app: App[object]) -> Content:
    """With its colour."""
    color = visible_color(calendar.color, palette_of(app))
    return Content.assemble(("■ ", color), clean(calendar.summary) or clean(calendar.calendar_id))


def colors(present: str | None, app: App[object]) -> list[tuple[str | None, Content | str]]:
    """Google's eleven, by `colorId`; None is the calendar's own."""
    palette = palette_of(app)
    options: list[tuple[str | None, Content | str]] = [(None, _("the calendar's"))]
    for color_id, name in COLOR_NAMES.items():
        color = visible_color(EVENT_COLORS[color_id], palette)
        options.append((color_id, Content.assemble(("■ ", color), _(name))))
    if present not in [option for option, _label in options]:
        options.append((present, clean(present or "")))
    return options
