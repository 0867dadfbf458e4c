"""What is on the way to the first paint, seen from a fresh interpreter."""

import subprocess
import sys

HEAVY = (
    "redis",
    "celery",
    "kombu",
    "fastapi",
    "googleapiclient",
    "peewee",
    "pydantic",
    "click",
    "sqlite3",
    "webbrowser",
)
LATER = tuple(
    f"aicalendar_tui.screens.{name}.screen" for name in ("editor", "details", "tasks", "help", "goto", "scope")
)


def test_the_app_imports_nothing_that_is_not_seen_at_once() -> None:
    """Dialogs, the other views and everything heavy come on first use."""
    names = (*HEAVY, *LATER, "aicalendar_tui.screens.calendar.month_grid", "aicalendar_tui.screens.palette")
    code = f"import sys, aicalendar_tui.screens.app; print([name for name in {names!r} if name in sys.modules])"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "[]" == answer.stdout.strip()
