"""Colleagues who live in the demo: every half minute or so one of them moves, invites, answers or cancels.

They use the API as anyone does, so that notifications and history come by themselves. What they touch is the team's
calendar and their own invitations; what the demo's user made herself is left alone.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, tzinfo
from urllib.parse import quote

from aicalendar_tui.simulator.control import act_as
from aicalendar_tui.simulator.times import format_date_time, load_zone
from aicalendar_tui.simulator.world import Resource, User, World

PAUSE_SECONDS = (20.0, 40.0)
FIRST_PAUSE_SECONDS = 12.0
"""A newcomer is to see the first one soon."""

DAYS_AHEAD = 5
WORKDAY_HOURS = (8, 19)
MOST_INVITATIONS = 3
"""So many of theirs stand at once: the oldest is cancelled before another comes."""

TITLES = ("Coffee?", "Prototype, five minutes", "Quick sync", "Прогон презентации", "Pairing", "Planning poker")
PLACES = ("Room 2", "Room 4", "Studio", "Kitchen", "Terrace")
MARK = {"extendedProperties": {"private": {"aicalendarDemo": "colleague"}}}


class Colleagues:
    """Everybody in a world but the demo's user, who shares calendars with them; the same acts for the same seed."""

    def __init__(self, world: World, user: str, *, seed: int = 1) -> None:
        """`user` is the address of the demo's user."""
        self._world = world
        self._user = user
        self._chance = random.Random(seed)
        self._made: list[tuple[User, str]] = []

    def choose_pause(self) -> float:
        """Seconds until the next act."""
        return self._chance.uniform(*PAUSE_SECONDS)

    def act(self) -> str | None:
        """Does one thing, in UTC or whatever zone the event is in; returns what it was, or None when nothing fits.

        Call it where the world's requests are answered: a world belongs to one thread.
        """
        if not self._colleagues:
            return None
        acts: list[Callable[[], str | None]] = [
            self._move,
            self._move,
            self._invite,
            self._change_place,
            self._answer,
        ]
        self._chance.shuffle(acts)
        if len(self._made) >= MOST_INVITATIONS:
            acts.insert(0, self._cancel)
        return next((done for act in acts if (done := act())), None)

    def _move(self) -> str | None:
        """One of the team's meetings, to a time by day that is still to come."""
        found = [(calendar, one) for calendar, one in self._list_team() if "dateTime" in one["start"]]
        self._chance.shuffle(found)
        for calendar, one in found:
            start, end = (datetime.fromisoformat(one[edge]["dateTime"]) for edge in ("start", "end"))
            minutes = self._chance.choice((-60, -30, 30, 60))
            moved = [edge + timedelta(minutes=minutes) for edge in (start, end)]
            zone = load_zone(one["start"].get("timeZone") or self._zone)
            if not self._is_by_day(*moved, zone=zone):
                continue
            times = {
                name: {"dateTime": format_date_time(edge.astimezone(zone)), "timeZone": zone.key}
                for name, edge in zip(("start", "end"), moved, strict=True)
            }
            if self._ask(self._choose_colleague(), "PATCH", f"calendars/{quote(calendar)}/events/{one['id']}", times):
                return f"moved {one['summary']}"
        return None

    def _invite(self) -> str | None:
        """The user, for a free half hour of the next days."""
        host, zone = self._choose_colleague(), load_zone(self._zone)
        now = self._world.now().astimezone(zone)
        busy = [
            (datetime.fromisoformat(one["start"]["dateTime"]), datetime.fromisoformat(one["end"]["dateTime"]))
            for calendar in self._user_object.calendar_list
            for one in self._list(self._user_object, calendar, singleEvents=True)
            if "dateTime" in one.get("start", {})
        ]
        for _attempt in range(20):
            day = now.date() + timedelta(days=self._chance.randrange(DAYS_AHEAD))
            clock = self._chance.randrange(9 * 2, 17 * 2)
            start = datetime(day.year, day.month, day.day, clock // 2, clock % 2 * 30, tzinfo=zone)
            end = start + timedelta(minutes=30)
            if start < now or day.weekday() >= 5 or any(start < until and end > since for since, until in busy):
                continue
            body: Resource = {
                "summary": self._chance.choice(TITLES),
                "location": self._chance.choice(PLACES),
                "start": {"dateTime": format_date_time(start), "timeZone": zone.key},
                "end": {"dateTime": format_date_time(end), "timeZone": zone.key},
                "attendees": [{"email": self._user}, {"email": host.email, "responseStatus": "accepted"}],
                **MARK,
            }
            if made := self._ask(host, "POST", "calendars/primary/events", body):
                self._made.append((host, made["id"]))
                return f"invited to {made['summary']}"
        return None

    def _cancel(self) -> str | None:
        """The oldest of the invitations made here."""
        host, event_id = self._made.pop(0)
        return "cancelled" if self._ask(host, "DELETE", f"calendars/primary/events/{event_id}") is not None else None

    def _change_place(self) -> str | None:
        found = [one for one in self._list_team() if "location" in one[1]]
        if not found:
            return None
        calendar, one = self._chance.choice(found)
        place = self._chance.choice([place for place in PLACES if place != one["location"]])
        path = f"calendars/{quote(calendar)}/events/{one['id']}"
        changed = self._ask(self._choose_colleague(), "PATCH", path, {"location": place})
        return f"took {one['summary']} to {place}" if changed else None

    def _answer(self) -> str | None:
        """A guest of one of the user's own meetings thinks again."""
        colleagues = {user.email: user for user in self._colleagues}
        found = [
            (one, guest)
            for one in self._list(self._user_object, self._user)
            for guest in one.get("attendees", ())
            if guest["email"] in colleagues and one["organizer"]["email"] == self._user
        ]
        if not found:
            return None
        one, guest = self._chance.choice(found)
        others = [answer for answer in ("accepted", "tentative", "declined") if answer != guest["responseStatus"]]
        answer = self._chance.choice(others)
        guests = [
            {**other, "responseStatus": answer} if other["email"] == guest["email"] else other
            for other in one["attendees"]
        ]
        path = f"calendars/primary/events/{one['id']}"
        changed = self._ask(colleagues[guest["email"]], "PATCH", path, {"attendees": guests})
        return f"{guest['email']} answered {answer}" if changed else None

    @property
    def _user_object(self) -> User:
        return self._world.users[self._user]

    @property
    def _zone(self) -> str:
        return self._user_object.zone

    @property
    def _colleagues(self) -> list[User]:
        return [user for email, user in sorted(self._world.users.items()) if email != self._user]

    def _choose_colleague(self) -> User:
        return self._chance.choice(self._colleagues)

    def _list_team(self) -> Iterator[tuple[str, Resource]]:
        """(calendar, event) of what is to come on calendars that the colleagues may write; no series."""
        for calendar_id, calendar in self._world.calendars.items():
            if calendar.owner == self._user and calendar_id != self._user:
                writers = [user for user in self._colleagues if self._world.find_role(calendar, user) == "writer"]
                if writers:
                    for one in self._list(writers[0], calendar_id):
                        if "recurrence" not in one and "recurringEventId" not in one:
                            yield calendar_id, one

    def _list(self, user: User, calendar_id: str, **query: object) -> list[Resource]:
        now = self._world.now()
        until = now + timedelta(days=DAYS_AHEAD)
        path = f"calendars/{quote(calendar_id)}/events"
        span = {"timeMin": now.isoformat(), "timeMax": until.isoformat(), "maxResults": 250}
        answer = self._ask(user, "GET", path, None, **span, **query)
        return answer["items"] if answer else []

    def _is_by_day(self, start: datetime, end: datetime, *, zone: tzinfo) -> bool:
        first, last = WORKDAY_HOURS
        start, end = start.astimezone(zone), end.astimezone(zone)
        by_day = start.hour >= first and (end.hour, end.minute) <= (last, 0) and start.date() == end.date()
        return by_day and start > self._world.now()

    def _ask(
        self, user: User, method: str, path: str, body: Resource | None = None, **query: object
    ) -> Resource | None:
        """The answer; {} when it is empty, None when it was refused."""
        answer = act_as(self._world, user.email, method, path, body, **query)
        if answer.status >= 300:
            return None
        return answer.read() or {}
