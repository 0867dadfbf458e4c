"""The child's side of readiness: short lines to the supervisor."""

import os

VARIABLE = "AICALENDAR_NOTIFY_FD"

LINE_BYTES = 512
"""POSIX promises that a write this short to a pipe is not mixed with another's."""


class Notifier:
    """Tells the supervisor how this process fares; without a supervisor it tells nobody.

    Any thread may call; each line is one write.
    """

    def __init__(self, descriptor: int | None = None) -> None:
        """Take the descriptor from the environment when none is given."""
        number = os.environ.get(VARIABLE, "")
        self._descriptor = descriptor if descriptor is not None else int(number) if number.isdigit() else None
        if self._descriptor is not None:
            try:
                os.set_inheritable(self._descriptor, False)
            except OSError:
                self._descriptor = None

    def ready(self) -> None:
        """This process can do its work now."""
        self._tell("READY", "1")

    def busy(self, work_id: str) -> None:
        """A piece of work begins; if `idle` doesn't follow in time, this process is killed."""
        self._tell("BUSY", work_id)

    def idle(self, work_id: str) -> None:
        """The piece of work has ended, one way or another."""
        self._tell("IDLE", work_id)

    def status(self, text: str) -> None:
        """One line about itself, for people."""
        self._tell("STATUS", text)

    def _tell(self, key: str, value: str) -> None:
        if self._descriptor is None:
            return
        line = f"{key}={' '.join(value.split())}".encode("utf-8", "replace")[: LINE_BYTES - 1] + b"\n"
        try:
            os.write(self._descriptor, line)
        except BrokenPipeError:
            # The supervisor is gone, and this process will be in a moment.
            self._descriptor = None
