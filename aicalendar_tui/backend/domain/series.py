"""Changing a series with all that hangs on it: its rules, dates and changed instances (RFC 5545 §3.8.5).

Google has no request for "this and following" (PROTOCOL 29): a new series begins at the chosen instance, and the old
one is made to end before it. Nor does it promise what becomes of changed instances when the whole series moves: they
are taken along one by one. Days and times move by the wall clock of the series' zone.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from aicalendar_tui.backend.domain.change import merge_fields
from aicalendar_tui.backend.domain.event import (
    IDENTITY_FIELDS,
    SERVER_FIELDS,
    Event,
    Resource,
    is_cancelled,
    parse_event,
)
from aicalendar_tui.backend.domain.overlay import Family, plain_instance
from aicalendar_tui.backend.domain.rebase import TIME_FIELDS, comparable, rebase_attendees
from aicalendar_tui.backend.domain.recurrence import MAX_INSTANCES, expand_series, move_recurrence, parse_dates
from aicalendar_tui.backend.domain.times import (
    Span,
    epoch_of,
    format_moment,
    original_key,
    parse_moment,
    parse_original_key,
    zone_of,
)

Moment = date | datetime
BEGINNING = "0001-01-02"
"""An original start before all others."""
NOT_COPIED = SERVER_FIELDS | IDENTITY_FIELDS | {"hangoutLink", "attendeesOmitted", "locked", "privateCopy"}
"""What a copy of an event does not take along: Google sets it, or it names the original."""


class Exceptional(Struct, frozen=True, kw_only=True):
    """A changed instance: where it is in its series, its own fields, and what they are in a plain instance."""

    original_start: str
    fields: Resource
    base: Resource


class Division(Struct, frozen=True, kw_only=True):
    """How a series is divided. `body` is the new series, but for its id."""

    body: Resource
    carried: tuple[Exceptional, ...] = ()
    """The changed instances that the new series takes along, in its own time grid."""
    lost: tuple[Resource, ...] = ()
    """The changed instances that have no place in it."""


class Carried(Struct, frozen=True, kw_only=True):
    """A series as it will be once all of it is changed. `family` has its changed instances in their new places."""

    family: Family
    lost: tuple[Resource, ...] = ()
    """The changed instances that have no place in it."""


class Passage(Struct, frozen=True, kw_only=True):
    """How the changed instances of a series get from one state of it to another.

    `removed` are those that have to go before the series itself changes, as they are now; `placed` what is to be
    patched afterwards (None instead of the fields: cancelled).
    """

    removed: tuple[tuple[str, Resource], ...] = ()
    placed: tuple[tuple[str, Exceptional | None], ...] = ()


def is_first(family: Family, original_start: str) -> bool:
    """Whether no instance before that one is left: then "this and following" is all of them."""
    event = parse_event(family.master) if family.master else None
    if event is None:
        return True
    split = epoch_of(parse_original_key(original_start))
    begin = min(epoch_of(event.start), split) - event.length.total_seconds() - 1
    for start, _ in expand_series(event, Span(int(begin), split)):
        override = family.overrides.get(original_key(start))
        if epoch_of(start) < split and (override is None or not is_cancelled(override)):
            return False
    return True


def trim_recurrence(event: Event, original_start: str) -> list[str]:
    """The rules of the series that ends before that instance.

    A rule with COUNT keeps its share of it, any other gets an UNTIL: an instant in UTC, or a date for whole days.
    Raises ValueError for a rule with too many instances to be counted.
    """
    split = parse_original_key(original_start)
    if isinstance(split, datetime):
        until = (split - timedelta(seconds=1)).strftime("%Y%m%dT%H%M%SZ")
    else:
        until = (split - timedelta(days=1)).strftime("%Y%m%d")
    kept: list[str] = []
    for line in event.recurrence:
        if _name(line) == "RRULE":
            parts = _parts(line)
            if "COUNT" in parts:
                parts["COUNT"] = str(_count_before(event, line, split))
                if parts["COUNT"] == "0":
                    continue
            elif not _ends_before(parts, split, _zone(event)):
                parts["UNTIL"] = until
            kept.append(_line(parts))
        elif _name(line) in ("RDATE", "EXDATE"):
            earlier = [moment for moment in parse_dates(line, _zone(event)) if epoch_of(moment) < epoch_of(split)]
            kept += _date_line(_name(line), earlier)
        else:
            kept.append(line)
    return kept


def divide_series(family: Family, original_start: str, fields: Resource) -> Division:
    """The series that begins at that instance with the new values in `fields` (those that differ, as for a patch).

    Raises ValueError where the rule can't be moved as asked, or the instance is not one of its rules.
    """
    event = parse_event(family.master) if family.master else None
    if event is None or family.master is None:
        raise ValueError("there is no series to divide")
    old = _local(parse_original_key(original_start), _zone(event))
    if not any(_name(line) == "RRULE" and _has(event, (line,), old) for line in event.recurrence):
        raise ValueError("the instance was added by its date")
    new = parse_moment(fields.get("start")) or old
    body = {**copy_of(family.master), **_plain_times(event, old), **fields}
    move = _mover(old, new, _zone(event), _zone_of(body, new))
    if "recurrence" not in fields:
        body["recurrence"] = _moved_rules(event, old, new, move)
    body = {name: value for name, value in body.items() if value not in (None, "", [])}
    if "recurrence" not in body:
        own = exceptional(family, original_start).fields
        later = [
            resource for key, resource in later_exceptions(family, original_start).items() if key != original_start
        ]
        body.update({name: value for name, value in own.items() if name not in fields and value is not None})
        return Division(body=body, lost=tuple(later))
    taken, lost = _take_along(family, original_start, fields, body, move)
    return Division(body=body, carried=taken, lost=lost)


def copy_series(family: Family) -> Division:
    """The whole event or series for another account, where other people are "self" and "organizer"."""
    body = copy_of(family.master or {})
    if guests := body.get("attendees"):
        body["attendees"] = [
            {name: value for name, value in guest.items() if name not in ("self", "organizer")} for guest in guests
        ]
    if not body.get("recurrence"):
        if not later_exceptions(family, BEGINNING):
            return Division(body=body)
        body["recurrence"] = []
    taken, lost = _take_along(family, BEGINNING, (), body, lambda moment: moment)
    return Division(body=body, carried=taken, lost=lost)


def copy_of(resource: Resource) -> Resource:
    """What a new event has to be given to be the same as this one."""
    return {name: value for name, value in resource.items() if name not in NOT_COPIED}


def later_exceptions(family: Family, original_start: str) -> dict[str, Resource]:
    """The changed instances from that one on; cancelled ones left out."""
    split = epoch_of(parse_original_key(original_start))
    return {
        key: resource
        for key, resource in sorted(family.overrides.items())
        if not is_cancelled(resource) and epoch_of(parse_original_key(key)) >= split
    }


def exceptional(family: Family, original_start: str) -> Exceptional:
    """What makes that instance differ from its series; nothing, where it doesn't."""
    plain = plain_instance(family.master, original_start) or {}
    override = family.overrides.get(original_start)
    if override is None or is_cancelled(override):
        return Exceptional(original_start=original_start, fields={}, base=plain)
    return Exceptional(original_start=original_start, fields=own_fields(override, plain), base=plain)


