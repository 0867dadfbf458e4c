"""What is searched and how it is asked for. Pure.

Both sides are brought to the same plain words first: case, accents and signs don't matter, and a Chinese or Japanese
text, which has no spaces, counts each sign as a word.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator
from datetime import date
from html import unescape

from msgspec import Struct

from aicalendar_tui.backend.domain.event import Event, is_cancelled, parse_event
from aicalendar_tui.backend.domain.overlay import Family

LONGEST_TEXT = 20_000
"""Letters of one field that are searched."""

_TAG = re.compile(r"<[^<>]{0,400}>")
_WORD = re.compile(r"[^\W_]+")
_SIGNS = re.compile(r"([\u2e80-\u9fff\uf900-\ufaff\U00020000-\U0003ffff])")
_PART = re.compile(r'(?:(?P<name>cal|from|before|after):)?(?:"(?P<quoted>[^"]*)"?|(?P<plain>\S*))', re.IGNORECASE)
"""With any other word before it, a colon is a sign as any other."""


class Document(Struct, frozen=True, kw_only=True):
    """The words of an event or series, or (with its original start) of an instance that differs from its series."""

    original_start: str = ""
    words: str
    """Plain words with one space before each; '' has none."""
    sender: str
    """The same of who organises or made it."""


class Query(Struct, frozen=True, kw_only=True):
    """What has to be true of a hit: all of it. Each text is plain words, the last of which may go on."""

    words: tuple[str, ...] = ()
    calendars: tuple[str, ...] = ()
    senders: tuple[str, ...] = ()
    after: date | None = None
    """It starts on that day or later."""
    before: date | None = None
    """It starts on an earlier day."""
    unclear: tuple[str, ...] = ()
    """Parts that say nothing that we know, such as `before:` and no day."""

    @property
    def is_empty(self) -> bool:
        """Nothing to look for yet."""
        return not (self.words or self.calendars or self.senders or self.after or self.before)


def plain_words(text: str) -> list[str]:
    """Lower case, without accents and signs."""
    folded = unicodedata.normalize("NFKD", text[:LONGEST_TEXT]).casefold()
    bare = "".join(letter for letter in folded if not unicodedata.combining(letter))
    return _WORD.findall(_SIGNS.sub(r" \1 ", bare))


def join_words(*texts: str) -> str:
    """All their plain words, with a space before each."""
    return "".join(f" {word}" for text in texts for word in plain_words(text))


def documents_of(family: Family) -> list[Document]:
    """What a family, pending edits applied, can be found by; nothing for one that is gone."""
    documents = []
    master = family.master
    event = parse_event(master) if master and not is_cancelled(master) else None
    if event is not None:
        documents.append(_document(event, ""))
    for original_start, resource in family.overrides.items():
        instance = None if is_cancelled(resource) else parse_event(resource)
        if instance is not None:
            documents.append(_document(instance, original_start))
    return documents


def _document(event: Event, original_start: str) -> Document:
    # One's own name is on nearly everything: it finds only what `from:` asks for.
    guests = [f"{guest.name} {guest.email}" for guest in event.attendees if not guest.is_self]
    description = unescape(_TAG.sub(" ", event.description[:LONGEST_TEXT]))
    sender = join_words(event.organizer, event.creator)
    words = join_words(event.summary, event.location, *guests, description)
    return Document(
        original_start=original_start, words=words if event.organizer_is_self else words + sender, sender=sender
    )


def parse_query(text: str, read_day: Callable[[str], date | None]) -> Query:
    """`lunch cal:home from:ana after:1.11. "design review"`; `read_day` reads days as their user writes them."""
    words: list[str] = []
    named: dict[str, list[str]] = {"cal": [], "from": []}
    days: dict[str, date] = {}
    unclear: list[str] = []
    for name, value, source in _parts(text):
        said = join_words(value)
        if name in named and said:
            named[name].append(said)
        elif name in ("before", "after") and (day := read_day(value)) is not None:
            days[name] = day
        elif name:
            unclear.append(source)
        elif said:
            words.append(said)
    return Query(
        words=tuple(words),
        calendars=tuple(named["cal"]),
        senders=tuple(named["from"]),
        after=days.get("after"),
        before=days.get("before"),
        unclear=tuple(unclear),
    )


def _parts(text: str) -> Iterator[tuple[str, str, str]]:
    """(name or '', value, as it was written)."""
    for found in _PART.finditer(text):
        value = found["quoted"] if found["quoted"] is not None else found["plain"]
        if found[0]:
            yield (found["name"] or "").lower(), value or "", found[0]
