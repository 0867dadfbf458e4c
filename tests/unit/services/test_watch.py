"""Live updates: channels from their opening to their end, and calendars that can't have any."""

import pytest

from aicalendar_tui.backend.domain.channel import Channel, Notification
from aicalendar_tui.backend.domain.errors import (
    AddressRefused,
    CalendarError,
    ChannelIdNotUnique,
    NotFound,
    Transient,
    Unreachable,
)
from aicalendar_tui.backend.services.backstop import SWEEP_SECONDS
from tests.unit.services.household import ADDRESS, HOME, USER, Household

WEBHOOK = ADDRESS + "/webhook/google-calendar"


@pytest.fixture
def wanted(house: Household) -> Household:
    """Live updates are asked for, and there is an address."""
    house.watch.publish_address(ADDRESS)
    house.watch.set_live(USER, HOME, True)
    house.finish_tasks()
    return house


def channels(house: Household) -> list[Channel]:
    """All of them, dead ones too."""
    with house.store.read() as unit:
        return unit.channels(USER)


def live(house: Household) -> str:
    """The state that the sidebar shows."""
    return house.read.calendars(USER).calendars[0].live


def test_wish_is_stored_and_its_fulfilment_requested(house: Household) -> None:
    """One key; the worker does the rest."""
    house.watch.publish_address(ADDRESS)
    assert "polling" == live(house)
    (task_id,) = house.watch.set_live(USER, HOME, True)
    assert ([task_id], "calendar.watch", "starting") == (
        [task.task_id for task in house.queue.sent],
        house.queue.sent[0].name,
        live(house),
    )


def test_wish_is_kept_while_redis_is_away(house: Household) -> None:
    """The backstop fulfils it."""
    house.watch.publish_address(ADDRESS)
    house.queue.away = True
    with pytest.raises(Transient):
        house.watch.set_live(USER, HOME, True)
    assert "starting" == live(house)


def test_unknown_user_or_calendar_is_not_found(house: Household) -> None:
    """Nothing is stored for them."""
    for user_id, calendar_id in (("nobody", HOME), (USER, "nowhere"), ("nobody", None)):
        with pytest.raises(NotFound):
            house.watch.set_live(user_id, calendar_id, True)


def test_protocol_2_row_is_written_before_the_call(wanted: Household) -> None:
    """`sync` may arrive before the answer."""
    seen: list[tuple[str, str]] = []
    wanted.google.before_next("watch_events", lambda: seen.extend((c.channel_id, c.state) for c in channels(wanted)))
    assert wanted.watch.start(USER, HOME)
    (call,) = [call for call in wanted.google.calls if call.operation == "watch_events"]
    assert [(call.arguments["channel_id"], "pending")] == seen
    assert WEBHOOK == call.arguments["address"]


def test_protocol_13_channel_keeps_googles_expiry_and_asks_for_a_pull(wanted: Household) -> None:
    """PROTOCOL 13; what changed before the channel stood is fetched."""
    wanted.watch.start(USER, HOME)
    (channel,) = channels(wanted)
    google = wanted.google.channels[channel.channel_id]
    assert ("active", google["resource_id"], google["expiration_ms"]) == (
        channel.state,
        channel.resource_id,
        channel.expiration_ms,
    )
    assert ("live", [("calendar.pull", HOME)]) == (live(wanted), wanted.sent())


def test_protocol_15_token_is_kept_hashed(wanted: Household) -> None:
    """Google alone has it."""
    wanted.watch.start(USER, HOME)
    (channel,) = channels(wanted)
    token = wanted.google.channels[channel.channel_id]["token"]
    assert token not in repr(channel)
    assert not any(token in repr(task) for task in wanted.queue.sent)


def test_good_channel_is_not_opened_twice(wanted: Household) -> None:
    """A task that is delivered again does nothing."""
    wanted.watch.start(USER, HOME)
    assert wanted.watch.start(USER, HOME)
    assert 1 == len(wanted.google.channels)