def own_fields(resource: Mapping[str, Any], plain: Mapping[str, Any]) -> Resource:
    """The fields in which an instance differs from a plain one; None where it has nothing. Times stay together."""
    names = {
        name
        for name in (resource.keys() | plain.keys()) - NOT_COPIED - {"recurrence"}
        if comparable(resource, name) != comparable(plain, name)
    }
    if names & set(TIME_FIELDS):
        names |= set(TIME_FIELDS)
    return {name: resource.get(name) for name in sorted(names)}


def mover_of(event: Event, old: Moment, new: Moment, new_zone: str | None) -> Callable[[Moment], Moment]:
    """What a user who moved an instance of the series from `old` to `new` means for any other moment of it.

    `new_zone` names the zone of what becomes a series of times; of one that is, the zone stays.
    """
    zone = _zone(event)
    there = zone_of(new_zone) if event.all_day and new_zone else zone
    return _mover(_local(old, zone), _local(new, there), zone, there)


def move_rules(event: Event, start: Moment) -> list[str]:
    """The recurrence of the series when it begins at `start` instead. Raises ValueError where that can't be said."""
    old = _local(event.start, _zone(event))
    if not event.recurrence or (start == old and isinstance(start, datetime) == isinstance(old, datetime)):
        return list(event.recurrence)
    zone = (start.tzinfo or UTC) if isinstance(start, datetime) else UTC
    return _moved_rules(event, old, start, _mover(old, start, _zone(event), zone), divide=False)


