"""The demo's state between two runs: it goes on within a day, and begins anew on another day or with other files.

The simulated Google keeps its calendars in a file and the demo's database mirrors them, so both go together.
"""

import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from aicalendar_tui.settings import Settings

SIMULATOR_STATE = "simulator.json"
MARK = "demo.json"


def prepare_demo(settings: Settings, *, today: date, ics: Sequence[Path]) -> Path:
    """Returns the simulator's state file; removes what an earlier demo of another kind left. Nothing may run."""
    folders = settings.folders
    state_file = folders.data / SIMULATOR_STATE
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
    return state_file
