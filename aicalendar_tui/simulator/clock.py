"""The simulator's own time, so that tests can stop it and the control API can push it forward."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Where the simulated world takes its time from."""

    def now(self) -> datetime:
        """The present instant, aware, in UTC."""
        ...


class SystemClock:
    """The machine's own time: the edge at which real time enters the simulator."""

    def now(self) -> datetime:
        """The machine's present instant, in UTC."""
        return datetime.now(UTC)


class SteerableClock:
    """A clock that can be set, advanced and frozen while the world that reads it is running."""

    def __init__(self, source: Clock, *, start: datetime | None = None, frozen: bool = False) -> None:
        self._source = source
        self._offset = timedelta()
        self._frozen_at: datetime | None = None
        if frozen:
            self.freeze()
        if start is not None:
            self.set(start)

    def now(self) -> datetime:
        """The steered instant, in UTC: frozen, or the source's plus what was added."""
        if self._frozen_at is not None:
            return self._frozen_at
        return self._source.now() + self._offset

    def set(self, instant: datetime) -> None:
        """Jump to an aware instant; a frozen clock stays frozen there."""
        instant = instant.astimezone(UTC)
        self._offset = instant - self._source.now()
        if self._frozen_at is not None:
            self._frozen_at = instant

    def advance(self, step: timedelta) -> None:
        """Jump forward by `step` (backward when negative)."""
        self.set(self.now() + step)

    def freeze(self) -> None:
        """Stop at the present instant."""
        self._frozen_at = self.now()

    def thaw(self) -> None:
        """Run on from where the clock was frozen."""
        if self._frozen_at is not None:
            frozen_at, self._frozen_at = self._frozen_at, None
            self.set(frozen_at)


class ManualClock(SteerableClock):
    """A clock that only moves when told to."""

    def __init__(self, start: datetime) -> None:
        super().__init__(SystemClock(), start=start, frozen=True)
