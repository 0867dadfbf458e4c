"""A process that uses an account at the same moment as others: `python renewing_program.py FOLDER ENDPOINT USER`."""

import sys
from pathlib import Path

from aicalendar_tui.backend.credentials import FileCredentials
from aicalendar_tui.backend.google.endpoint import Endpoint
from aicalendar_tui.backend.google.remotes import GoogleRemotes


def main() -> None:
    """Waits for a line, makes a request, says `ok`; again until the input ends."""
    folder, endpoint, user_id = sys.argv[1:]
    remotes = GoogleRemotes(FileCredentials(Path(folder)), Endpoint(endpoint), timeout_seconds=10)
    print("ready", flush=True)  # noqa: T201 - how the test hears of it
    for _ in sys.stdin:
        print("ok" if remotes(user_id).list_calendars().items else "empty", flush=True)  # noqa: T201 - the same


if __name__ == "__main__":
    main()
