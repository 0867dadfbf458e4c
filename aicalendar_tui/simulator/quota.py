"""The per-user request quota, counted in fixed minutes."""

from __future__ import annotations

from aicalendar_tui.simulator.clock import Clock
from aicalendar_tui.simulator.errors import ApiError
from aicalendar_tui.simulator.switches import Switches


class Quota:
    """Counts requests; what is over the limit is refused until the minute is over."""

    def __init__(self, clock: Clock, switches: Switches) -> None:
        self._clock = clock
        self._switches = switches
        self._spent: dict[str, tuple[int, int]] = {}

    def spend(self, user: str) -> None:
        """Count one request. Raises ApiError 403 or 429 `rateLimitExceeded`."""
        limit = self._switches.requests_per_minute
        if limit is None:
            return
        minute = int(self._clock.now().timestamp() // 60)
        counted_minute, count = self._spent.get(user, (minute, 0))
        count = count + 1 if counted_minute == minute else 1
        self._spent[user] = (minute, count)
        if count > limit:
            raise ApiError(
                self._switches.rate_limit_code,
                "rateLimitExceeded",
                "Rate Limit Exceeded",
                domain="usageLimits",
            )
