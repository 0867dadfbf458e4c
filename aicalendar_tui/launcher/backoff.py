"""How long a service that ended waits before it is started again."""


class Backoff:
    """Doubles the wait at each quick end, and forgets once the service lived for a while."""

    def __init__(
        self,
        *,
        first_seconds: float = 0.2,
        longest_seconds: float = 10,
        settled_seconds: float = 10,
        quick_ends: int = 5,
    ) -> None:
        self._first = first_seconds
        self._longest = longest_seconds
        self._settled = settled_seconds
        self._limit = quick_ends
        self._quick_ends = 0

    @property
    def failed(self) -> bool:
        """Whether it ended fast so often that hope is small; the next tries are the longest wait apart."""
        return self._quick_ends >= self._limit

    def next_wait(self, lived_seconds: float) -> float:
        """Seconds to wait, when the service has just ended after living so long."""
        if lived_seconds >= self._settled:
            self._quick_ends = 0
        self._quick_ends += 1
        if self.failed:
            return self._longest
        return min(self._longest, self._first * 2 ** (self._quick_ends - 1))
