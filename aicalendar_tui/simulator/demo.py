"""The demo: the calendar of a working person around today, with colleagues, habits, trips and real holidays.

The present week is the one in the pictures of the documentation; weeks before and after are filled by habit and
by chance, the same chance for the same day.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from importlib import resources
from typing import Any

import holidays

from aicalendar_tui.simulator.events import delete_event, insert_event, patch_event, receive_event
from aicalendar_tui.simulator.instances import Instance, iterate_instances
from aicalendar_tui.simulator.times import format_date_time, from_epoch, load_zone
from aicalendar_tui.simulator.world import CalendarState, Resource, User, World

WEEKS_BACK = 10
WEEKS_AHEAD = 12
_TEXT = "#1d1d1d"


@dataclass(frozen=True, slots=True)
class People:
    """Who is in the demo: Ana, whose calendar it is, and the colleagues who invite her."""

    ana: User
    mira: User
    boris: User
    petr: User


@dataclass(frozen=True, slots=True)
class Calendars:
    """Ana's calendars."""

    ana: CalendarState
    design: CalendarState
    home: CalendarState
    health: CalendarState
    travel: CalendarState
    holidays: CalendarState


class Diary:
    """Writes events by day and clock time, in the demo's zone."""

    def __init__(self, world: World, people: People, calendars: Calendars, monday: date) -> None:
        self.world = world
        self.people = people
        self.calendars = calendars
        self.monday = monday
        self.zone = calendars.ana.zone

    def day(self, weekday: int, week: int = 0) -> date:
        """A day by its weekday (0 is Monday) and week (0 is the present one)."""
        return self.monday + timedelta(days=weekday, weeks=week)

    def at(self, day: date, clock: str) -> Resource:
        """A time of that day, e.g. `09:30`."""
        hour, minute = (int(part) for part in clock.split(":"))
        moment = datetime(day.year, day.month, day.day, hour, minute, tzinfo=load_zone(self.zone))
        return {"dateTime": format_date_time(moment), "timeZone": self.zone}

    def add(self, calendar: CalendarState, day: date, span: str, summary: str, **more: Any) -> Resource:
        """An event from `HH:MM-HH:MM` on Ana's calendar; `host` lets a colleague organize it on theirs."""
        start, _, end = span.partition("-")
        host: User = more.pop("host", self.people.ana)
        body = {"summary": summary, "start": self.at(day, start), "end": self.at(day, end), **more}
        target = calendar.id if host is self.people.ana else host.email
        return insert_event(self.world, host, target, body, conference_version=1)

    def add_days(self, calendar: CalendarState, first: date, days: int, summary: str, **more: Any) -> Resource:
        """An all-day event of so many days."""
        last = first + timedelta(days=days)
        times = {"start": {"date": first.isoformat()}, "end": {"date": last.isoformat()}}
        return insert_event(self.world, self.people.ana, calendar.id, {"summary": summary, **times, **more})

    def guests(self, *users: User, **answers: str) -> list[Resource]:
        """Guests with their answers; whoever is not named in `answers` has accepted.

        On a secondary calendar Ana is no guest herself: her own copy would show the event twice.
        """
        listed = []
        for user in users:
            name = user.email.partition("@")[0]
            answer = answers.get(name, "accepted")
            listed.append({"email": user.email, "displayName": user.name, "responseStatus": answer})
        return listed

    def find_instance(self, series: Resource, day: date) -> str:
        """The id of a series' instance on that day."""
        calendar = self.calendars.ana
        master = calendar.events[series["id"]]
        for one in iterate_instances(self.world, calendar, master, time_min=None, time_max=None):
            if self._day_of(one) == day:
                return f"{series['id']}_{one.series.build_suffix(one.start)}"
        raise LookupError(day)

    def _day_of(self, one: Instance) -> date:
        return from_epoch(one.start, load_zone(self.zone)).date()


def fill_world(world: World, *, zone: str, email: str, token: str) -> None:
    """Fill an empty world with the demo, in an IANA zone, around the world's present day."""
    people = _add_people(world, zone, email, token)
    calendars = _add_calendars(world, people, zone)
    today = world.now().astimezone(load_zone(zone)).date()
    monday = today - timedelta(days=today.weekday())
    diary = Diary(world, people, calendars, monday)
    _add_series(diary)
    _add_this_week(diary)
    _add_neighbours(diary)
    for week in [*range(-WEEKS_BACK, 0), *range(1, WEEKS_AHEAD + 1)]:
        _add_usual_week(diary, week)
    _add_holidays(diary, today)
    world.publish()


