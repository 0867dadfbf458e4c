"""What every `RemoteCalendar` keeps: the real adapter against the simulated Google, and the services' fake."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from aicalendar_tui.backend.credentials import StaticCredentials
from aicalendar_tui.backend.domain.errors import (
    ChannelIdNotUnique,
    Conflict,
    Duplicate,
    NotFound,
    NotWatchable,
    Rejected,
    SyncTokenExpired,
)
from aicalendar_tui.backend.domain.event import Resource, is_cancelled, new_event_id, original_start_of
from aicalendar_tui.backend.google.endpoint import Endpoint
from aicalendar_tui.backend.google.remotes import GoogleRemotes
from aicalendar_tui.backend.ports import RemoteCalendar
from aicalendar_tui.simulator.clock import SteerableClock, SystemClock
from aicalendar_tui.simulator.server import run_in_thread
from aicalendar_tui.simulator.world import World
from tests.fakes.remote_calendar import FakeRemoteCalendar

HOME = "ana@example.com"
PAGE_SIZE = 3


@dataclass(frozen=True)
class Account:
    """An account with two empty calendars, and what can happen to it at Google."""

    remote: RemoteCalendar
    other: str
    expire_sync_tokens: Callable[[], object]
    make_unwatchable: Callable[[str], object]


@pytest.fixture(params=["fake", "simulator"])
def account(request: pytest.FixtureRequest) -> Iterator[Account]:
    """Both kinds, one after the other."""
    if request.param == "fake":
        fake = FakeRemoteCalendar(HOME, "other@example.com", page_size=PAGE_SIZE)
        yield Account(fake, "other@example.com", fake.expire_sync_tokens, fake.unwatchable.add)
        return
    world = World(SteerableClock(SystemClock(), start=datetime(2026, 11, 23, 9, tzinfo=UTC)))
    user = world.add_user(HOME, "Ana", "Europe/Berlin", access_token="demo")
    other = world.add_calendar(user, "Other", "Europe/Berlin")
    with run_in_thread(world) as simulator:
        remotes = GoogleRemotes(
            StaticCredentials({"token": "demo"}), Endpoint(simulator.base_url), page_size=PAGE_SIZE, timeout_seconds=5
        )
        yield Account(
            remotes(HOME),
            other.id,
            world.expire_sync_tokens,
            lambda calendar_id: setattr(world.calendars[calendar_id], "watchable", False),
        )
        remotes.close()


def single(**fields: object) -> Resource:
    """A body for insert: an hour on a Monday morning in Berlin."""
    return {
        "id": new_event_id(),
        "summary": "Plan the week",
        "start": {"dateTime": "2026-11-23T09:00:00+01:00", "timeZone": "Europe/Berlin"},
        "end": {"dateTime": "2026-11-23T10:00:00+01:00", "timeZone": "Europe/Berlin"},
        **fields,
    }


def daily() -> Resource:
    """A series of ten mornings in Berlin; the instance of the 25th starts at 08:00 UTC."""
    return single(recurrence=["RRULE:FREQ=DAILY;COUNT=10"])


def drain(remote: RemoteCalendar, calendar_id: str, sync_token: str | None = None) -> tuple[list[Resource], str]:
    """All items and the next sync token."""
    items, page_token = [], None
    while True:
        page = remote.list_events(calendar_id, sync_token=sync_token, page_token=page_token)
        items += page.items
        page_token = page.next_page_token
        if page_token is None:
            assert page.next_sync_token
            return items, page.next_sync_token


def test_an_inserted_event_is_read_back_as_it_was_answered(account: Account) -> None:
    """With our id and an etag."""
    inserted = account.remote.insert_event(HOME, single())

    assert inserted == account.remote.get_event(HOME, inserted["id"])
    assert inserted["etag"]
    assert ("Plan the week", "confirmed") == (inserted["summary"], inserted["status"])


def test_the_same_id_is_inserted_once(account: Account) -> None:
    """The idempotency key: there is one event, whatever was sent again."""
    body = single()
    account.remote.insert_event(HOME, body)

    with pytest.raises(Duplicate):
        account.remote.insert_event(HOME, {**body, "summary": "again"})

    assert ["Plan the week"] == [event["summary"] for event in drain(account.remote, HOME)[0]]


def test_the_id_of_a_deleted_event_stays_taken(account: Account) -> None:
    """An insert that comes again after a delete brings nothing back."""
    body = single()
    account.remote.insert_event(HOME, body)
    account.remote.delete_event(HOME, body["id"])

    with pytest.raises(Duplicate):
        account.remote.insert_event(HOME, body)


def test_an_event_without_an_end_is_rejected(account: Account) -> None:
    """It would never be accepted: no retry."""
    body = single()
    del body["end"]

    with pytest.raises(Rejected):
        account.remote.insert_event(HOME, body)


def test_a_patch_changes_what_it_names_and_removes_what_it_nulls(account: Account) -> None:
    """The rest stays."""
    event = account.remote.insert_event(HOME, single(location="Room 1", description="long"))

    patched = account.remote.patch_event(HOME, event["id"], {"summary": "New", "location": None}, etag=event["etag"])

    assert ("New", None, "long") == tuple(patched.get(name) for name in ("summary", "location", "description"))
    assert patched["etag"] != event["etag"]
    assert patched == account.remote.get_event(HOME, event["id"])


def test_a_time_becomes_a_whole_day_and_a_time_again(account: Account) -> None:
    """Neither form leaves traces in the other."""
    event = account.remote.insert_event(HOME, single())
    days = {"start": {"date": "2026-11-23"}, "end": {"date": "2026-11-25"}}
    hours = {name: single()[name] for name in ("start", "end")}

    whole = account.remote.patch_event(HOME, event["id"], days, etag=event["etag"])
    timed = account.remote.patch_event(HOME, event["id"], hours, etag=whole["etag"])

    assert days == {name: whole[name] for name in ("start", "end")}
    assert hours == {name: timed[name] for name in ("start", "end")}


@pytest.mark.parametrize("verb", ["patch", "delete"])
def test_a_stale_etag_is_a_conflict_and_changes_nothing(account: Account, verb: str) -> None:
    """Somebody else was faster."""
    event = account.remote.insert_event(HOME, single())
    theirs = account.remote.patch_event(HOME, event["id"], {"summary": "Theirs"}, etag=event["etag"])

    calls: dict[str, Callable[[], object]] = {
        "patch": lambda: account.remote.patch_event(HOME, event["id"], {"summary": "Mine"}, etag=event["etag"]),
        "delete": lambda: account.remote.delete_event(HOME, event["id"], etag=event["etag"]),
    }

    with pytest.raises(Conflict):
        calls[verb]()

    assert theirs == account.remote.get_event(HOME, event["id"])


def test_a_deleted_event_is_read_as_cancelled_and_not_deleted_twice(account: Account) -> None:
    """The second time it is gone already."""
    event = account.remote.insert_event(HOME, single())
    account.remote.delete_event(HOME, event["id"], etag=event["etag"])

    assert is_cancelled(account.remote.get_event(HOME, event["id"]))
    with pytest.raises(NotFound):
        account.remote.delete_event(HOME, event["id"])


def test_a_deleted_event_takes_no_patch_but_the_one_that_restores_it(account: Account) -> None:
    """Undo of a delete."""
    event = account.remote.insert_event(HOME, single())
    account.remote.delete_event(HOME, event["id"])
    tombstone = account.remote.get_event(HOME, event["id"])

    with pytest.raises(NotFound):
        account.remote.patch_event(HOME, event["id"], {"summary": "x"}, etag=tombstone["etag"])
    whole = {name: event[name] for name in ("summary", "start", "end")}
    restored = account.remote.patch_event(HOME, event["id"], {**whole, "status": "confirmed"}, etag=tombstone["etag"])

    assert ("confirmed", "Plan the week") == (restored["status"], restored["summary"])


@pytest.mark.parametrize("verb", ["get", "patch", "delete", "find", "move", "list"])
def test_what_does_not_exist_is_not_found(account: Account, verb: str) -> None:
    """Events and calendars alike."""
    remote = account.remote
    calls: dict[str, Callable[[], object]] = {
        "get": lambda: remote.get_event(HOME, "nothere"),
        "patch": lambda: remote.patch_event(HOME, "nothere", {"summary": "x"}, etag='"1"'),
        "delete": lambda: remote.delete_event(HOME, "nothere"),
        "find": lambda: remote.find_instance(HOME, "nothere", "2026-11-23"),
        "move": lambda: remote.move_event(HOME, "nothere", account.other),
        "list": lambda: remote.list_events("nowhere@example.com"),
    }

    with pytest.raises(NotFound):
        calls[verb]()


def test_a_full_list_comes_in_pages_and_ends_with_a_token(account: Account) -> None:
    """Seven events in pages of three, each once."""
    bodies = [single(summary=f"Event {n}") for n in range(7)]
    for body in bodies:
        account.remote.insert_event(HOME, body)

    first = account.remote.list_events(HOME)
    items, token = drain(account.remote, HOME)

    assert first.next_page_token
    assert first.next_sync_token is None
    assert sorted(body["id"] for body in bodies) == sorted(item["id"] for item in items)
    assert ([], True) == (drain(account.remote, HOME, token)[0], bool(token))


def test_a_sync_token_brings_what_changed_since_and_nothing_else(account: Account) -> None:
    """New, changed and deleted ones; in pages, with the same token on each."""
    kept, changed, deleted = [account.remote.insert_event(HOME, single(summary=name)) for name in "abc"]
    _, token = drain(account.remote, HOME)
    account.remote.patch_event(HOME, changed["id"], {"summary": "B"}, etag=changed["etag"])
    account.remote.delete_event(HOME, deleted["id"])
    new = [account.remote.insert_event(HOME, single(summary=f"new {n}")) for n in range(3)]

    items, _ = drain(account.remote, HOME, token)

    by_id = {item["id"]: item for item in items}
    assert {changed["id"], deleted["id"], *(event["id"] for event in new)} == by_id.keys()
    assert "B" == by_id[changed["id"]]["summary"]
    assert is_cancelled(by_id[deleted["id"]])
    assert kept["id"] not in by_id


def test_an_edit_between_two_pages_is_in_the_next_sync(account: Account) -> None:
    """Nothing falls between a list and its token."""
    events = [account.remote.insert_event(HOME, single(summary=f"Event {n}")) for n in range(5)]
    page = account.remote.list_events(HOME)
    shown = next(event for event in events if event["id"] == page.items[0]["id"])
    account.remote.patch_event(HOME, shown["id"], {"summary": "late"}, etag=shown["etag"])
    while page.next_page_token:
        page = account.remote.list_events(HOME, page_token=page.next_page_token)

    items, _ = drain(account.remote, HOME, page.next_sync_token)

    assert [(shown["id"], "late")] == [(item["id"], item["summary"]) for item in items]


def test_an_expired_sync_token_asks_for_a_full_sync(account: Account) -> None:
    """Of events and of calendars; a fresh list works."""
    _, token = drain(account.remote, HOME)
    calendars = account.remote.list_calendars().next_sync_token
    account.expire_sync_tokens()

    with pytest.raises(SyncTokenExpired):
        account.remote.list_events(HOME, sync_token=token)
    with pytest.raises(SyncTokenExpired):
        account.remote.list_calendars(sync_token=calendars)

    assert drain(account.remote, HOME)[1] != token


def test_a_series_is_listed_as_itself(account: Account) -> None:
    """Not as its instances."""
    series = account.remote.insert_event(HOME, daily())

    items, _ = drain(account.remote, HOME)

    assert [(series["id"], ["RRULE:FREQ=DAILY;COUNT=10"])] == [(item["id"], item["recurrence"]) for item in items]


def test_an_instance_is_found_plain_changed_and_cancelled(account: Account) -> None:
    """By the series and its original start, through its whole life."""
    remote, start = account.remote, "2026-11-25T08:00:00Z"
    series = remote.insert_event(HOME, daily())

    plain = remote.find_instance(HOME, series["id"], start)
    assert plain
    assert (start, series["id"], "Plan the week") == (
        original_start_of(plain), plain["recurringEventId"], plain["summary"],
    )  # fmt: skip
    moved = {
        "start": {"dateTime": "2026-11-25T15:00:00+01:00", "timeZone": "Europe/Berlin"},
        "end": {"dateTime": "2026-11-25T16:00:00+01:00", "timeZone": "Europe/Berlin"},
    }
    changed = remote.patch_event(HOME, plain["id"], moved, etag=plain["etag"])
    assert changed == remote.find_instance(HOME, series["id"], start)
    assert moved["start"] == changed["start"]

    remote.delete_event(HOME, plain["id"], etag=changed["etag"])
    cancelled = remote.find_instance(HOME, series["id"], start)

    assert cancelled
    assert (True, start) == (is_cancelled(cancelled), original_start_of(cancelled))


def test_a_cancelled_instance_can_come_back(account: Account) -> None:
    """Undo of "delete this one"."""
    remote, start = account.remote, "2026-11-25T08:00:00Z"
    series = remote.insert_event(HOME, daily())
    plain = remote.find_instance(HOME, series["id"], start)
    assert plain
    remote.delete_event(HOME, plain["id"])
    cancelled = remote.find_instance(HOME, series["id"], start)
    assert cancelled

    restored = remote.patch_event(HOME, cancelled["id"], {"status": "confirmed"}, etag=cancelled["etag"])

    assert ("confirmed", start) == (restored["status"], original_start_of(restored))


def test_there_is_no_instance_where_the_series_has_none(account: Account) -> None:
    """Another time, another day, after its end; of whole days by date."""
    timed = account.remote.insert_event(HOME, daily())
    days = {"start": {"date": "2026-11-23"}, "end": {"date": "2026-11-24"}}
    whole = account.remote.insert_event(HOME, {**daily(), **days})

    found = [
        account.remote.find_instance(HOME, event_id, start) is not None
        for event_id, start in [
            (timed["id"], "2026-11-25T09:00:00Z"),
            (timed["id"], "2027-11-25T08:00:00Z"),
            (whole["id"], "2026-11-25"),
            (whole["id"], "2026-12-25"),
        ]
    ]

    assert [False, False, True, False] == found


def test_changed_and_cancelled_instances_are_items_of_their_own(account: Account) -> None:
    """With the series' id and the original start, which is all that a tombstone promises."""
    remote = account.remote
    series = remote.insert_event(HOME, daily())
    _, token = drain(remote, HOME)
    for start, verb in (("2026-11-24T08:00:00Z", "patch"), ("2026-11-25T08:00:00Z", "delete")):
        instance = remote.find_instance(HOME, series["id"], start)
        assert instance
        if verb == "patch":
            remote.patch_event(HOME, instance["id"], {"summary": "Other"}, etag=instance["etag"])
        else:
            remote.delete_event(HOME, instance["id"])

    items = [item for item in drain(remote, HOME, token)[0] if item["id"] != series["id"]]

    assert {("2026-11-24T08:00:00Z", False), ("2026-11-25T08:00:00Z", True)} == {
        (original_start_of(item), is_cancelled(item)) for item in items
    }
    assert {series["id"]} == {item["recurringEventId"] for item in items}