def carry_series(family: Family, fields: Resource, *, original_start: str | None = None, own: Resource) -> Carried:
    """The series with `fields` patched, every changed instance where it belongs then.

    What an instance has of its own stays its own, at its own time; all else follows the series. What was cancelled
    stays cancelled. `own` holds what the user gave to the instance `original_start` that the edit was made on: its
    own values give way to them.
    """
    before = parse_event(family.master) if family.master else None
    master = merge_fields(family.master or {}, fields)
    after = parse_event(master) if family.master else None
    if before is None or after is None:
        return Carried(family=Family(family.event_id, master, family.overrides))
    start = _local(after.start, _zone(after))
    move = _mover(_local(before.start, _zone(before)), start, _zone(before), _zone(after))
    same_grid = before.start == after.start and before.recurrence == after.recurrence
    overrides: dict[str, Resource] = {}
    lost: list[Resource] = []
    for key, resource in sorted(family.overrides.items()):
        moment = parse_original_key(key)
        if not _repeats_at(before, moment):
            # Outside of the rule as it is: left alone, but for a trace of what was cancelled in a former time grid.
            if not (is_cancelled(resource) and _repeats_at(after, moment)):
                overrides.setdefault(key, resource)
            if not is_cancelled(resource) and not same_grid and not _repeats_at(after, moment):
                lost.append(resource)
            continue
        there = original_key(moment if same_grid else move(moment))
        has_place = same_grid or _repeats_at(after, parse_original_key(there))
        plain = plain_instance(master, there) or {}
        if is_cancelled(resource):
            if has_place:
                overrides[there] = {**_identity(plain), "status": "cancelled"}
            elif not _repeats_at(after, moment):
                overrides.setdefault(key, resource)
            continue
        kept = _timed_anew(exceptional(family, key), plain)
        if key == original_start:
            kept = {name: own.get(name, value) for name, value in kept.items()}
        elif "attendees" in kept and "attendees" in fields:
            # Who is invited to all is invited here, too; what was answered to this one alone stays its own.
            guests, _ = rebase_attendees(family.master or {}, master, resource)
            kept["attendees"] = kept["attendees"] if guests is None else guests
        changed = own_fields(merge_fields(plain, kept), plain)
        if not changed:
            continue
        if has_place:
            overrides[there] = merge_fields(plain, changed)
        else:
            lost.append(resource)
    return Carried(family=Family(family.event_id, master, overrides), lost=tuple(lost))


def remains_of(family: Family, carried: Family) -> Family:
    """`carried` once Google has it: with a trace of each instance that was removed on the way."""
    after = parse_event(carried.master) if carried.master else None
    traces = {
        key: {**_identity(resource), "status": "cancelled"}
        for key, resource in family.overrides.items()
        if key not in carried.overrides and (after is None or not _repeats_at(after, parse_original_key(key)))
    }
    return Family(carried.event_id, carried.master, {**carried.overrides, **traces})


def passage_between(old: Family, new: Family) -> Passage:
    """What has to be done to the instances, beside the patch of the series itself, to get from one to the other."""
    event, former = (parse_event(family.master) if family.master else None for family in (new, old))
    removed: list[tuple[str, Resource]] = []
    placed: list[tuple[str, Exceptional | None]] = []
    for key in sorted(old.overrides.keys() | new.overrides.keys()):
        before, after = old.overrides.get(key), new.overrides.get(key)
        was_there = before is not None and not is_cancelled(before)
        has_place = event is not None and _repeats_at(event, parse_original_key(key))
        if after is not None and is_cancelled(after) and has_place:
            if before is None or was_there:
                placed.append((key, None))
        elif after is None or is_cancelled(after):
            if not has_place:
                if before is not None and was_there:
                    removed.append((key, before))
            elif (step := _placed(key, before, plain_instance(new.master, key) or {}, new)) is not None:
                placed.append((key, step))
        elif (step := _placed(key, before, after, new)) is not None:
            if before is None and (former is None or not _repeats_at(former, parse_original_key(key))):
                # Undone and made again, it has left a trace there.
                step = replace(step, fields={"status": "confirmed", **step.fields})
            placed.append((key, step))
    return Passage(removed=tuple(removed), placed=tuple(placed))


def _placed(key: str, before: Resource | None, after: Resource, new: Family) -> Exceptional | None:
    """The patch that makes the instance `after`; None when it is that already."""
    plain = plain_instance(new.master, key) or {}
    if before is not None and is_cancelled(before):
        # Most traces keep nothing (PROTOCOL 21); what one does keep must not come back with it.
        names = {*own_fields(after, plain), *own_fields(after, before).keys() & before.keys(), *TIME_FIELDS}
        fields = {"status": "confirmed", **{name: after.get(name) for name in sorted(names)}}
        base = {"status": "cancelled", **{name: plain.get(name) for name in names}}
        return Exceptional(original_start=key, fields=fields, base=base)
    base = before if before is not None else plain
    fields = own_fields(after, base)
    return Exceptional(original_start=key, fields=fields, base=base) if fields else None