def _add_people(world: World, zone: str, email: str, token: str) -> People:
    ana = world.add_user(email, "Ana Kovač", zone, access_token=token)
    colleagues = []
    for address, name in (
        ("mira@example.com", "Mira Dvořáková"),
        ("boris@example.com", "Boris Orlov"),
        ("petr@example.com", "Petr Novák"),
    ):
        user = world.add_user(address, name, zone)
        world.set_acl(world.calendars[address], "domain:example.com", "freeBusyReader")
        colleagues.append(user)
    return People(ana, *colleagues)


def _add_calendars(world: World, people: People, zone: str) -> Calendars:
    def look(color: str, **more: Any) -> Resource:
        return {"selected": True, "backgroundColor": color, "foregroundColor": _TEXT, **more}

    ana = people.ana
    popup = [{"method": "popup", "minutes": 10}]
    world.put_list_entry(ana, ana.email, look("#7aa2f7", defaultReminders=popup))
    design = world.add_calendar(
        ana, "Design team", zone, entry=look("#bb9af7", defaultReminders=popup), description="Design & product"
    )
    for colleague in (people.mira, people.boris, people.petr):
        world.set_acl(design, f"user:{colleague.email}", "writer")
        world.put_list_entry(colleague, design.id, look("#bb9af7"))
    home = world.add_calendar(ana, "Home", zone, entry=look("#9ece6a"))
    health = world.add_calendar(ana, "Health", zone, entry=look("#f7768e"))
    travel = world.add_calendar(ana, "Travel", zone, entry=look("#e0af68"))
    country = find_country(zone)
    public = world.add_calendar(
        ana,
        "Holidays",
        zone,
        calendar_id=f"en.{country.lower()}#holiday@group.v.calendar.google.com",
        role="reader",
        watchable=False,
        entry=look("#7dcfff"),
    )
    return Calendars(world.calendars[ana.email], design, home, health, travel, public)


def _add_series(diary: Diary) -> None:
    people, calendars = diary.people, diary.calendars
    begin = -26
    standup = diary.add(
        calendars.ana,
        diary.day(0, begin),
        "09:00-09:30",
        "Standup",
        recurrence=["RRULE:FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"],
        attendees=diary.guests(people.ana, people.mira, people.boris),
        location="Room 2",
    )
    for day, clock in ((diary.day(2, 1), "10:00-10:30"), (diary.day(1, -2), "11:30-12:00")):
        start, _, end = clock.partition("-")
        moved = {"start": diary.at(day, start), "end": diary.at(day, end)}
        instance = diary.find_instance(standup, day)
        patch_event(diary.world, people.ana, "primary", instance, moved)
    for day in (diary.day(4, 1), diary.day(3, -1)):
        delete_event(diary.world, people.ana, "primary", diary.find_instance(standup, day))
    diary.add(
        calendars.ana,
        diary.day(0, begin),
        "15:30-16:30",
        "1:1 Mira",
        recurrence=["RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=MO"],
        attendees=diary.guests(people.ana, people.mira),
        **_meet("one-to-one"),
    )
    diary.add(
        calendars.home,
        diary.day(1, begin),
        "17:30-19:00",
        "Climbing",
        location="Stěna Holešovice",
        recurrence=["RRULE:FREQ=WEEKLY;BYDAY=TU"],
    )
    diary.add(
        calendars.home,
        diary.day(2, -4),
        "18:00-20:00",
        "Opera",
        location="Národní divadlo",
        recurrence=["RRULE:FREQ=WEEKLY;INTERVAL=4;COUNT=8"],
    )
    diary.add(
        calendars.design,
        diary.day(3, begin),
        "15:00-16:00",
        "Retro",
        recurrence=["RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=TH"],
        description="What went well, what did not, one thing to change.",
    )
    first = diary.day(0, begin).replace(day=1)
    diary.add(
        calendars.home,
        first,
        "19:00-19:30",
        "Pay the rent",
        recurrence=["RRULE:FREQ=MONTHLY;BYMONTHDAY=-3"],
        transparency="transparent",
        reminders={"useDefault": False, "overrides": [{"method": "popup", "minutes": 60}]},
    )
    for name, offset in (("Mira", 9), ("Мама", 23), ("Jana", -12)):
        day = diary.monday + timedelta(days=offset)
        born = _same_day(day, day.year - 31)
        diary.add_days(
            calendars.home,
            born,
            1,
            f"🎂 {name}",
            recurrence=["RRULE:FREQ=YEARLY"],
            transparency="transparent",
        )


