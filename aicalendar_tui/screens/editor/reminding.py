"""The line of reminders: `10 min, 1 day by mail`; empty for the calendar's own. Pure."""

import re
from collections.abc import Sequence
from datetime import timedelta

from aicalendar_tui.backend.domain.draft import Reminder
from aicalendar_tui.backend.domain.event import Event
from aicalendar_tui.i18n import _
from aicalendar_tui.screens.editor.typed_time import parse_length
from aicalendar_tui.screens.phrases import say_length, say_minutes_before

_MAIL = re.compile(r"\s*\b(?:by\s+)?(?:e-?mail|mail|письмом|почтой|по почте)\b\s*")
_AFTERTHOUGHT = re.compile(r"\s+(?:before|earlier|до|до начала|раньше)$")


class NotAReminder(ValueError):
    """What can't be read is the error's text."""


def read_reminders(text: str) -> tuple[Reminder, ...] | None:
    """None: the calendar's own; an empty tuple: none at all. Raises NotAReminder for a part that is no length."""
    text = text.strip().casefold()
    if not text:
        return None
    if text in ("none", "no", "-", "нет", _("none").casefold()):
        return ()
    found: dict[Reminder, None] = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        words = part.replace(_("by mail").casefold(), " mail ")
        by_mail = _MAIL.search(words) is not None
        found[Reminder(_read_minutes(_MAIL.sub(" ", words).strip(), part), by_mail)] = None
    return tuple(found)


def write_reminders(reminders: Sequence[Reminder] | None) -> str:
    """As `read_reminders` reads it."""
    if reminders is None:
        return ""
    return ", ".join(map(_write_reminder, reminders)) or _("none")


def say_reminders(reminders: Sequence[Reminder] | None) -> str:
    """What was understood, for beside the line."""
    if reminders is None:
        return _("as the calendar")
    return ", ".join(say_minutes_before(each.minutes) for each in sorted(reminders)) or _("none")


def reminders_of(event: Event) -> tuple[Reminder, ...] | None:
    """What the event has of its own."""
    if event.reminders_minutes is None:
        return None
    found: list[Reminder] = []
    for minutes in dict.fromkeys(event.reminders_minutes):
        mails = event.mailed_minutes.count(minutes)
        if event.reminders_minutes.count(minutes) > mails:
            found.append(Reminder(minutes))
        if mails:
            found.append(Reminder(minutes, by_mail=True))
    return tuple(found)


def _read_minutes(words: str, part: str) -> int:
    words = _AFTERTHOUGHT.sub("", words)
    if words in ("", "0", "at the start", "в начале", _("at the start").casefold()):
        if not words:
            raise NotAReminder(part)
        return 0
    length = timedelta(minutes=int(words)) if words.isdecimal() and len(words) < 6 else parse_length(words)
    if length is None:
        raise NotAReminder(part)
    return int(length.total_seconds()) // 60


def _write_reminder(reminder: Reminder) -> str:
    length = say_length(timedelta(minutes=reminder.minutes)) or "0"
    by_mail = _("by mail")
    return f"{length} {by_mail}" if reminder.by_mail else length
