"""`python -m aicalendar_tui.simulator`: the simulated Google alone."""

from __future__ import annotations

import argparse
import sys
from datetime import datetime
from pathlib import Path

from aicalendar_tui.simulator.errors import SimulatorError
from aicalendar_tui.simulator.server import serve


def _read_now(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone()


def main(arguments: list[str] | None = None) -> int:
    """Serve until stopped; 0, or 1 with one line on stderr."""
    parser = argparse.ArgumentParser(prog="python -m aicalendar_tui.simulator", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8765)
    parser.add_argument("--demo", action="store_true", help="fill it with the demo calendar")
    parser.add_argument("--ics", nargs="+", type=Path, default=[], metavar="FILE", help="fill it from .ics files")
    parser.add_argument("--now", type=_read_now, metavar="ISO", help="where its clock starts")
    parser.add_argument("--state", type=Path, metavar="FILE", help="keep the world in this file")
    parser.add_argument("--lively", action="store_true", help="let colleagues change the demo now and then")
    chosen = parser.parse_args(arguments)
    try:
        serve(
            host=chosen.host,
            port=chosen.port,
            demo=chosen.demo,
            ics=chosen.ics,
            now=chosen.now,
            state_file=chosen.state,
            lively=chosen.lively,
        )
    except (SimulatorError, OSError) as error:
        print(f"simulator: {error}", file=sys.stderr)  # noqa: T201 - a command line says why it stops
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