def test_protocol_9_renewal_opens_the_new_one_before_it_stops_the_old(wanted: Household) -> None:
    """No gap in which a message could be lost."""
    wanted.watch.start(USER, HOME)
    (old,) = channels(wanted)
    assert old.expiration_ms is not None
    wanted.clock.seconds = old.expiration_ms // 1000 - 3600
    wanted.finish_tasks()
    wanted.backstop()
    assert ("calendar.watch", HOME) in wanted.sent()
    open_at_stop: list[int] = []
    wanted.google.before_next("stop_channel", lambda: open_at_stop.append(len(wanted.google.channels)))
    wanted.watch.start(USER, HOME)
    assert [2] == open_at_stop
    states = {channel.channel_id: channel.state for channel in channels(wanted)}
    assert "dead" == states.pop(old.channel_id)
    assert ["active"] == list(states.values())


def test_protocol_14_new_address_gets_new_channels(wanted: Household) -> None:
    """ngrok's changes at each start."""
    wanted.watch.start(USER, HOME)
    assert wanted.watch.publish_address("https://other.example.com")
    assert not wanted.watch.publish_address("https://other.example.com")
    assert not wanted.watch.publish_address("https://other.example.com", "shaky")
    assert "shaky" == wanted.read.tunnel_problem()
    wanted.finish_tasks()
    wanted.backstop()
    assert ("calendar.watch", HOME) in wanted.sent()
    wanted.watch.start(USER, HOME)
    (channel,) = wanted.google.channels.values()
    assert channel["address"].startswith("https://other.example.com/")


def test_protocol_10_taken_channel_id_is_replaced(wanted: Household) -> None:
    """And its row is dead."""
    wanted.google.fail("watch_events", ChannelIdNotUnique(code=400, reason="channelIdNotUnique"), times=2)
    assert wanted.watch.start(USER, HOME)
    assert ["active", "dead", "dead"] == sorted(channel.state for channel in channels(wanted))


def test_id_that_is_taken_again_and_again_is_given_up(wanted: Household) -> None:
    """Not an endless loop."""
    wanted.google.fail("watch_events", ChannelIdNotUnique(code=400, reason="channelIdNotUnique"), times=9)
    with pytest.raises(ChannelIdNotUnique):
        wanted.watch.start(USER, HOME)
    assert {"dead"} == {channel.state for channel in channels(wanted)}


def test_protocol_12_calendar_that_can_t_be_watched_is_polled_and_healthy(wanted: Household) -> None:
    """And is not asked for again."""
    wanted.google.unwatchable.add(HOME)
    assert not wanted.watch.start(USER, HOME)
    assert "unwatchable" == live(wanted)
    wanted.backstop()
    assert ("calendar.watch", HOME) not in wanted.sent()


def test_protocol_7_refused_address_is_told(wanted: Household) -> None:
    """In words that say what happens instead; also after the task's own note of the fault."""
    wanted.google.refused_addresses.add(WEBHOOK)
    with pytest.raises(AddressRefused) as refused:
        wanted.watch.start(USER, HOME)
    wanted.trouble(USER, HOME, refused.value)
    problem = wanted.read.calendars(USER).calendars[0].problem
    assert "address" in problem
    assert "polled" in problem


@pytest.mark.parametrize("missing", ["address", "wish"])
def test_without_address_or_wish_nothing_is_opened(house: Household, missing: str) -> None:
    """Polling is no error."""
    if missing == "wish":
        house.watch.publish_address(ADDRESS)
    else:
        house.watch.set_live(USER, HOME, True)
    assert not house.watch.start(USER, HOME)
    assert {} == house.google.channels


def test_unsubscribe_stops_the_channel_and_drops_the_wish(wanted: Household) -> None:
    """And an unknown one is told apart."""
    wanted.watch.start(USER, HOME)
    (channel,) = channels(wanted)
    wanted.finish_tasks()
    assert wanted.watch.unsubscribe(channel.channel_id) is not None
    assert [("calendar.unwatch", HOME)] == wanted.sent()
    assert 1 == wanted.watch.stop(USER, HOME)
    assert ({}, "polling") == (wanted.google.channels, live(wanted))
    assert (None, None) == (wanted.watch.unsubscribe(channel.channel_id), wanted.watch.unsubscribe("nobody"))


def test_channel_that_is_wanted_again_is_not_stopped(wanted: Household) -> None:
    """Two keys in a row: the later wish counts."""
    wanted.watch.start(USER, HOME)
    wanted.watch.set_live(USER, HOME, False)
    wanted.watch.set_live(USER, HOME, True)
    assert 0 == wanted.watch.stop(USER, HOME)
    assert 1 == len(wanted.google.channels)


