"""The embedded worker as a process of its own: prints `ready`, then the ids of tasks as they begin and end."""

from aicalendar_tui.settings import load_settings
from aicalendar_tui.worker.program import run_embedded


def say(*words: str) -> None:
    """One line on stdout."""
    print(*words, flush=True)  # noqa: T201 - the test reads it


if __name__ == "__main__":
    run_embedded(
        load_settings(),
        on_ready=lambda: say("ready"),
        busy=lambda task_id: say("busy", task_id),
        idle=lambda task_id: say("idle", task_id),
    )
