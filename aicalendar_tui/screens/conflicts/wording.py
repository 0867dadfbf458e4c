"""A conflict in plain words: what happened, which units it is about, and what both sides have there. Pure."""

import re
from datetime import date

from aicalendar_tui.backend.domain.conflict import Conflict
from aicalendar_tui.backend.domain.readable import ATTENDEE_PREFIX
from aicalendar_tui.i18n import _, ngettext
from aicalendar_tui.screens.details.plain_text import plain_text
from aicalendar_tui.screens.editor.colors import COLOR_NAMES
from aicalendar_tui.screens.phrases import name_day, say_recurrence
from aicalendar_tui.screens.text import clean

MARKS = {"both_changed": "!", "gone": "−", "rejected": "✕"}
STYLES = {"both_changed": "$text-warning", "gone": "$text-warning", "rejected": "$text-error"}
"""Theme variables that colour the marks of a kind."""
NOTHING = "—"
"""Stands for an empty value."""

_DAY = re.compile(r"\b\d{4}-\d\d-\d\d\b")


def title_of(conflict: Conflict) -> str:
    """The event's title, or what stands for one."""
    return clean(conflict.title) or _("(no title)")


def say_kind(conflict: Conflict) -> str:
    """What happened, in two or three words."""
    return {
        "both_changed": _("both sides changed it"),
        "gone": _("gone at Google"),
        "rejected": _("refused by Google"),
    }[conflict.kind]


def explain(conflict: Conflict) -> str:
    """Why it waits, and what waits behind it, on one line."""
    reason = clean(_(conflict.reason)) if conflict.reason else say_kind(conflict)
    if not conflict.behind:
        return reason
    behind = ngettext("{number} later edit waits for this", "{number} later edits wait for this", conflict.behind)
    return f"{reason} · {behind.format(number=conflict.behind)}"


def name_choices(conflict: Conflict) -> tuple[str, str]:
    """What `m` and `t` do."""
    return {
        "both_changed": (_("keep mine"), _("keep Google's")),
        "gone": (_("create it again"), _("let it go")),
        "rejected": (_("try again"), _("let it go")),
    }[conflict.kind]


def count_open(conflicts: list[Conflict]) -> str:
    """`2 to settle`."""
    number = len(conflicts)
    return ngettext("{number} to settle", "{number} to settle", number).format(number=number)


def name_unit(conflict: Conflict, unit: str) -> str:
    """What the unit is called in the form; a guest by the address; a field that we have no word for by its name."""
    if unit.startswith(ATTENDEE_PREFIX):
        address = unit.removeprefix(ATTENDEE_PREFIX)
        return _("your answer") if address.lower() == conflict.key.user_id.lower() else clean(address)
    names = {
        "time": _("time"),
        "summary": _("title"),
        "location": _("place"),
        "description": _("description"),
        "recurrence": _("repeats"),
        "attendees": _("guests"),
        "transparency": _("shown as"),
        "visibility": _("visible to"),
        "colorId": _("colour"),
        "reminders": _("reminders"),
    }
    return names.get(unit) or clean(unit)


def say_value(unit: str, text: str, *, zone: str) -> str:
    """The text of one side as one reads it elsewhere in the program; in `zone`, times need no zone."""
    if not text:
        return NOTHING
    if unit == "time":
        return clean(_DAY.sub(_name_day, text.removesuffix(f" {zone}")))
    if unit == "recurrence":
        return clean(say_recurrence(text.split(", "))) or clean(text)
    if unit == "description":
        return clean(plain_text(text).replace("\n", " ")) or NOTHING
    if unit == "colorId":
        return _(COLOR_NAMES[text]) if text in COLOR_NAMES else clean(text)
    if unit.startswith(ATTENDEE_PREFIX):
        answer, comma, comment = text.partition(", ")
        return clean(_name_answer(answer) + comma + comment)
    return clean(_name_word(unit, text))


def _name_day(found: re.Match[str]) -> str:
    try:
        return name_day(date.fromisoformat(found[0]))
    except ValueError:
        return found[0]


def _name_answer(answer: str) -> str:
    names = {
        "accepted": _("yes"),
        "tentative": _("maybe"),
        "declined": _("no"),
        "needsAction": _("not answered"),
    }
    return names.get(answer, answer)


def _name_word(unit: str, text: str) -> str:
    names = {
        ("transparency", "opaque"): _("busy"),
        ("transparency", "transparent"): _("free"),
        ("visibility", "default"): _("as the calendar"),
        ("visibility", "public"): _("everyone"),
        ("visibility", "private"): _("only guests"),
        ("visibility", "confidential"): _("only guests"),
    }
    return names.get((unit, text), text)
