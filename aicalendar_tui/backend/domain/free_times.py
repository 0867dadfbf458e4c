"""When there is time: the working hours of days, less what is taken. Pure."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from aicalendar_tui.backend.domain.agenda import Entry
from aicalendar_tui.backend.domain.times import Days, Span, zone_of

WORKING_WEEKDAYS = range(5)
"""Monday to Friday."""


def working_spans(days: Days, work: tuple[int, int]) -> list[Span]:
    """The working hours of each working day, in order; `work` are minutes on the clock of `days.zone`, end exclusive.

    On a day of 23 or 25 hours they are as long as the clock makes them.
    """
    zone = zone_of(days.zone)
    spans = []
    for day in days:
        if day.weekday() not in WORKING_WEEKDAYS:
            continue
        midnight = datetime(day.year, day.month, day.day, tzinfo=zone)
        start, end = (int((midnight + timedelta(minutes=minute)).timestamp()) for minute in work)
        if start < end:
            spans.append(Span(start, end))
    return spans


def busy_span(entry: Entry, zone: str) -> Span | None:
    """The instants at which nothing else can be; None for what is free, declined or cancelled.

    Whole days are taken from midnight to midnight in `zone`, as Google's free/busy counts them.
    """
    if entry.free or entry.response == "declined" or entry.status == "cancelled":
        return None
    return Days(entry.first_day, entry.last_day, zone).instants if entry.all_day else entry.span


def free_spans(within: Iterable[Span], busy: Iterable[Span], *, from_: int, step: int, shortest: int) -> list[Span]:
    """What of `within` no span of `busy` touches, after the instant `from_`, in order.

    `within` is in order and does not overlap. A free stretch begins and ends at a multiple of `step` seconds since
    the epoch, inwards; one shorter than `shortest` seconds is left out.
    """
    taken = sorted((span.start, span.end) for span in busy if span.start < span.end)
    found: list[Span] = []
    for stretch in within:
        start = max(stretch.start, from_)
        for taken_start, taken_end in (*taken, (stretch.end, stretch.end)):
            if taken_end <= start and taken_start < stretch.end:
                continue
            free = Span(-(-start // step) * step, min(taken_start, stretch.end) // step * step)
            if free.end - free.start >= max(shortest, 1):
                found.append(free)
            start = max(start, taken_end)
            if start >= stretch.end:
                break
    return found