def test_channel_that_google_ended_by_itself_is_buried(wanted: Household) -> None:
    """404 on stop is what was wanted."""
    wanted.watch.start(USER, HOME)
    wanted.google.channels.clear()
    wanted.watch.set_live(USER, HOME, False)
    assert 1 == wanted.watch.stop(USER, HOME)
    assert ["dead"] == [channel.state for channel in channels(wanted)]


def test_protocol_11_channel_that_could_not_be_stopped_is_still_in_the_ledger(wanted: Household) -> None:
    """Until it is known dead."""
    wanted.watch.start(USER, HOME)
    wanted.watch.set_live(USER, HOME, False)
    wanted.google.fail("stop_channel", Unreachable())
    with pytest.raises(Unreachable):
        wanted.watch.stop(USER, HOME)
    assert ["retiring"] == [channel.state for channel in channels(wanted)]
    wanted.finish_tasks()
    wanted.clock.advance(SWEEP_SECONDS)
    wanted.backstop()
    assert ("calendar.unwatch", HOME) in wanted.sent()
    wanted.watch.stop(USER, HOME)
    assert {} == wanted.google.channels


def test_lost_answer_of_a_watch_is_tried_again(wanted: Household) -> None:
    """The calendar is live in the end."""
    wanted.google.fail("watch_events", Unreachable(), after=True)
    with pytest.raises(CalendarError):
        wanted.watch.start(USER, HOME)
    assert "starting" == live(wanted)
    assert wanted.watch.start(USER, HOME)
    assert "live" == live(wanted)


def test_protocol_11_channel_whose_answer_was_lost_is_stopped_in_the_end(wanted: Household) -> None:
    """It is never counted as live; the resourceId that ends it is the calendar's, so the next channel tells it."""
    wanted.google.fail("watch_events", Unreachable(), after=True)
    with pytest.raises(Unreachable):
        wanted.watch.start(USER, HOME)
    (lost,) = channels(wanted)
    assert ("pending", "", {lost.channel_id}) == (lost.state, lost.resource_id, set(wanted.google.channels))
    assert wanted.watch.start(USER, HOME)
    assert ["active", "dead"] == sorted(channel.state for channel in channels(wanted))
    assert lost.channel_id not in wanted.google.channels
    assert 1 == len(wanted.google.channels)


def test_protocol_2_first_notification_tells_how_to_stop_a_channel_whose_answer_was_lost(wanted: Household) -> None:
    """Also when the calendar is not to be live any more, so that no other channel is opened."""
    wanted.google.fail("watch_events", Unreachable(), after=True)
    with pytest.raises(Unreachable):
        wanted.watch.start(USER, HOME)
    (lost,) = channels(wanted)
    wanted.watch.set_live(USER, HOME, False)
    assert 0 == wanted.watch.stop(USER, HOME)
    token = wanted.google.channels[lost.channel_id]["token"]
    resource_id = wanted.google.channels[lost.channel_id]["resource_id"]
    notification = Notification(channel_id=lost.channel_id, token=token, resource_id=resource_id)
    assert "accepted" == wanted.accept(notification)
    assert 1 == wanted.watch.stop(USER, HOME)
    assert ({}, ["dead"]) == (wanted.google.channels, [channel.state for channel in channels(wanted)])


def test_answer_does_not_undo_what_the_first_notification_left(wanted: Household) -> None:
    """It may come before the answer (PROTOCOL 2)."""

    def notify() -> None:
        (pending,) = channels(wanted)
        with wanted.store.write() as unit:
            unit.touch_channel(pending.channel_id, last_message_at=7)

    wanted.google.before_next("watch_events", notify)
    wanted.watch.start(USER, HOME)
    assert [("active", 7)] == [(channel.state, channel.last_message_at) for channel in channels(wanted)]


