"""What the doctor finds."""

from typing import Literal, NamedTuple

Verdict = Literal["ok", "off", "warning", "problem"]
"""`off`: not running or not set up, which is fine; a `warning` works for now; a `problem` doesn't."""


class Finding(NamedTuple):
    """One component, and how it is."""

    component: str
    state: Verdict
    detail: str = ""
    version: str = ""
    latency_ms: float | None = None
    problem: str = ""
    remedy: str = ""
