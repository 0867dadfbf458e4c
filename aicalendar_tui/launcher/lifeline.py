"""The child's side of the lifeline: a pipe that nobody writes to and that ends when the supervisor does."""

import os
import signal
import threading

VARIABLE = "AICALENDAR_LIFELINE"


def watch_lifeline() -> bool:
    """Have this process and its group killed when the supervisor is gone, however it went.

    Costs a thread that sleeps in a read. Gives False, and does nothing, without a supervisor.
    """
    number = os.environ.get(VARIABLE, "")
    if not number.isdigit():
        return False
    descriptor = int(number)
    try:
        os.set_inheritable(descriptor, False)
    except OSError:
        return False
    threading.Thread(target=_wait_for_end, args=(descriptor,), name="lifeline", daemon=True).start()
    return True


def _wait_for_end(descriptor: int) -> None:
    while os.read(descriptor, 64):
        continue
    if os.getpgrp() == os.getpid():
        os.killpg(0, signal.SIGKILL)
    os._exit(1)
