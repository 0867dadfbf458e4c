"""Runs the app on the fake gateway in this terminal.

python -m tests.unit.screens.preview [light] [empty|hostile|busy] [offline] [lively] [american]
"""

import sys
from datetime import timedelta

from aicalendar_tui.backend.domain.times import Days
from aicalendar_tui.screens.app import CalendarApp, Initial
from aicalendar_tui.screens.dates import week_start
from aicalendar_tui.screens.preferences import Preferences
from aicalendar_tui.screens.theme import DARK, LIGHT
from tests.unit.screens.fake_gateway import CALENDARS, HOSTILE, FakeGateway, LivelyGateway, timed, week_entries


def main() -> None:
    words = sys.argv[1:]
    entries = None
    if "empty" in words:
        entries = []
    if "hostile" in words:
        entries = [
            *week_entries(),
            timed(23, "18:00", "20:00", "home", HOSTILE),
            timed(24, "15:00", "17:00", "home", "W" * 5000),
        ]
    if "busy" in words:
        entries = [
            timed(
                23 + day,
                f"{hour:02d}:{15 * (n % 4):02d}",
                f"{hour + 1 + n % 3:02d}:00",
                CALENDARS[n % 5].calendar_id,
                f"Meeting {n}",
            )
            for day in range(7)
            for hour in range(8, 19)
            for n in range(4)
        ]
    gateway = LivelyGateway(entries) if "lively" in words else FakeGateway(entries)
    if "offline" in words:
        gateway.set_status(
            connection="offline", conflicts=1, problem="Google can't be reached: edits wait and go out later"
        )
    start = week_start(gateway.now().date(), 0)
    initial = Initial(
        agenda=gateway.read_agenda(Days(start, start + timedelta(days=7), gateway.zone)),
        calendars=tuple(gateway.calendar_list),
        status=gateway.state,
    )
    american = "american" in words
    CalendarApp(
        gateway,
        initial=initial,
        theme=LIGHT if "light" in words else DARK,
        preferences=Preferences(hour24=not american, first_day_of_week=6 if american else 0),
    ).run()


if __name__ == "__main__":
    main()
