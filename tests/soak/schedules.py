"""Random schedules of both sides by the thousand: `tests/property/test_sync_machine.py`, batch after batch.

    python -m tests.soak.schedules [SCHEDULES] [SEED]

Each batch of `BATCH` schedules is a pytest of its own with the seed SEED + its number. The first failure ends the run
and prints the schedule that led to it, with the line that repeats its batch.
"""
# ruff: noqa: T201 - a script that prints what it finds

import os
import random
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]
MACHINE = "tests/property/test_sync_machine.py"
BATCH = 100


def main() -> int:
    """See the module."""
    schedules = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else random.SystemRandom().randrange(10**6)
    print(f"{schedules} schedules, seed {seed}", flush=True)
    began = time.monotonic()
    done = 0
    while done < schedules:
        count = min(BATCH, schedules - done)
        number = seed + done // BATCH
        told = run_batch(count, number)
        if told:
            print(told)
            print(f"after {done} schedules; this batch again: AICALENDAR_SCHEDULES={count} pytest {MACHINE}", end="")
            print(f" --hypothesis-seed={number}")
            return 1
        done += count
        print(f"{done:6} schedules held after {time.monotonic() - began:6.0f} s", flush=True)
    print(f"\nnothing lost, nothing doubled, in {done} schedules from seed {seed}")
    return 0


def run_batch(count: int, seed: int) -> str:
    """What pytest says of a schedule that failed; '' when all held."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--tb=short", MACHINE]
    environ = {**os.environ, "AICALENDAR_SCHEDULES": str(count)}
    done = subprocess.run(
        [*command, f"--hypothesis-seed={seed}"], cwd=ROOT, env=environ, capture_output=True, text=True, check=False
    )
    return "" if done.returncode == 0 else done.stdout[-8_000:] + done.stderr[-2_000:]


if __name__ == "__main__":
    sys.exit(main())
