"""The Celery worker: `celery -A aicalendar_tui.worker worker` finds its app here, made when it is asked for."""

from typing import Any


def __getattr__(name: str) -> Any:
    """`app` and `celery`, the names that Celery's command line looks for."""
    if name in ("app", "celery"):
        from aicalendar_tui.worker.program import started_by_hand

        return started_by_hand()
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
