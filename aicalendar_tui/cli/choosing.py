"""Which calendar was meant: an id or a name, whole or its beginning."""

from collections.abc import Sequence

from aicalendar_tui.backend.domain.calendar import Calendar
from aicalendar_tui.cli.output import clean
from aicalendar_tui.cli.report import CommandError, UsageError
from aicalendar_tui.i18n import _


def find_calendar(calendars: Sequence[Calendar], words: str) -> Calendar:
    """The calendar with that id, else with that name, else the only one whose name begins so; case aside.

    Raises: UsageError (none, or several).
    """
    for calendar in calendars:
        if calendar.calendar_id == words:
            return calendar
    wanted = words.casefold().strip()
    same = [calendar for calendar in calendars if calendar.summary.casefold() == wanted]
    found = same or [calendar for calendar in calendars if calendar.summary.casefold().startswith(wanted)]
    if len(found) == 1 and wanted:
        return found[0]
    if len(found) > 1 and wanted:
        raise UsageError(
            _("{words!r} may be {calendars}; give the id").format(
                words=words, calendars=", ".join(f"{clean(c.summary)} ({c.calendar_id})" for c in found)
            )
        )
    raise UsageError(
        _("no calendar is called {words!r}; there are: {calendars}").format(
            words=words, calendars=", ".join(clean(calendar.summary) for calendar in calendars)
        )
    )


def default_calendar(calendars: Sequence[Calendar]) -> Calendar:
    """The primary one, else the first that can be written to. Raises CommandError when there is none."""
    writable = [calendar for calendar in calendars if calendar.writable]
    if not writable:
        raise CommandError(_("no calendar can be written to yet; fetch the calendars first: aicalendar sync"))
    return next((calendar for calendar in writable if calendar.primary), writable[0])