def _identity(resource: Resource) -> Resource:
    return {name: resource[name] for name in ("id", *IDENTITY_FIELDS) if name in resource}


def _timed_anew(changed: Exceptional, plain: Resource) -> Resource:
    """The instance's own fields; one that is only longer or shorter than the others starts when they do."""
    own, start = dict(changed.fields), parse_moment(plain.get("start"))
    if "start" not in own or comparable(own, "start") != comparable(changed.base, "start") or start is None:
        return own
    was = parse_event({**changed.base, **{name: own[name] for name in TIME_FIELDS}, "id": ""})
    if was is None or was.all_day == isinstance(start, datetime):
        return own
    end = start + was.length if not isinstance(start, datetime) else _later(start, was.length)
    return {**own, "start": plain["start"], "end": format_moment(end, plain["start"].get("timeZone"))}


def _repeats_at(event: Event, moment: Moment) -> bool:
    """Whether the event is a series with an instance at that very moment."""
    return bool(event.recurrence) and _has(event, event.recurrence, moment)


def _take_along(
    family: Family, original_start: str, given: Collection[str], body: Resource, move: Callable[[Moment], Moment]
) -> tuple[tuple[Exceptional, ...], tuple[Resource, ...]]:
    """The changed instances for the new series and those it can't hold; cancelled ones become EXDATEs of `body`.

    What the first of them has of its own gives way to the new values in the fields `given`.
    """
    split = epoch_of(parse_original_key(original_start))
    old = parse_event(family.master) if family.master else None
    series = parse_event({**body, "id": "new"})
    outside: list[Moment] = []
    taken: list[Exceptional] = []
    lost: list[Resource] = []
    cancelled: list[Moment] = []
    for key, resource in sorted(family.overrides.items()):
        moment = parse_original_key(key)
        if epoch_of(moment) < split:
            continue
        moved = move(moment)
        has_place = series is not None and _has(series, series.recurrence, moved)
        if not has_place and not is_cancelled(resource) and old is not None and not _repeats_at(old, moment):
            # Outside of the old rule, too: it comes along as a date of its own.
            outside.append(moved)
            has_place = True
        if is_cancelled(resource):
            if has_place:
                cancelled.append(moved)
            continue
        plain = plain_instance({**body, "id": "new"}, original_key(moved)) or {}
        own = _timed_anew(exceptional(family, key), plain)
        if key == original_start:
            own = {name: value for name, value in own.items() if name not in given}
        if not own:
            continue
        if not has_place:
            lost.append(resource)
            continue
        base = {name: value for name, value in plain.items() if name not in NOT_COPIED}
        taken.append(Exceptional(original_start=original_key(moved), fields=own, base=base))
    body["recurrence"] = [*body["recurrence"], *_date_line("RDATE", outside), *_date_line("EXDATE", cancelled)]
    return tuple(taken), tuple(lost)


def _plain_times(event: Event, start: Moment) -> Resource:
    end = start + event.length if not isinstance(start, datetime) else _later(start, event.length)
    return {"start": format_moment(start, event.zone), "end": format_moment(end, event.zone)}


def _later(start: datetime, length: timedelta) -> datetime:
    return (start.astimezone(UTC) + length).astimezone(start.tzinfo)


def _moved_rules(
    event: Event, old: Moment, new: Moment, move: Callable[[Moment], Moment], *, divide: bool = True
) -> list[str]:
    """The rules for what begins at `new` instead of `old`; with `divide` without what lies before."""
    lines: list[str] = []
    for line in event.recurrence:
        name = _name(line)
        if name == "RRULE":
            parts = _parts(line)
            until = parts.pop("UNTIL", None)
            if "COUNT" in parts and divide:
                rest = int(parts["COUNT"]) - _count_before(event, line, old)
                if rest <= 0:
                    continue
                parts["COUNT"] = str(rest)
            (moved,) = move_recurrence([_line(parts)], *_alike(old, new))
            lines.append(moved + _moved_until(until, old, new, move, _zone(event)))
        elif name in ("RDATE", "EXDATE"):
            moments = [m for m in parse_dates(line, _zone(event)) if not divide or epoch_of(m) >= epoch_of(old)]
            lines += _date_line(name, [move(moment) for moment in moments])
        elif new != old:
            raise ValueError(f"{name} can't be moved")
        else:
            lines.append(line)
    return lines


