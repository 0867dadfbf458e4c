"""First paint beside an empty Textual app, and a change at Google until it is painted; printed as a table.

    .venv/bin/python -m benchmarks.baseline [--rounds N]

Everything is the real program in a pty, with the simulated Google; nothing else should run meanwhile.
"""

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.e2e.google import Phone
from tests.e2e.terminal import Terminal

NOW = datetime(2026, 11, 23, 11, 12, tzinfo=UTC)
COLUMNS, ROWS = 140, 45
EMPTY_APP = """
from textual.app import App
from textual.widgets import Static
class Empty(App):
    def compose(self):
        yield Static("painted")
Empty().run()
"""


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--rounds", type=int, default=15, help="how often each thing is measured")
    parser.add_argument("--changes", type=int, default=40, help="how many changes are made at Google")
    options = parser.parse_args()
    print_first_paint(options.rounds)
    print_live(options.changes)


def print_first_paint(rounds: int) -> None:
    """This week's events of 10,000, from a database that is there already; peers in turn, medians of `rounds`."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        seed(home, 10_000)
        empty, ours = [], []
        for _ in range(rounds):
            empty.append(time_to(["-c", EMPTY_APP], "painted", home))
            ours.append(time_to(["-m", "aicalendar_tui", "--demo", "--now", NOW.isoformat()], "Meeting", home))
            wait_until_idle(home)
    base = statistics.median(empty)
    print(f"{'first paint':<40}{'median ms':>10}{'worst ms':>10}{'ratio':>8}")
    for name, times in (("empty Textual app", empty), ("aicalendar, this week of 10,000 events", ours)):
        median = statistics.median(times)
        print(f"{name:<40}{median * 1000:>10.0f}{max(times) * 1000:>10.0f}{median / base:>8.2f}")


def print_live(changes: int) -> None:
    """From before the request to the simulated Google is sent until the new title is on the screen."""
    with tempfile.TemporaryDirectory() as folder, demo(Path(folder)) as (screen, phone):
        start = NOW + timedelta(days=5, hours=2)
        event_id = phone.insert("Begin", start)
        screen.wait_for("Begin")
        times = []
        for number in range(changes):
            began = time.perf_counter()
            phone.rename(event_id, f"Turn{number}.")
            screen.wait_for(rf"Turn{number}\.")
            times.append(time.perf_counter() - began)
    times.sort()
    print(f"\n{'change at Google until painted':<40}{'p50 ms':>10}{'p95 ms':>10}{'max ms':>8}")
    p50, p95 = times[len(times) // 2], times[int(len(times) * 0.95)]
    print(
        f"{f'{changes} changes, one after another':<40}{p50 * 1000:>10.0f}{p95 * 1000:>10.0f}{times[-1] * 1000:>8.0f}"
    )


def environment(home: Path) -> dict[str, str]:
    """A home of its own, in a fixed language and zone."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AICALENDAR", "LC_"))}
    return {
        **kept,
        "AICALENDAR_HOME": str(home),
        "AICALENDAR_ZONE": "Europe/Prague",
        "LANG": "C.UTF-8",
        "LANGUAGE": "en",
        "WEBHOOK_PORT": "0",
        "API_PORT": "0",
    }


def time_to(arguments: Sequence[str], text: str, home: Path) -> float:
    """Seconds from starting Python with those arguments until it has written that text to the terminal."""
    began = time.perf_counter()
    terminal = Terminal([sys.executable, *arguments], env=environment(home), columns=COLUMNS, rows=ROWS)
    try:
        terminal.wait_for_output(text.encode())
        return time.perf_counter() - began
    finally:
        terminal.close()


@contextmanager
def demo(home: Path) -> Iterator[tuple[Terminal, Phone]]:
    """The demo, live, and another device on its account."""
    command = [sys.executable, "-m", "aicalendar_tui", "demo", "--quiet", "--port", "0", "--now", NOW.isoformat()]
    terminal = Terminal(command, env=environment(home), columns=COLUMNS, rows=ROWS)
    try:
        terminal.wait_for("● live")
        addresses = json.loads((home / "run" / "api.json").read_text())
        host, _, port = addresses["simulator"].removeprefix("http://").partition(":")
        yield terminal, Phone(host, int(port))
        terminal.press("q")
        terminal.wait_for_exit()
    finally:
        terminal.close()
        wait_until_idle(home)


def wait_until_idle(home: Path) -> None:
    """Blocks until the services of the home have ended, so that they don't disturb the next round."""
    deadline = time.monotonic() + 10
    while (home / "run" / "services.json").exists() and time.monotonic() < deadline:
        time.sleep(0.02)


def seed(home: Path, count: int) -> None:
    """A database with so many events over two years, a hundred of them in this week."""
    from aicalendar_tui.backend.services.index import reindex
    from aicalendar_tui.backend.store.store import PeeweeStore
    from aicalendar_tui.bootstrap import DEMO_USER
    from aicalendar_tui.settings import load_settings

    settings = load_settings(demo=True, environ=environment(home))
    settings.folders.create()
    store = PeeweeStore(settings.folders.database)
    with store.write() as unit:
        unit.put_account(DEMO_USER, email=DEMO_USER, endpoint="", now=int(NOW.timestamp()))
        unit.put_calendar(DEMO_USER, DEMO_USER, {"id": DEMO_USER, "summary": "Ana", "accessRole": "owner"}, 0)
        first = NOW - timedelta(days=365, hours=3)
        resources = []
        for number in range(count):
            start = first + timedelta(minutes=number * 730 * 1440 // count)
            resources.append(
                {
                    "id": f"seed{number}",
                    "etag": f'"{number}"',
                    "summary": f"Meeting {number}",
                    "start": {"dateTime": start.isoformat()},
                    "end": {"dateTime": (start + timedelta(hours=1)).isoformat()},
                }
            )
        written = unit.put_events(DEMO_USER, DEMO_USER, resources)
        reindex(unit, DEMO_USER, DEMO_USER, written.family_ids)
        unit.bump_revision(DEMO_USER)
    store.close()


if __name__ == "__main__":
    main()
