"""Whose calendars the screen shows: accounts come and go while it runs."""

import threading
from collections.abc import Iterable, Sequence


class ShownAccounts:
    """The accounts in their order, and one revision of them all that never goes back.

    Read and written from several threads.
    """

    def __init__(self, user_ids: Sequence[str]) -> None:
        self._lock = threading.Lock()
        self._user_ids = tuple(user_ids)
        self._seen: dict[str, int] = {}
        self._lost = 0

    @property
    def user_ids(self) -> tuple[str, ...]:
        """The default account first."""
        return self._user_ids

    @property
    def first(self) -> str:
        """The default account; '' when there is none left."""
        return next(iter(self._user_ids), "")

    def update(self, revisions: Iterable[tuple[str, int]]) -> bool:
        """Takes over what the database has now, in its order; returns whether that are others than before."""
        with self._lock:
            now = dict(revisions)
            # What went away with an account (or began anew with it) is kept in the sum: else all that is read
            # from now on would count as older than what is shown.
            self._lost += sum(max(0, seen - now.get(user_id, 0)) for user_id, seen in self._seen.items())
            changed = tuple(now) != self._user_ids
            if set(now) != set(self._user_ids):
                self._lost += 1
            self._seen, self._user_ids = now, tuple(now)
            return changed

    def revision_of_all(self, revisions: Sequence[int]) -> int:
        """One number for what was read of all accounts at those revisions."""
        return sum(revisions) + self._lost