def _same_day(day: date, year: int) -> date:
    return day.replace(year=year, day=min(day.day, 28))


def _meet(request_id: str) -> Resource:
    request = {"requestId": request_id, "conferenceSolutionKey": {"type": "hangoutsMeet"}}
    return {"conferenceData": {"createRequest": request}}


def _add_this_week(diary: Diary) -> None:
    people, calendars, day = diary.people, diary.calendars, diary.day
    mine, design, home = calendars.ana, calendars.design, calendars.home
    diary.add_days(design, day(0), 1, "Mira on leave", transparency="transparent")
    diary.add_days(calendars.travel, day(1), 3, "Lisbon offsite", location="Lisboa", transparency="transparent")
    diary.add(mine, day(0), "09:30-11:00", "Roadmap draft", description="Next half year, *one* page.")
    diary.add(home, day(0), "12:30-13:30", "Lunch, Boris", location="Kavárna Obecní dům")
    diary.add(
        design,
        day(0),
        "14:00-15:30",
        "Design review",
        location="Room 4",
        attendees=diary.guests(people.mira, people.boris, people.petr, petr="tentative"),
        description="Week view, third round.\n\nhttps://example.com/board",
        **_meet("design-review"),
    )
    diary.add(mine, day(0), "14:30-15:30", "Call with the bank", location="+420 221 000 000")
    diary.add(design, day(1), "10:00-12:00", "Workshop", location="Studio")
    diary.add(
        mine,
        day(1),
        "13:00-14:30",
        "Budget review",
        host=people.petr,
        location="Petr's office",
        attendees=diary.guests(people.petr, people.ana, ana="needsAction"),
    )
    diary.add(calendars.health, day(1), "13:30-15:00", "Dentist", location="MUDr. Svobodová")
    diary.add(
        mine,
        day(2),
        "11:00-12:00",
        "Hiring sync",
        host=people.boris,
        attendees=diary.guests(people.boris, people.ana, people.mira, ana="declined"),
    )
    diary.add(mine, day(2), "14:00-16:30", "Focus", eventType="focusTime", description="No calls, please.")
    diary.add(design, day(3), "10:30-11:30", "Vendor demo", location="Room 4")
    diary.add(
        mine,
        day(3),
        "13:00-14:00",
        "Обед с Олегом",
        location="Lokál",
        host=people.boris,
        attendees=diary.guests(people.boris, people.ana, ana="tentative"),
    )
    diary.add(mine, day(4), "09:30-11:00", "Interviews", attendees=diary.guests(people.ana, people.boris))
    diary.add(home, day(4), "09:30-10:30", "Courier", transparency="transparent")
    diary.add(
        design,
        day(4),
        "10:00-11:30",
        "Релиз 2.0: проверка",
        attendees=diary.guests(people.boris, people.mira, mira="needsAction"),
    )
    diary.add(design, day(4), "16:00-17:00", "Demo day", **_meet("demo-day"))
    diary.add(home, day(5), "10:00-12:00", "Market", description="with Jana")
    diary.add(home, day(6), "11:00-12:30", "Brunch", location="Letná")


def _add_neighbours(diary: Diary) -> None:
    """What is worth remembering or looking forward to in the weeks around."""
    calendars, people, day = diary.calendars, diary.people, diary.day
    diary.add_days(calendars.home, day(5, -2), 3, "Mountains with Jana", location="Krkonoše")
    diary.add_days(calendars.travel, day(0, -6), 5, "Berlin", location="Berlin", transparency="transparent")
    diary.add(calendars.travel, day(0, -6), "07:10-11:25", "Train to Berlin", location="EC 174")
    diary.add(calendars.travel, day(1), "06:40-09:10", "PRG → LIS", description="TP 1307")
    diary.add(calendars.travel, day(3), "20:15-23:45", "LIS → PRG", description="TP 1308")
    diary.add(calendars.home, day(5, 1), "20:00-23:30", "Concert", location="Lucerna")
    diary.add(
        calendars.ana,
        day(3, 1),
        "14:00-15:00",
        "Budget: second round",
        host=people.petr,
        attendees=diary.guests(people.petr, people.ana, people.boris, ana="needsAction"),
    )
    diary.add_days(calendars.travel, day(4, 4), 10, "Winter in the Alps", location="Zillertal")
    diary.add_days(calendars.design, day(0, 6), 2, "Team offsite")
    late = diary.day(4, 3)
    diary.add(calendars.home, late, "22:00-23:59", "Night of games", location="Boris")


