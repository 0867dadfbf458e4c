"""Faults on request: the next requests that match fail, before or after the commit, or come back cut."""

from __future__ import annotations

import random
import re
from collections import deque
from dataclasses import dataclass
from typing import Literal

FaultKind = Literal["before", "after", "truncate", "drop", "drop_after", "delay"]
"""Where a request fails.

`before`: an error answer, nothing done. `after`: done, and an error answer all the same. `truncate`: done, the
body cut in half. `drop`: the connection is closed, nothing done. `drop_after`: done, the connection is closed.
`delay`: done, the answer comes late.
"""


@dataclass(slots=True, kw_only=True)
class Fault:
    """A rule for the next `times` requests that match it."""

    kind: FaultKind
    times: int = 1
    method: str | None = None
    """None for any."""
    path: str = ""
    """A regular expression, searched for in the path; an empty one matches all."""
    skip: int = 0
    """So many matching requests pass first."""
    probability: float = 1.0
    code: int = 503
    reason: str = "backendError"
    message: str = "Service unavailable"
    retry_after_seconds: int | None = None
    delay_seconds: float = 0.0

    def matches(self, method: str, path: str) -> bool:
        """Whether the rule speaks of such a request."""
        return (self.method is None or self.method == method) and re.search(self.path, path) is not None


@dataclass(slots=True, kw_only=True)
class BetweenPages:
    """An edit that happens right after the next list page was given out."""

    method: str
    path: str
    body: dict[str, object] | None
    user: str
    calendar_id: str | None = None
    """None: a page of any calendar's events."""


class Faults:
    """The faults that wait for their requests."""

    def __init__(self, chance: random.Random) -> None:
        self.rules: list[Fault] = []
        self.between_pages: deque[BetweenPages] = deque()
        self._chance = chance

    def add(self, fault: Fault) -> None:
        """Let matching requests fail from now on.

        Raises:
            re.error: its path is no regular expression.
        """
        re.compile(fault.path)
        self.rules.append(fault)

    def clear(self) -> None:
        """Let everything succeed again."""
        self.rules.clear()
        self.between_pages.clear()

    def take(self, method: str, path: str) -> Fault | None:
        """The fault that this request meets, used up by one."""
        for fault in self.rules:
            if not fault.matches(method, path):
                continue
            if fault.skip > 0:
                fault.skip -= 1
                continue
            if fault.probability < 1 and self._chance.random() >= fault.probability:
                continue
            fault.times -= 1
            if fault.times <= 0:
                self.rules.remove(fault)
            return fault
        return None

    def take_between_pages(self, calendar_id: str) -> BetweenPages | None:
        """The edit that waits for a page of this calendar, if any."""
        for edit in self.between_pages:
            if edit.calendar_id in (None, calendar_id):
                self.between_pages.remove(edit)
                return edit
        return None
