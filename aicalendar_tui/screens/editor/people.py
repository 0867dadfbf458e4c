"""The line of guests: read, written, and completed from people already seen. Pure.

`Mira Holub <mira@example.com>, jana@example.com (optional)`: one guest after another, with commas between.
"""

import re
from collections.abc import Sequence

from aicalendar_tui.backend.domain.event import Attendee
from aicalendar_tui.backend.domain.guests import Person
from aicalendar_tui.i18n import _
from aicalendar_tui.screens.text import clean

MOST_SHOWN = 4
_GUEST = re.compile(r"(?:(?P<name>[^<>]*?)\s*<)?\s*(?P<email>[^\s<>@,;()]+@[^\s<>@,;()]+)\s*>?")
_NOTE = re.compile(r"\s*\(([^()]*)\)\s*$")
_SEPARATOR = re.compile(r"[,;]")


class NotAnAddress(ValueError):
    """What can't be read as a guest is the error's text."""


def read_guests(text: str) -> list[Attendee]:
    """Each once, in the order they were written. Raises NotAnAddress for the first part that is none."""
    guests: dict[str, Attendee] = {}
    for part in _SEPARATOR.split(text):
        if not part.strip():
            continue
        note = _NOTE.search(part)
        optional = note is not None and note[1].strip().casefold() in _optional_words()
        match = _GUEST.fullmatch(part[: note.start()].strip() if note and optional else part.strip())
        if match is None:
            raise NotAnAddress(part.strip())
        name = (match["name"] or "").strip().strip("\"'")
        guests.setdefault(match["email"].lower(), Attendee(match["email"], name, optional=optional))
    return list(guests.values())


def write_guests(guests: Sequence[Attendee]) -> str:
    """As `read_guests` reads it."""
    return ", ".join(map(_write_guest, guests))


def matching_people(text: str, people: Sequence[Person]) -> list[Person]:
    """Whom the part after the last comma may mean: by the beginning of an address or of a part of a name."""
    *before, typed = _SEPARATOR.split(text)
    typed = typed.strip().casefold()
    if not typed:
        return []
    invited = {address.lower() for part in before for address in re.findall(r"[^\s<>,;]+@[^\s<>,;]+", part)}
    found: list[Person] = []
    for person in people:
        words = (person.email, *person.email.partition("@")[0].split("."), *person.name.split(), person.name)
        known = person.email.lower() in invited or typed == person.email.lower()
        if not known and any(word.casefold().startswith(typed) for word in words if word):
            found.append(person)
            if len(found) == MOST_SHOWN:
                break
    return found


def with_person(text: str, person: Person) -> str:
    """The text with that person in place of its last part, ready for the next one."""
    before = text[: max(text.rfind(","), text.rfind(";")) + 1]
    return f"{before}{' ' if before else ''}{_write_guest(Attendee(person.email, person.name))}, "


def _write_guest(guest: Attendee) -> str:
    name = re.sub(r"[,;<>()\"]", " ", clean(guest.name)).strip()
    address = f"{' '.join(name.split())} <{clean(guest.email)}>" if name else clean(guest.email)
    optional = _("optional")
    return f"{address} ({optional})" if guest.optional else address


def _optional_words() -> set[str]:
    return {"optional", "необязательно", _("optional").casefold()}
