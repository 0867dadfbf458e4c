"""A worker that is killed takes all of itself along: nothing goes on asking for work in its name."""

import os
import signal
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from tests.integration.worker.conftest import Workshop


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_killed_worker_leaves_no_beat_behind(workshop: Workshop) -> None:
    """A forked beat would outlive it, and hold its pipes and its broker."""
    worker = workshop.start_worker()
    children = children_of(worker.pid)
    worker.kill()
    worker.wait()
    survivors = [child for child in children if Path(f"/proc/{child}").exists()]
    for child in survivors:
        with suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
    assert [] == survivors


def children_of(parent: int) -> list[int]:
    """The ids of its child processes."""
    tasks = Path(f"/proc/{parent}/task").glob("*/children")
    return [int(child) for task in tasks for child in task.read_text().split()]