def test_a_deleted_series_takes_its_exceptions_along(account: Account) -> None:
    """No list mentions them, so whoever keeps a copy has to drop them with the series."""
    remote = account.remote
    series = remote.insert_event(HOME, daily())
    instance = remote.find_instance(HOME, series["id"], "2026-11-25T08:00:00Z")
    assert instance
    remote.patch_event(HOME, instance["id"], {"summary": "Other"}, etag=instance["etag"])
    _, token = drain(remote, HOME)
    remote.delete_event(HOME, series["id"])

    changes, everything = drain(remote, HOME, token)[0], drain(remote, HOME)[0]

    assert [(series["id"], True)] == [(item["id"], is_cancelled(item)) for item in changes]
    assert not [item for item in everything if not is_cancelled(item)]
    with pytest.raises(NotFound):
        remote.find_instance(HOME, series["id"], "2026-11-25T08:00:00Z")


def test_a_moved_event_is_gone_here_and_whole_there(account: Account) -> None:
    """Under the same id."""
    event = account.remote.insert_event(HOME, single())
    _, token = drain(account.remote, HOME)

    moved = account.remote.move_event(HOME, event["id"], account.other)

    assert (event["id"], "Plan the week") == (moved["id"], moved["summary"])
    assert "Plan the week" == account.remote.get_event(account.other, event["id"])["summary"]
    assert [(event["id"], True)] == [
        (item["id"], is_cancelled(item)) for item in drain(account.remote, HOME, token)[0]
    ]
    with pytest.raises(NotFound):
        account.remote.move_event(HOME, event["id"], account.other)


