"""The waits between the starts of a service that keeps ending."""

from aicalendar_tui.launcher.backoff import Backoff


def test_waits_double_and_after_five_quick_ends_are_the_longest() -> None:
    """0.2 s to 10 s."""
    backoff = Backoff()
    assert [0.2, 0.4, 0.8, 1.6, 10, 10] == [backoff.next_wait(1) for _ in range(6)]
    assert backoff.failed


def test_a_life_of_some_length_is_a_new_beginning() -> None:
    """The failure is forgotten with it."""
    backoff = Backoff()
    for _ in range(7):
        backoff.next_wait(9.9)
    assert 0.2 == backoff.next_wait(10)
    assert not backoff.failed


def test_no_wait_is_longer_than_the_longest() -> None:
    """Also while hope is left."""
    backoff = Backoff(first_seconds=4, longest_seconds=6, quick_ends=100)
    assert [4, 6, 6] == [backoff.next_wait(0) for _ in range(3)]
