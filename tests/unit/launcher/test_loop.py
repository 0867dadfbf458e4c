"""The loop sleeps until something is due, and runs each thing once."""

import os
import signal
from collections.abc import Iterator

import pytest

from aicalendar_tui.launcher.loop import READ, Loop


class Watch:
    """A clock that is moved by hand."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def loop() -> Iterator[Loop]:
    """A loop at second 0."""
    loop = Loop(monotonic=Watch())
    yield loop
    loop.close()


def test_calls_are_made_in_their_time_and_once(loop: Loop) -> None:
    """A key has one deadline."""
    made: list[str] = []
    loop.call_in("a", 0, lambda: made.append("never"))
    loop.call_in("a", 0, lambda: made.append("a"))
    loop.call_in("b", 0, lambda: made.append("b"))
    loop.call_in("c", 0, lambda: made.append("cancelled"))
    loop.call_in("d", 1000, lambda: made.append("later"))
    loop.cancel("c")
    loop.run_once()
    loop.call_in("e", 0, lambda: made.append("e"))
    loop.run_once()
    assert ["a", "b", "e"] == made
    assert loop.is_due("d")
    assert not loop.is_due("a")


def test_call_may_set_and_cancel_others(loop: Loop) -> None:
    """Of the same round, too."""
    made: list[str] = []

    def first() -> None:
        made.append("first")
        loop.cancel("second")
        loop.call_in("first", 0, lambda: made.append("again"))

    loop.call_in("first", 0, first)
    loop.call_in("second", 0, lambda: made.append("second"))
    loop.run_once()
    loop.run_once()
    assert ["first", "again"] == made


def test_descriptor_that_an_earlier_call_dropped_is_left_alone(loop: Loop) -> None:
    """Both were ready in the same round."""
    made: list[str] = []
    pipes = [os.pipe(), os.pipe()]

    def drop(other: int) -> None:
        made.append("one")
        loop.forget(pipes[other][0])

    for number, (reader, writer) in enumerate(pipes):
        os.write(writer, b"x")
        loop.watch(reader, READ, lambda number=number: drop(1 - number))
    loop.run_once()
    loop.forget(12345)
    assert ["one"] == made
    for descriptor in (number for pipe in pipes for number in pipe):
        os.close(descriptor)


def test_signal_is_handled_in_the_loop(loop: Loop) -> None:
    """Several of a kind may be one."""
    made: list[str] = []
    before = signal.getsignal(signal.SIGUSR1)
    try:
        loop.on_signal(signal.SIGUSR1, lambda: made.append("signal"))
        signal.raise_signal(signal.SIGUSR1)
        signal.raise_signal(signal.SIGUSR1)
        assert [] == made
        loop.run_once()
        assert ["signal"] == made
    finally:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGUSR1, before)