def _add_usual_week(diary: Diary, week: int) -> None:
    """A week as most are: each habit with its own odds."""
    calendars, people = diary.calendars, diary.people
    chance = random.Random(f"{diary.day(0, week).isoformat()} usual week")
    team = diary.guests(people.mira, people.boris)

    def habit(odds: float, weekday: int, clocks: tuple[str, ...], add: Callable[[date, str], object]) -> None:
        if chance.random() < odds:
            add(diary.day(weekday, week), chance.choice(clocks))

    habit(
        0.9, 0, ("12:30-13:30", "12:00-13:00"),
        lambda day, span: diary.add(calendars.home, day, span, "Lunch, Boris", location="Kavárna"),
    )  # fmt: skip
    habit(
        0.8, chance.choice((0, 3)), ("14:00-15:30", "13:30-15:00"),
        lambda day, span: diary.add(
            calendars.design, day, span, "Design review", attendees=team, **_meet(f"review {day}")
        ),
    )  # fmt: skip
    habit(
        0.6, chance.choice((1, 2)), ("10:00-12:00", "10:00-11:30"),
        lambda day, span: diary.add(calendars.design, day, span, "Workshop", location="Studio"),
    )  # fmt: skip
    habit(
        0.7, 2, ("14:00-16:30", "13:30-16:00"),
        lambda day, span: diary.add(calendars.ana, day, span, "Focus", eventType="focusTime"),
    )  # fmt: skip
    answer = chance.choice(("accepted", "accepted", "declined"))
    habit(
        0.6, 2, ("11:00-12:00",),
        lambda day, span: diary.add(
            calendars.ana, day, span, "Hiring sync", host=people.boris,
            attendees=diary.guests(people.boris, people.ana, ana=answer),
        ),
    )  # fmt: skip
    habit(0.7, 4, ("16:00-17:00",), lambda day, span: diary.add(calendars.design, day, span, "Demo day"))
    habit(
        0.4, 4, ("09:30-11:00", "11:00-12:00"),
        lambda day, span: diary.add(
            calendars.ana, day, span, chance.choice(("Interviews", "Планирование", "Quarter plan"))
        ),
    )  # fmt: skip
    habit(0.5, 5, ("10:00-12:00",), lambda day, span: diary.add(calendars.home, day, span, "Market"))
    habit(0.5, 6, ("11:00-12:30", "12:30-14:00"), lambda day, span: diary.add(calendars.home, day, span, "Brunch"))
    habit(
        0.3, 3, ("07:00-08:00", "17:00-18:00"),
        lambda day, span: diary.add(calendars.health, day, span, chance.choice(("Physio", "Run with Jana", "Jóga"))),
    )  # fmt: skip
    habit(
        0.15, 1, ("08:30-09:30", "13:30-15:00"),
        lambda day, span: diary.add(calendars.health, day, span, "Dentist", location="MUDr. Svobodová"),
    )  # fmt: skip


def find_country(zone: str) -> str:
    """The country (ISO 3166) whose holidays fit a zone; the United States for zones of no country."""
    try:
        table = resources.files("tzdata").joinpath("zoneinfo/zone.tab").read_text("utf-8")
    except (FileNotFoundError, ModuleNotFoundError):
        return "US"
    for line in table.splitlines():
        columns = line.split("\t")
        if len(columns) >= 3 and columns[2] == zone and columns[0] in holidays.list_supported_countries():
            return columns[0]
    return "US"


def _add_holidays(diary: Diary, today: date) -> None:
    years = [today.year - 1, today.year, today.year + 1]
    country = find_country(diary.zone)
    english = "en_US" if "en_US" in holidays.list_localized_countries().get(country, []) else None
    public = holidays.country_holidays(country, years=years, language=english)
    for day, name in sorted(public.items()):
        receive_event(
            diary.world,
            diary.calendars.holidays,
            {
                "summary": name,
                "start": {"date": day.isoformat()},
                "end": {"date": (day + timedelta(days=1)).isoformat()},
                "transparency": "transparent",
                "visibility": "public",
            },
            event_id=f"{day:%Y%m%d}{diary.world.make_id(12)}",
        )
