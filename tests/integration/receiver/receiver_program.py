"""The receiver on fake services, as a process: two listening sockets are inherited, READY goes to stdout."""

import os
import socket
import sys
import time
from types import SimpleNamespace
from typing import Any, Literal

from aicalendar_tui.backend.domain.channel import Notification
from aicalendar_tui.backend.receiver import local, public
from aicalendar_tui.backend.receiver.server import GuardedProtocol, serve


def accept(notification: Notification) -> Literal["accepted", "retired", "unknown"]:
    """Channels named `slow` take a while."""
    if notification.channel_id == "slow":
        time.sleep(float(sys.argv[4]))
    return "accepted" if notification.token == "genuine" else "unknown"


def main() -> None:
    """argv: the two file descriptors, and how many seconds a request may take to come, and a slow accept."""
    GuardedProtocol.request_seconds = float(sys.argv[3])
    services: Any = SimpleNamespace(accept=accept, health=lambda: {"status": "ok"})
    serve(
        public_app=public.create_app(accept),
        local_app=local.create_app(services, read_token=lambda: "secret"),
        public_socket=socket.socket(fileno=int(sys.argv[1])),
        local_socket=socket.socket(fileno=int(sys.argv[2])),
        on_ready=lambda: os.write(1, b"READY\n"),
    )


if __name__ == "__main__":
    main()