def test_two_workers_at_one_calendar_do_not_stop_each_others_channel(wanted: Household) -> None:
    """The second one finds the first at it and does nothing."""
    answers: list[bool] = []
    wanted.google.before_next("watch_events", lambda: answers.append(wanted.watch.start(USER, HOME)))
    wanted.google.before_next("watch_events", lambda: answers.append(bool(wanted.watch.stop(USER, HOME))))
    assert wanted.watch.start(USER, HOME)
    assert wanted.watch.start(USER, HOME)
    assert [False] == answers
    assert (["active"], 1) == ([channel.state for channel in channels(wanted)], len(wanted.google.channels))


def test_old_channel_that_can_t_be_stopped_now_leaves_the_calendar_live(wanted: Household) -> None:
    """Both tokens are accepted meanwhile; the backstop comes back to it."""
    wanted.watch.start(USER, HOME)
    (old,) = channels(wanted)
    wanted.watch.publish_address("https://other.example.com")
    wanted.google.fail("stop_channel", Transient("500"))
    assert wanted.watch.start(USER, HOME)
    assert "live" == live(wanted)
    token = wanted.google.channels[old.channel_id]["token"]
    assert "accepted" == wanted.accept(Notification(channel_id=old.channel_id, token=token))
    wanted.finish_tasks()
    wanted.clock.advance(SWEEP_SECONDS)
    wanted.backstop()
    assert ("calendar.watch", HOME) in wanted.sent()
    assert wanted.watch.start(USER, HOME)
    assert ["active", "dead"] == sorted(channel.state for channel in channels(wanted))
    assert 1 == len(wanted.google.channels)
    wanted.finish_tasks()
    wanted.clock.advance(SWEEP_SECONDS)
    wanted.backstop()
    assert ("calendar.watch", HOME) not in wanted.sent()


def test_expired_channel_is_dead_by_itself(wanted: Household) -> None:
    """And a message of it changes nothing."""
    wanted.watch.start(USER, HOME)
    (channel,) = channels(wanted)
    assert channel.expiration_ms is not None
    wanted.clock.seconds = channel.expiration_ms // 1000
    wanted.backstop()
    assert (["dead"], "starting") == ([channel.state for channel in channels(wanted)], live(wanted))


def test_channel_of_a_calendar_that_is_gone_is_stopped(wanted: Household) -> None:
    """It left the list while it was live."""
    wanted.watch.start(USER, HOME)
    wanted.google.put_calendar({"id": "work", "summary": "Work", "accessRole": "owner"})
    wanted.pull_list(USER)
    wanted.finish_tasks()
    with wanted.store.write() as unit:
        unit.delete_calendar(USER, HOME)
    wanted.clock.advance(SWEEP_SECONDS)
    wanted.backstop()
    assert ("calendar.unwatch", HOME) in wanted.sent()
    assert 1 == wanted.watch.stop(USER, HOME)
    assert {} == wanted.google.channels


def test_without_an_address_the_calendar_is_polled_and_shown_so(wanted: Household) -> None:
    """The tunnel fell; when it stands again, what was missed is fetched and the same channel does."""
    wanted.watch.start(USER, HOME)
    wanted.pull(USER, HOME)
    wanted.finish_tasks()
    wanted.watch.publish_address("")
    assert "polling" == live(wanted)
    wanted.clock.advance(wanted.backstop.poll_seconds)
    wanted.backstop()
    assert ("calendar.pull", HOME) in wanted.sent()
    wanted.pull(USER, HOME)
    wanted.finish_tasks()
    wanted.watch.publish_address(ADDRESS)
    wanted.backstop()
    assert ("live", [("calendar.pull", HOME)]) == (live(wanted), wanted.sent())


def test_protocol_14_channel_of_another_address_is_not_live(wanted: Household) -> None:
    """Nothing arrives through it any more."""
    wanted.watch.start(USER, HOME)
    wanted.watch.publish_address("https://other.example.com")
    assert "starting" == live(wanted)


def test_channels_of_a_passing_address_are_stopped_when_it_is_left(wanted: Household) -> None:
    """What Google could not be told is retiring already, for the next start."""
    wanted.watch.start(USER, HOME)
    wanted.google.fail("stop_channel", Unreachable())
    assert 0 == wanted.watch.leave()
    assert ["retiring"] == [channel.state for channel in channels(wanted)]
    wanted.watch.start(USER, HOME)
    assert 1 == wanted.watch.leave()
    assert ({}, {"dead"}) == (wanted.google.channels, {channel.state for channel in channels(wanted)})