def test_the_list_of_calendars_names_them_with_their_roles(account: Account) -> None:
    """One of them is the primary one."""
    page = account.remote.list_calendars()

    assert {HOME, account.other} == {entry["id"] for entry in page.items}
    assert [HOME] == [entry["id"] for entry in page.items if entry.get("primary")]
    assert {"owner"} == {entry["accessRole"] for entry in page.items}
    assert [] == account.remote.list_calendars(sync_token=page.next_sync_token).items


def watch(account: Account, channel_id: str, calendar_id: str = HOME) -> str:
    """Opens a channel to an address that nobody listens at; returns its resource id."""
    return account.remote.watch_events(
        calendar_id, channel_id=channel_id, token="t", address="http://127.0.0.1:9/hook", ttl_seconds=3600
    ).resource_id


def test_a_channel_is_opened_once_and_stopped_once(account: Account) -> None:
    """Its id can't be used again, and stopping needs both ids."""
    resource_id = watch(account, "channel-1")
    with pytest.raises(ChannelIdNotUnique):
        watch(account, "channel-1")
    with pytest.raises(NotFound):
        account.remote.stop_channel(channel_id="channel-1", resource_id="another")

    account.remote.stop_channel(channel_id="channel-1", resource_id=resource_id)

    with pytest.raises(NotFound):
        account.remote.stop_channel(channel_id="channel-1", resource_id=resource_id)


def test_channels_of_one_calendar_share_its_resource(account: Account) -> None:
    """So the resource id names no channel; another calendar has another."""
    first, second, third = watch(account, "a"), watch(account, "b"), watch(account, "c", account.other)

    assert (True, False) == (first == second, first == third)


def test_a_channel_ends_when_it_says(account: Account) -> None:
    """In milliseconds, an hour from now at the most."""
    answers = [
        account.remote.watch_events(
            HOME, channel_id=f"c{hours}", token="t", address="http://127.0.0.1:9/hook", ttl_seconds=hours * 3600
        ).expiration_ms
        for hours in (1, 2)
    ]

    assert answers[0]
    assert answers[1]
    assert 3600 == pytest.approx((answers[1] - answers[0]) / 1000, abs=60)


def test_a_calendar_may_offer_no_notifications(account: Account) -> None:
    """It can be polled all the same."""
    account.make_unwatchable(account.other)

    with pytest.raises(NotWatchable):
        watch(account, "channel-1", account.other)

    assert [] == account.remote.list_events(account.other).items
