"""What the details sheet says about an event, as rows of a label and a value. Pure."""

from collections.abc import Iterator

from msgspec import Struct
from textual.content import Content

from aicalendar_tui.backend.domain.event import Attendee, Event
from aicalendar_tui.backend.domain.times import original_key, zone_of
from aicalendar_tui.i18n import _, ngettext
from aicalendar_tui.screens.details.plain_text import plain_text
from aicalendar_tui.screens.gateway import Details
from aicalendar_tui.screens.phrases import say_minutes_before, say_recurrence, say_when
from aicalendar_tui.screens.sheet import MUTED
from aicalendar_tui.screens.text import clean

MOST_GUESTS = 40
"""Guests named one by one; the rest are counted."""

_ANSWER_MARKS = {
    "accepted": ("✓", "$text-success"),
    "declined": ("✕", "$text-error"),
    "tentative": ("?", "$text-warning"),
    "needsAction": ("·", MUTED),
}


class Row(Struct, frozen=True):
    """`label` is '' for a row that goes on where the one above ended."""

    label: str
    value: Content


def title_of(event: Event) -> str:
    """The title, or what stands for one."""
    return clean(event.summary) or _("(no title)")


def detail_rows(details: Details, zone: str, *, hour24: bool = True) -> list[Row]:
    """Everything that is known and worth a row, seen from the IANA zone `zone`."""
    event = details.event
    return [
        *_problem_rows(details),
        *_time_rows(details, zone, hour24=hour24),
        *_text_row(_("place"), clean(event.location)),
        *_text_row(_("join"), clean(event.join_url), "$text-accent"),
        *_guest_rows(event.attendees),
        *_text_row(_("organiser"), _say_organizer(event)),
        *_text_row(_("reminders"), _say_reminders(event)),
        *_text_row(_("shown as"), _say_privacy(event)),
    ]


def description_of(event: Event) -> str:
    """The description as lines of Markdown; '' when there is none."""
    return plain_text(event.description, marks=True)


def _text_row(label: str, value: str, style: str = "") -> Iterator[Row]:
    if value:
        yield Row(label, Content.styled(value, style))


def _problem_rows(details: Details) -> Iterator[Row]:
    if details.problem:
        yield Row(_("problem"), Content.styled(f"! {clean(_(details.problem))}", "$text-warning"))
    if details.event.status == "cancelled":
        yield Row(_("state"), Content.styled(_("cancelled"), "$text-error"))


def _time_rows(details: Details, zone: str, *, hour24: bool) -> Iterator[Row]:
    event = details.event
    yield Row(_("when"), Content(say_when(event, zone_of(zone), hour24=hour24)))
    if not event.all_day and event.zone and event.zone != zone:
        there = say_when(event, zone_of(event.zone), hour24=hour24)
        yield Row(
            clean(event.zone).rpartition("/")[2].replace("_", " "),
            Content.styled(there.rpartition(" · ")[0] or there, MUTED),
        )
    rules = event.recurrence or details.recurrence
    if rules or event.recurring_event_id:
        # The day of an instance that was moved is not the rule's: then the rule has to speak for itself.
        start = event.start if event.original_start in (None, original_key(event.start)) else None
        said = clean(say_recurrence(rules, start, event.zone or zone))
        yield Row(_("repeats"), Content(said or (_("on chosen days") if rules else _("one of a series"))))


def _guest_rows(guests: tuple[Attendee, ...]) -> Iterator[Row]:
    people = [guest for guest in guests if not guest.resource]
    if people:
        yield Row(_("guests"), Content.styled(_count_answers(people), MUTED))
        for guest in people[:MOST_GUESTS]:
            yield Row("", _say_guest(guest))
        if len(people) > MOST_GUESTS:
            more = len(people) - MOST_GUESTS
            yield Row("", Content(ngettext("and {number} more", "and {number} more", more).format(number=more)))
    if rooms := ", ".join(filter(None, (clean(guest.name or guest.email) for guest in guests if guest.resource))):
        yield Row(_("rooms"), Content(rooms))


def _count_answers(guests: list[Attendee]) -> str:
    counts = (
        (_("{number} yes"), "accepted"),
        (_("{number} maybe"), "tentative"),
        (_("{number} no"), "declined"),
        (_("{number} not answered"), "needsAction"),
    )
    answers = [guest.response for guest in guests]
    return " · ".join(text.format(number=answers.count(answer)) for text, answer in counts if answer in answers)


def _say_guest(guest: Attendee) -> Content:
    mark, style = _ANSWER_MARKS[guest.response]
    name, email = clean(guest.name), clean(guest.email)
    notes = [
        email if name else "",
        _("you") if guest.is_self else "",
        _("organiser") if guest.organizer else "",
        _("optional") if guest.optional else "",
        f"“{clean(guest.comment)}”" if guest.comment else "",
    ]
    return Content.assemble(
        (f"{mark} ", style), name or email or "?", ("  " + " · ".join(filter(None, notes)), MUTED)
    )


def _say_organizer(event: Event) -> str:
    """'' where it is the user, or someone among the guests that are named."""
    if event.organizer_is_self or any(guest.organizer for guest in event.attendees[:MOST_GUESTS]):
        return ""
    return clean(event.organizer)


def _say_reminders(event: Event) -> str:
    if event.reminders_minutes is None:
        return ""
    return ", ".join(map(say_minutes_before, sorted(set(event.reminders_minutes)))) or _("none")


def _say_privacy(event: Event) -> str:
    parts = [
        _("free") if event.transparency == "transparent" else "",
        _("private") if event.visibility in ("private", "confidential") else "",
        _("public") if event.visibility == "public" else "",
    ]
    return " · ".join(filter(None, parts))