def _alike(old: Moment, new: Moment) -> tuple[Moment, Moment]:
    """Both as dates when one of them is: only the days of a rule move then."""
    if isinstance(old, datetime) and isinstance(new, datetime):
        return old, new
    return _day(old), _day(new)


def _day(moment: Moment) -> date:
    return moment.date() if isinstance(moment, datetime) else moment


def _moved_until(until: str | None, old: Moment, new: Moment, move: Callable[[Moment], Moment], zone: tzinfo) -> str:
    """`;UNTIL=…` in the form that the new series needs; '' for a rule without."""
    if until is None:
        return ""
    (last,) = parse_dates(f"RDATE:{until}", zone)
    if isinstance(new, datetime):
        if not isinstance(last, datetime):
            # All of that day is meant, on the clock of the new series.
            day = last + (_day(new) - _day(old))
            last = datetime.combine(day, time(23, 59, 59), tzinfo=new.tzinfo)
        elif isinstance(old, datetime):
            last = move(last)
        if isinstance(last, datetime):
            return f";UNTIL={last.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    day = _day(_local(last, zone)) + (_day(new) - _day(old))
    return f";UNTIL={day:%Y%m%d}"


def _mover(old: Moment, new: Moment, old_zone: tzinfo, new_zone: tzinfo) -> Callable[[Moment], Moment]:
    """Where in the new series a moment of the old one's time grid comes to be."""
    days = _day(new) - _day(old)

    def move(moment: Moment) -> Moment:
        local = _local(moment, old_zone)
        if not isinstance(new, datetime):
            return _day(local) + days
        if isinstance(local, datetime) and isinstance(old, datetime):
            shift = new.replace(tzinfo=None) - old.replace(tzinfo=None)
            naive = local.replace(tzinfo=None) + shift
        else:
            naive = datetime.combine(_day(local) + days, new.time())
        return naive.replace(tzinfo=new_zone).astimezone(UTC).astimezone(new_zone)

    return move


def _local(moment: Moment, zone: tzinfo) -> Moment:
    return moment.astimezone(zone) if isinstance(moment, datetime) else moment


def _zone(event: Event) -> tzinfo:
    if event.zone:
        return zone_of(event.zone)
    return (event.start.tzinfo or UTC) if isinstance(event.start, datetime) else UTC


def _zone_of(body: Resource, start: Moment) -> tzinfo:
    name = (body.get("start") or {}).get("timeZone")
    if name:
        return zone_of(name)
    return (start.tzinfo or UTC) if isinstance(start, datetime) else UTC


def _has(event: Event, rules: Sequence[str], moment: Moment) -> bool:
    """Whether the rules yield an instance at that very moment."""
    if isinstance(moment, datetime) == event.all_day:
        return False
    epoch = epoch_of(moment)
    series = replace(event, recurrence=tuple(rules))
    return any(epoch_of(start) == epoch for start, _ in expand_series(series, Span(epoch, epoch + 1)))


def _count_before(event: Event, line: str, split: Moment) -> int:
    """How many instances of that one rule are before `split`, EXDATEs among them. Raises ValueError for too many."""
    window = Span(epoch_of(event.start) - 1, epoch_of(split))
    count = sum(1 for _ in expand_series(replace(event, recurrence=(line,)), window))
    if count >= MAX_INSTANCES:
        raise ValueError("the series is too long to be counted")
    return count


def _ends_before(parts: Mapping[str, str], split: Moment, zone: tzinfo) -> bool:
    if "UNTIL" not in parts:
        return False
    (last,) = parse_dates(f"RDATE:{parts['UNTIL']}", zone)
    return epoch_of(last) < epoch_of(split) if isinstance(last, datetime) else last < _day(_local(split, zone))


def _name(line: str) -> str:
    return line.partition(":")[0].partition(";")[0].upper()


def _parts(line: str) -> dict[str, str]:
    value = line.partition(":")[2]
    return dict(part.split("=", 1) for part in value.upper().split(";") if "=" in part)


def _line(parts: Mapping[str, str]) -> str:
    return "RRULE:" + ";".join(f"{name}={text}" for name, text in parts.items())


def _date_line(name: str, moments: Sequence[Moment]) -> list[str]:
    """One line with all of the moments, instants in UTC; none for no moments."""
    if not moments:
        return []
    if all(not isinstance(moment, datetime) for moment in moments):
        return [f"{name};VALUE=DATE:" + ",".join(f"{moment:%Y%m%d}" for moment in moments)]
    stamps = [f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}" for moment in moments if isinstance(moment, datetime)]
    return [f"{name}:" + ",".join(stamps)]
