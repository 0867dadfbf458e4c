"""The bridge between screens and services: reads, edits with their news, wishes, and the lease."""

import asyncio
import dataclasses
import threading
from collections.abc import AsyncIterator, Collection, Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path

import pytest

from aicalendar_tui.backend.domain.calendar import Calendar
from aicalendar_tui.backend.domain.draft import Draft
from aicalendar_tui.backend.domain.errors import CalendarError, InvalidEdit, Transient
from aicalendar_tui.backend.domain.news import CalendarChanged, ConnectionChanged, News
from aicalendar_tui.backend.domain.times import Days
from aicalendar_tui.backend.services.trouble import SIGNED_OUT
from aicalendar_tui.screens.gateway import ServiceGateway
from tests.unit.services.household import ADDRESS, HOME, NOW, USER, Household

WEEK = Days(date(2026, 11, 23), date(2026, 11, 30), "UTC")


class FakeApi:
    """Notes what was asked of the services; `away` refuses everything."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []
        self.away = False
        self.came = threading.Event()

    def request(self, method: str, path: str) -> None:
        """Raises Transient while away."""
        if self.away:
            raise Transient("the services are not running")
        self.asked.append((method, path))
        self.came.set()


class FakeLease:
    """Services that are ready at once; the lease ends when it is closed or `die` is called."""

    def __init__(self) -> None:
        self._over = threading.Event()

    def follow(self) -> Iterator[object]:
        """One state, then the end."""
        yield "ready"
        self._over.wait(10)

    def wait_ready(self, names: Sequence[str], *, timeout_seconds: float) -> bool:
        """Always."""
        return True

    def close(self) -> None:
        """Ends `follow`."""
        self._over.set()

    die = close


class Office:
    """A gateway on a household, with everything around it faked."""

    def __init__(self, folder: Path) -> None:
        self.house = Household(folder)
        self.house.connect()
        self.api = FakeApi()
        self.leases: list[FakeLease] = []
        self.refusal: CalendarError | None = None
        self.feed: asyncio.Queue[News | None] = asyncio.Queue()
        services = dataclasses.replace(self.house.services(), open_feed=lambda: self)
        self.gateway = ServiceGateway(
            lambda: services,
            user_ids=[USER],
            zone="UTC",
            now=self.house.clock.now,
            api=self.api,
            acquire=self._acquire,
            poll_seconds=300,
        )

    def _acquire(self) -> FakeLease:
        if self.refusal is not None:
            raise self.refusal
        self.leases.append(FakeLease())
        return self.leases[-1]

    async def follow(self, user_ids: Collection[str]) -> AsyncIterator[News | None]:
        """What the test puts into `feed`."""
        while True:
            yield await self.feed.get()

    @property
    def calendar(self) -> Calendar:
        """The only one."""
        return self.gateway.read_calendars()[0]

    def close(self) -> None:
        """As at the end of a run."""
        self.gateway.close()
        self.house.store.close()


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    """A gateway with one empty calendar behind it."""
    office = Office(tmp_path)
    yield office
    office.close()


async def next_news(news: AsyncIterator[News | None]) -> News | None:
    """The next thing told; a test that waits for ever fails."""
    return await asyncio.wait_for(anext(news), 10)


async def test_an_edit_is_shown_at_once_and_told_by_the_gateway_itself(office: Office) -> None:
    """The stream would only come back later, and may be away."""
    news = office.gateway.news()
    listening = asyncio.ensure_future(next_news(news))
    await asyncio.sleep(0)

    key = await office.gateway.create(
        office.calendar, Draft(summary="Lunch", start=NOW, end=NOW + timedelta(hours=1))
    )

    seen = await listening
    while not isinstance(seen, CalendarChanged):
        seen = await next_news(news)
    agenda = await office.gateway.agenda(WEEK)
    assert [("Lunch", True, key)] == [(entry.summary, entry.waiting, entry.key) for entry in agenda.entries]
    assert 1 == (await office.gateway.status()).waiting


async def test_an_edit_asks_the_services_to_push(office: Office) -> None:
    """Only they may enqueue."""
    await office.gateway.create(office.calendar, Draft(summary="Lunch", start=NOW, end=NOW + timedelta(hours=1)))

    assert await asyncio.to_thread(office.api.came.wait, 10)
    assert [("POST", f"/sync/{USER}?scope=push")] == office.api.asked


async def test_an_edit_with_the_services_away_is_kept_and_not_an_error(office: Office) -> None:
    """The backstop finds it in the database."""
    office.api.away = True

    await office.gateway.create(office.calendar, Draft(summary="Lunch", start=NOW, end=NOW + timedelta(hours=1)))

    assert 1 == len((await office.gateway.agenda(WEEK)).entries)


async def test_an_impossible_edit_is_refused_and_changes_nothing(office: Office) -> None:
    """An end before the start."""
    with pytest.raises(InvalidEdit):
        await office.gateway.create(office.calendar, Draft(start=NOW, end=NOW - timedelta(hours=1)))

    assert () == (await office.gateway.agenda(WEEK)).entries


async def test_undo_names_what_it_took_back_and_redo_brings_it_again(office: Office) -> None:
    """And None when there is nothing left."""
    await office.gateway.create(office.calendar, Draft(summary="Lunch", start=NOW, end=NOW + timedelta(hours=1)))

    assert "Lunch" == await office.gateway.undo()
    assert () == (await office.gateway.agenda(WEEK)).entries
    assert await office.gateway.undo() is None
    assert "Lunch" == await office.gateway.redo()
    assert 1 == len((await office.gateway.agenda(WEEK)).entries)


async def test_the_wish_for_live_updates_is_stored_before_anyone_is_asked(office: Office) -> None:
    """The services fulfil it, even if they are away now."""
    office.api.away = True
    with office.house.store.write() as unit:
        unit.set_public_address(ADDRESS)

    await office.gateway.set_live(office.calendar, True)

    assert office.calendar.live_wanted
    assert "starting" == office.calendar.live


async def test_subscribing_asks_for_that_calendar_alone(office: Office) -> None:
    """Its id is quoted: it may hold anything."""
    await office.gateway.set_live(office.calendar, True)

    assert await asyncio.to_thread(office.api.came.wait, 10)
    assert [("POST", f"/webhook/setup/{USER}?calendar_id={HOME.replace('@', '%40')}")] == office.api.asked


async def test_sync_now_with_the_services_away_is_told(office: Office) -> None:
    """The user pressed a key and must hear of it."""
    office.api.away = True

    with pytest.raises(CalendarError, match="not running"):
        await office.gateway.sync_now()


async def test_the_lease_is_taken_with_the_first_news_and_makes_the_screen_ready(office: Office) -> None:
    """Not before: the calendar is painted first."""
    assert [] == office.leases
    assert "starting" == (await office.gateway.status()).connection

    news = office.gateway.news()

    assert ConnectionChanged(user_id=USER) == await next_news(news)
    assert "polling" == (await office.gateway.status()).connection
    assert 1 == len(office.leases)


async def test_a_lease_that_ends_is_replaced(office: Office) -> None:
    """The supervisor was killed: another one is started."""
    news = office.gateway.news()
    await next_news(news)

    office.leases[0].die()

    while len(office.leases) < 2 or (await office.gateway.status()).connection != "polling":
        await next_news(news)


async def test_services_that_do_not_start_are_told_in_the_state_line(office: Office) -> None:
    """With what the launcher said."""
    office.refusal = CalendarError("can't make the folder /run: Permission denied")
    news = office.gateway.news()

    await next_news(news)

    assert "can't make the folder /run: Permission denied" == (await office.gateway.status()).problem


async def test_news_of_others_are_passed_on(office: Office) -> None:
    """As the feed tells them."""
    news = office.gateway.news()
    told = CalendarChanged(user_id=USER, calendar_id=HOME, revision=99)
    office.feed.put_nowait(told)

    seen = [await next_news(news), await next_news(news)]

    assert told in seen


BEN, BENS = "ben@example.com", "bens@example.com"


def sign_in(office: Office, user_id: str = BEN, calendar_id: str = BENS) -> None:
    """As another process does: an account with a calendar."""
    with office.house.store.write() as unit:
        unit.put_account(user_id, email=user_id, endpoint="", now=office.house.clock.epoch())
        unit.put_calendar(user_id, calendar_id, {"id": calendar_id, "summary": "Ben's", "accessRole": "owner"}, 0)
        unit.bump_revision(user_id)


async def users_shown(office: Office) -> list[str]:
    """Whose calendars are in the sidebar."""
    return [calendar.user_id for calendar in await office.gateway.calendars()]


async def test_who_signs_in_or_is_removed_meanwhile_is_noticed(office: Office) -> None:
    """Without a key; and the revision that is shown never goes back (S5)."""
    news = office.gateway.news()
    await next_news(news)
    before = (await office.gateway.agenda(WEEK)).revision

    sign_in(office)
    while {USER, BEN} != set(await users_shown(office)):
        await next_news(news)
    between = (await office.gateway.agenda(WEEK)).revision

    with office.house.store.write() as unit:
        unit.delete_account(BEN)
    # Until it was noticed, what is read counts as older than what is shown.
    while (await office.gateway.agenda(WEEK)).revision <= between:
        await next_news(news)
    assert before < between
    assert [USER] == await users_shown(office)


async def test_without_any_account_left_the_screen_says_how_to_sign_in(office: Office) -> None:
    """Calmly: nothing fails."""
    news = office.gateway.news()
    await next_news(news)
    with office.house.store.write() as unit:
        unit.delete_account(USER)

    while not (status := await office.gateway.status()).signed_out:
        await next_news(news)

    assert [] == await office.gateway.calendars()
    assert "aicalendar login" in status.problem
    assert () == (await office.gateway.agenda(WEEK)).entries
    assert await office.gateway.undo() is None


async def test_one_who_is_signed_out_is_named(office: Office) -> None:
    """The others go on as they were."""
    sign_in(office)
    with office.house.store.write() as unit:
        unit.set_problem(BEN, BENS, SIGNED_OUT)
        unit.bump_revision(BEN)
    news = office.gateway.news()
    while not (status := await office.gateway.status()).signed_out:
        await next_news(news)

    assert status.problem.startswith(f"{BEN} is signed out")
    assert "offline" != status.connection


async def test_undo_and_redo_follow_the_order_of_the_edits_of_all_accounts(office: Office) -> None:
    """Newest first, whoever's it is."""
    sign_in(office)
    news = office.gateway.news()
    while len(await users_shown(office)) < 2:
        await next_news(news)
    for number, calendar_user in enumerate((USER, BEN, USER, BEN)):
        calendar = next(c for c in await office.gateway.calendars() if c.user_id == calendar_user)
        await office.gateway.create(
            calendar, Draft(summary=f"Edit {number}", start=NOW, end=NOW + timedelta(hours=1))
        )

    undone = [await office.gateway.undo() for _ in range(5)]
    redone = [await office.gateway.redo() for _ in range(5)]

    assert ["Edit 3", "Edit 2", "Edit 1", "Edit 0", None] == undone
    assert ["Edit 0", "Edit 1", "Edit 2", "Edit 3", None] == redone
