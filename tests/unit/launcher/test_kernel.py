"""Finding and reaping children."""

import os
import signal
import subprocess
import sys

import pytest

from aicalendar_tui.launcher.child import describe_end
from aicalendar_tui.launcher.kernel import find_children, list_children

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks at /proc")


def test_children_are_found_with_and_without_the_kernels_own_list() -> None:
    """Not every kernel is built with it."""
    with subprocess.Popen(["sleep", "60"]) as child:
        assert child.pid in list_children()
        assert child.pid in find_children(os.getpid())
        child.kill()


def test_dead_child_is_shown_before_its_number_is_free() -> None:
    """Whoever is killed then can't be a stranger."""
    script = (
        "import os\n"
        "from aicalendar_tui.launcher.kernel import list_children, reap_next\n"
        "assert reap_next(print) is None\n"
        "pid = os.fork() or os._exit(3)\n"
        "os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)\n"
        "seen = []\n"
        "assert reap_next(lambda dead: seen.append((dead, dead in list_children()))) == (pid, 3 << 8)\n"
        "assert seen == [(pid, True)], seen\n"
        "assert list_children() == set()\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True, timeout=30)


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (0, "ended with 0"),
        (7 << 8, "ended with 7"),
        (int(signal.SIGKILL), "killed by SIGKILL"),
        (64, "killed by SIGRTMAX"),
    ],
)
def test_end_is_described_in_words(status: int, words: str) -> None:
    """People read it."""
    assert words == describe_end(status)
