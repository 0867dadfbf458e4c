"""The machine's clock, or one that runs on from another moment (`--now`)."""

from datetime import UTC, datetime, timedelta


class SystemClock:
    """Fits `ports.Clock`."""

    def __init__(self, start: datetime | None = None) -> None:
        """`start`, aware, is the present from which the clock runs on."""
        self._offset = (start - datetime.now(UTC)) if start else timedelta()

    def now(self) -> datetime:
        """An aware datetime in UTC."""
        return datetime.now(UTC) + self._offset

    def epoch(self) -> int:
        """Whole seconds."""
        return int(self.now().timestamp())
