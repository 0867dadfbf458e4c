"""The demo's state between two runs: it goes on within a day, and begins anew on another day or with other files.

The simulated Google keeps its calendars in a file and the demo's database mirrors them, so both go together.
"""

import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from aicalendar_tui.launcher.lease import join
from aicalendar_tui.settings import Settings

SIMULATOR_STATE = "simulator.json"
MARK = "demo.json"


def simulator_state(settings: Settings) -> Path:
    """Where the simulated Google keeps its calendars."""
    return settings.folders.data / SIMULATOR_STATE


def is_running(settings: Settings) -> bool:
    """Whether another screen or command keeps the demo's services up: then it is as it is."""
    running = join(settings.folders.run.resolve())
    if running is None:
        return False
    running.close()
    return True


def prepare_demo(settings: Settings, *, today: date, ics: Sequence[Path]) -> None:
    """Removes what an earlier demo of another kind left, unless its services still run."""
    if is_running(settings):
        return
    folders = settings.folders
    state_file = simulator_state(settings)
    mark = folders.data / MARK
    wanted = {
        "day": today.isoformat(),
        "now": settings.now.isoformat() if settings.now else None,
        "ics": [[str(path.absolute()), path.stat().st_mtime_ns] for path in ics],
    }
    try:
        found = json.loads(mark.read_text("utf-8"))
    except (OSError, ValueError):
        found = None
    if found != wanted or not state_file.exists():
        database = folders.database
        for path in (state_file, database, *(database.with_name(database.name + end) for end in ("-wal", "-shm"))):
            path.unlink(missing_ok=True)
        mark.write_text(json.dumps(wanted), "utf-8")
