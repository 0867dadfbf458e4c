"""`python -m aicalendar_tui` is `aicalendar`."""

import sys

from aicalendar_tui.cli import main

if __name__ == "__main__":
    sys.exit(main())
