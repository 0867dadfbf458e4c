"""Several beats do no harm: one round of the backstop at a time, whoever asks for it."""

from dataclasses import replace
from pathlib import Path

from aicalendar_tui.backend.store.lock import FileLock
from tests.unit.services.household import Household


def test_second_beat_leaves_the_round_to_the_first(fresh: Household, tmp_path: Path) -> None:
    """While another process looks, nothing is requested here; once it is done, the next round is ours."""
    lock = FileLock(tmp_path)
    backstop = replace(fresh.backstop, lock=FileLock(tmp_path))
    with lock.hold("backstop") as free:
        assert free
        assert 0 == backstop()
        assert [] == fresh.sent()
    assert 1 == backstop()
    assert [("calendar.pull_list", None)] == fresh.sent()


def test_rounds_of_two_beats_request_a_task_once(fresh: Household, tmp_path: Path) -> None:
    """The second round finds open what the first requested."""
    first, second = (replace(fresh.backstop, lock=FileLock(tmp_path)) for _ in range(2))
    assert (1, 0) == (first(), second())
    assert [("calendar.pull_list", None)] == fresh.sent()


def test_first_look_after_a_start_waits_for_nobody(fresh: Household, tmp_path: Path) -> None:
    """Only the worker that begins knows that what a former one was doing is lost."""
    with FileLock(tmp_path).hold("backstop"):
        assert 1 == replace(fresh.backstop, lock=FileLock(tmp_path))(after_start=True)
