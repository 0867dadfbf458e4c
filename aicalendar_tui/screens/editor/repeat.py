"""The simple ways to repeat that the form offers, to and from RFC 5545 lines; other rules stay as they are. Pure."""

from datetime import date
from typing import Literal

from aicalendar_tui.i18n import _
from aicalendar_tui.screens.dates import day_of_series
from aicalendar_tui.screens.phrases import DAY_CODES, say_recurrence
from aicalendar_tui.screens.text import clean

Repeat = Literal["no", "daily", "weekdays", "weekly", "monthly", "yearly", "custom"]


def repeat_of(recurrence: tuple[str, ...], start: date) -> Repeat:
    """Which of the choices a series from `start` is; `custom` for anything with more to it."""
    if not recurrence:
        return "no"
    name, _colon, rule = recurrence[0].upper().partition(":")
    if len(recurrence) > 1 or name != "RRULE":
        return "custom"
    parts = {key: value for key, _equals, value in (part.partition("=") for part in rule.split(";"))}
    parts.pop("WKST", None)
    if parts.get("INTERVAL") == "1":
        del parts["INTERVAL"]
    if "BYDAY" in parts:
        parts["BYDAY"] = ",".join(sorted(parts["BYDAY"].split(",")))
    for choice, meanings in _meanings(start).items():
        if parts in meanings:
            return choice
    return "custom"


def recurrence_of(choice: Repeat, start: date, original: tuple[str, ...], original_start: date) -> tuple[str, ...]:
    """The lines for `choice` from `start`; those that were there when they still say the same."""
    if choice == "custom" or (choice == repeat_of(original, start) == repeat_of(original, original_start)):
        return original
    return {
        "no": (),
        "daily": ("RRULE:FREQ=DAILY",),
        "weekdays": (f"RRULE:FREQ=WEEKLY;BYDAY={','.join(DAY_CODES[:5])}",),
        "weekly": (f"RRULE:FREQ=WEEKLY;BYDAY={DAY_CODES[start.weekday()]}",),
        "monthly": (f"RRULE:FREQ=MONTHLY;BYMONTHDAY={start.day}",),
        "yearly": ("RRULE:FREQ=YEARLY",),
    }[choice]


def repeat_options(start: date, original: tuple[str, ...], original_start: date) -> list[tuple[Repeat, str]]:
    """The choices with their labels for an event from `start`; the rule that was there, in words, if it is custom."""
    options: list[tuple[Repeat, str]] = [
        ("no", _("no")),
        ("daily", _("every day")),
        ("weekdays", _("every weekday")),
        ("weekly", _("every week on {days}").format(days=day_of_series(start.weekday()))),
        ("monthly", _("every month on day {days}").format(days=start.day)),
        ("yearly", _("every year")),
    ]
    if repeat_of(original, original_start) == "custom":
        options.append(("custom", clean(say_recurrence(original)) or _("on chosen days")))
    return options


def _meanings(start: date) -> dict[Repeat, tuple[dict[str, str], ...]]:
    """The parts of a rule that mean no more than the choice says, for a series from `start`."""
    day, month_day = DAY_CODES[start.weekday()], str(start.day)
    return {
        "daily": ({"FREQ": "DAILY"},),
        "weekdays": ({"FREQ": "WEEKLY", "BYDAY": ",".join(sorted(DAY_CODES[:5]))},),
        "weekly": ({"FREQ": "WEEKLY"}, {"FREQ": "WEEKLY", "BYDAY": day}),
        "monthly": ({"FREQ": "MONTHLY"}, {"FREQ": "MONTHLY", "BYMONTHDAY": month_day}),
        "yearly": ({"FREQ": "YEARLY"}, {"FREQ": "YEARLY", "BYMONTH": str(start.month), "BYMONTHDAY": month_day}),
    }
