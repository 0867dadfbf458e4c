"""Reads that are taken together: news may come faster than answers."""

from collections.abc import Callable


class Coalesced:
    """One read at a time; any number of wishes that come meanwhile make exactly one more."""

    def __init__(self, start: Callable[[], None]) -> None:
        self._start = start
        self._busy = False
        self._again = False

    def request(self) -> None:
        """Read now, or once more when the read under way has ended (its answer may be too old)."""
        if self._busy:
            self._again = True
            return
        self._busy = True
        self._start()

    def restart(self) -> None:
        """Read now, whatever is under way: its answer is not wanted any more."""
        self._busy = True
        self._again = False
        self._start()

    def finish(self) -> None:
        """The read ended, well or not."""
        self._busy = False
        if self._again:
            self._again = False
            self.request()
