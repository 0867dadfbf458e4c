"""When a pull waits for more notifications: never for a change that comes alone."""

import pytest

from aicalendar_tui.backend.domain.pacing import (
    BURST,
    FLOOD,
    FLOOD_SECONDS,
    MEANWHILE,
    RESTED_SECONDS,
    STREAM,
    goes_on,
    is_burst,
    is_flood,
)


@pytest.mark.parametrize("rested", [0, 1, RESTED_SECONDS, 1_000])
def test_change_that_comes_alone_never_waits(rested: int) -> None:
    """However short the last pull is ago; also when two channels tell of it."""
    assert not is_burst(pending=1, rested_seconds=rested, begun=STREAM - 1)
    assert not is_burst(pending=2, rested_seconds=rested, begun=STREAM - 1)
    assert not goes_on(meanwhile=1, waited=False)


def test_burst_waits_only_when_the_calendar_was_pulled_just_now() -> None:
    """The first of many is fetched at once."""
    assert is_burst(pending=BURST, rested_seconds=RESTED_SECONDS - 1, begun=0)
    assert not is_burst(pending=1_000, rested_seconds=RESTED_SECONDS, begun=0)


def test_clock_that_was_set_back_makes_nothing_wait() -> None:
    """A last pull in the future says nothing."""
    assert not is_burst(pending=1_000, rested_seconds=-3_600, begun=STREAM)
    assert not is_flood(came=1_000, rested_seconds=-3_600)


def test_poll_of_a_clean_calendar_never_waits() -> None:
    """Nobody told of anything, and it is asked all the same."""
    assert not is_burst(pending=0, rested_seconds=0, begun=STREAM)


def test_stream_is_paced_from_its_fiftieth_pull_on() -> None:
    """Evenly spaced changes look like lone ones, but for their number."""
    assert is_burst(pending=1, rested_seconds=1, begun=STREAM)


def test_flood_waits_on_but_not_for_ever() -> None:
    """A slower one is fetched after its pause, so that a stream is never older than that."""
    assert is_flood(came=FLOOD, rested_seconds=FLOOD_SECONDS - 1)
    assert not is_flood(came=FLOOD - 1, rested_seconds=0)
    assert not is_flood(came=1_000, rested_seconds=FLOOD_SECONDS)


def test_two_that_come_during_a_pull_are_a_burst() -> None:
    """One is enough for a pull that waited for a burst already."""
    assert goes_on(meanwhile=MEANWHILE, waited=False)
    assert goes_on(meanwhile=1, waited=True)
    assert not goes_on(meanwhile=0, waited=True)
