"""Settings in memory, for the settings screen."""

from collections.abc import Mapping

from aicalendar_tui.backend.domain.errors import InvalidEdit

DEFAULTS = {
    "language": "",
    "theme": "dark",
    "clock_hours": "24",
    "first_day_of_week": "monday",
    "week": "7",
    "several_days": "3",
    "row_minutes": "30",
    "work_hours": "09:00-18:00",
    "week_numbers": "on",
    "second_zone": "",
    "preset": "hybrid",
}


class FakeSettings:
    """Fits `SettingsStore`; `problem` is raised when something is to be kept."""

    keeps = True
    place = "/home/ana/.config/aicalendar/config.toml"

    def __init__(self, *, locked: Mapping[str, str] | None = None, **texts: str) -> None:
        self._texts = {**DEFAULTS, **texts}
        self._locked = locked or {}
        self.kept: list[str] = []
        self.problem: Exception | None = None

    def text(self, key: str) -> str:
        return self._texts[key]

    def default(self, key: str) -> str:
        return DEFAULTS[key]

    def locked_by(self, key: str) -> str:
        return self._locked.get(key, "")

    def choose(self, key: str, text: str) -> None:
        if key == "work_hours" and text and "-" not in text:
            raise InvalidEdit("two times of a day such as 09:00-18:00", field=key)
        self._texts[key] = text or DEFAULTS[key]

    def keep(self, key: str) -> None:
        if self.problem:
            raise self.problem
        self.kept.append(key)
