"""Channels' tokens and renewal, and when a failed task is tried again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aicalendar_tui.backend.domain.channel import Channel, hash_token, renewal_is_due, token_matches
from aicalendar_tui.backend.domain.errors import Transient
from aicalendar_tui.backend.domain.retry import LONGEST_SECONDS, MAX_RETRIES, retry_delay

DAY = 86_400


def channel(*, life: int | None, created_at: int = 0) -> Channel:
    """That lives so many seconds."""
    expiration_ms = None if life is None else (created_at + life) * 1000
    return Channel(
        channel_id="c",
        user_id="ana",
        calendar_id="home",
        token_hash=hash_token("secret"),
        expiration_ms=expiration_ms,
        created_at=created_at,
    )


@given(st.text())
def test_only_the_very_token_matches(token: str) -> None:
    """Kept as a hash, compared whole."""
    assert (token == "secret") is token_matches(channel(life=1), token)


@pytest.mark.parametrize(
    ("life", "due_at"), [(7 * DAY, 6 * DAY), (30 * DAY, 29 * DAY), (DAY, 0.8 * DAY), (3600, 2880)]
)
def test_protocol_9_renewal_is_due_a_day_or_a_fifth_of_the_life_before_the_end(life: int, due_at: float) -> None:
    """Whichever is shorter."""
    due = int(due_at)
    assert (False, True) == (renewal_is_due(channel(life=life), due - 1), renewal_is_due(channel(life=life), due))


def test_jitter_moves_renewal_earlier_by_a_tenth_of_the_margin_at_most() -> None:
    """Many channels opened together are not renewed together."""
    a_week = channel(life=7 * DAY)
    assert not renewal_is_due(a_week, int(5.9 * DAY) - 1, jitter=0.999)
    assert renewal_is_due(a_week, 6 * DAY - 1, jitter=0.5)


def test_channel_without_end_is_never_due() -> None:
    """Google gave none."""
    assert not renewal_is_due(channel(life=None), 10**12)


@given(st.integers(0, MAX_RETRIES - 1), st.floats(0, 1, exclude_max=True))
def test_protocol_31_delay_is_exponential_with_full_jitter(retries: int, jitter: float) -> None:
    """1, 2, 4 s at most."""
    delay = retry_delay(retries, Transient(), jitter)
    assert delay is not None
    assert 0 <= delay < 2**retries + 1e-9


def test_three_retries_and_no_more() -> None:
    """Then the backstop takes it."""
    assert retry_delay(MAX_RETRIES, Transient(), 0.5) is None


def test_retry_after_is_a_lower_bound_that_is_bounded_itself() -> None:
    """An hour in a worker would be done twice by the broker."""
    assert 30 == retry_delay(0, Transient(retry_after_seconds=30), 0.1)
    assert LONGEST_SECONDS == retry_delay(0, Transient(retry_after_seconds=7200), 0.1)
