"""When a task that met a passing fault is tried again."""

from aicalendar_tui.backend.domain.errors import Transient

MAX_RETRIES = 3
BASE_SECONDS = 1.0
LONGEST_SECONDS = 60.0


def retry_delay(retries: int, error: Transient, jitter: float) -> float | None:
    """Seconds to wait before the next try after `retries` of them, or None when they are used up.

    Exponential with full jitter (`jitter` uniform in [0, 1)); the remote side's own Retry-After is a lower bound.
    """
    if retries >= MAX_RETRIES:
        return None
    delay = BASE_SECONDS * 2**retries * jitter
    return min(LONGEST_SECONDS, max(delay, error.retry_after_seconds or 0.0))
