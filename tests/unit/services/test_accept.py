"""Notifications: one that is known marks its calendar dirty, a forged one changes nothing."""

from pathlib import Path

import pytest

from aicalendar_tui.backend.domain.channel import Channel, ChannelState, Notification, hash_token
from aicalendar_tui.backend.domain.errors import Transient
from tests.unit.services.household import HOME, USER, Household

TOKEN = "only google knows"


@pytest.fixture
def watched(house: Household) -> Household:
    """With an active channel `c-1`."""
    put_channel(house, "active")
    return house


def put_channel(house: Household, state: ChannelState) -> None:
    """The channel `c-1` in that state."""
    with house.store.write() as unit:
        unit.put_channel(
            Channel(channel_id="c-1", user_id=USER, calendar_id=HOME, token_hash=hash_token(TOKEN), state=state)
        )


def note(token: str = TOKEN, channel_id: str = "c-1", **fields: object) -> Notification:
    """What Google's headers say."""
    return Notification(channel_id=channel_id, token=token, **fields)  # pyright: ignore[reportArgumentType]


def dump(house: Household) -> dict[str, bytes]:
    """Every row of every table, as SQLite prints them."""
    tables = ("account", "calendar", "channel", "task", "event", "instance", "change", "undo")
    with house.store.read() as unit:
        return {table: repr(unit._sql(f"SELECT * FROM {table}")).encode() for table in tables}


def test_known_token_marks_the_calendar_dirty_and_enqueues_a_pull(watched: Household) -> None:
    """The way in begins here."""
    assert "accepted" == watched.accept(note())
    with watched.store.read() as unit:
        state = unit.sync_state(USER, HOME)
    assert (True, True) == (state.dirty_seq > state.synced_seq, state.queued)
    assert [("calendar.pull", HOME)] == watched.sent()


@pytest.mark.parametrize(
    "forged", [note("wrong"), note(""), note(TOKEN + " "), note(channel_id="c-2"), note("тайна")]
)
def test_s6_forged_notification_writes_nothing(watched: Household, forged: Notification) -> None:
    """Not even a counter moves."""
    before = dump(watched)
    assert "unknown" == watched.accept(forged)
    assert (before, []) == (dump(watched), watched.sent())


def test_burst_of_notifications_enqueues_once_until_the_pull_begins(watched: Household) -> None:
    """`queued` flips once; the pull clears it at its start."""
    for _ in range(50):
        watched.accept(note())
    assert 1 == len(watched.sent())
    watched.pull(USER, HOME)
    watched.accept(note())
    assert 2 == len(watched.sent())


def test_protocol_3_old_message_number_is_not_dropped(watched: Household) -> None:
    """It may be the only trace of a change."""
    watched.accept(note(message_number=9))
    watched.pull(USER, HOME)
    assert "accepted" == watched.accept(note(message_number=2))
    assert 2 == len(watched.sent())


@pytest.mark.parametrize("state", ["sync", "exists", "not_exists", "something new"])
def test_protocol_1_any_resource_state_means_dirty(watched: Household, state: str) -> None:
    """Unknown ones too."""
    assert "accepted" == watched.accept(note(resource_state=state))


@pytest.mark.parametrize("state", ["pending", "retiring"])
def test_protocol_9_tokens_of_new_and_of_leaving_channels_are_good(house: Household, state: ChannelState) -> None:
    """`sync` may come before the answer; the old channel counts until it is dead."""
    put_channel(house, state)
    assert "accepted" == house.accept(note())


def test_protocol_10_message_after_the_stop_does_nothing(house: Household) -> None:
    """Answered well, but without a trace."""
    put_channel(house, "dead")
    before = dump(house)
    assert "retired" == house.accept(note())
    assert (before, []) == (dump(house), house.sent())


def test_protocol_4_failed_enqueue_is_told_and_the_next_message_tries_again(watched: Household) -> None:
    """503 makes Google send it again; `queued` must not stay on."""
    watched.queue.away = True
    with pytest.raises(Transient):
        watched.accept(note())
    with watched.store.read() as unit:
        state = unit.sync_state(USER, HOME)
    assert (False, True) == (state.queued, state.dirty_seq > state.synced_seq)
    watched.queue.away = False
    assert "accepted" == watched.accept(note())
    assert [("calendar.pull", HOME)] == watched.sent()


def test_last_message_is_noted(watched: Household) -> None:
    """For the status, and for nothing else."""
    watched.accept(note())
    with watched.store.read() as unit:
        channel = unit.channel("c-1")
    assert channel is not None
    assert watched.clock.epoch() == channel.last_message_at


def test_message_for_a_calendar_that_left_the_list_is_accepted_quietly(tmp_path: Path, house: Household) -> None:
    """Its channel is being stopped; there is nothing to pull."""
    put_channel(house, "active")
    with house.store.write() as unit:
        unit.delete_calendar(USER, HOME)
    assert ("accepted", []) == (house.accept(note()), house.sent())


def test_token_is_not_in_the_database(watched: Household) -> None:
    """Kept hashed (PROTOCOL 15)."""
    watched.accept(note())
    assert [] == [path.name for path in watched.folder.glob("calendar.db*") if TOKEN.encode() in path.read_bytes()]
