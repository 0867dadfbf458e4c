"""`aicalendar search`: the same search as the screen's, as text or JSON."""

from datetime import date
from typing import TYPE_CHECKING

from aicalendar_tui.backend.domain.search import parse_query
from aicalendar_tui.backend.domain.times import zone_of
from aicalendar_tui.cli.agenda import event_document, paint_entries, read_calendars
from aicalendar_tui.cli.output import SCHEMA
from aicalendar_tui.cli.report import OK, UsageError
from aicalendar_tui.i18n import _
from aicalendar_tui.screens.words import read_day, split_words

if TYPE_CHECKING:
    from aicalendar_tui.cli.context import Context


def print_found(context: "Context") -> int:
    """What is to come first, the nearest before the others; of a series the instance that is nearest.

    Raises:
        UsageError: a part of the text can't be understood, or there is nothing to look for.
    """
    # A word with a space in it was quoted for the shell: it stays one.
    text = " ".join(_quote(word) for word in context.options.words)

    def read(text: str) -> date | None:
        return read_day(split_words(text), context.today)

    query = parse_query(text, read)
    if query.unclear:
        raise UsageError(_("can't understand {words}").format(words=", ".join(query.unclear)))
    if query.is_empty:
        raise UsageError(_("there is no word to look for in {text!r}").format(text=text))
    entries = context.services.search(context.user_id, query, zone=context.zone, limit=context.options.limit)
    calendars = read_calendars(context)
    if context.options.json:
        zone = zone_of(context.zone)
        events = [event_document(entry, calendars, zone) for entry in entries]
        context.output.json({"schema": SCHEMA, "query": text, "events": events})
        return OK
    if not entries:
        context.output.line(_("Nothing found."))
    for line in paint_entries(context, calendars, entries):
        context.output.line(line)
    return OK


def _quote(word: str) -> str:
    name, colon, value = word.partition(":")
    if not any(letter.isspace() for letter in word) or '"' in word:
        return word
    return f'{name}:"{value}"' if colon and name.isalpha() else f'"{word}"'
