"""IANA zones as they are typed."""

import asyncio
from zoneinfo import ZoneInfo, available_timezones

from textual.suggester import Suggester


class ZoneSuggester(Suggester):
    """Completes IANA zones by their beginning; the list is read in a thread, once."""

    def __init__(self) -> None:
        super().__init__(case_sensitive=False)
        self._zones: list[str] | None = None

    async def get_suggestion(self, value: str) -> str | None:
        """The first zone that begins so (Textual completes only at the end of the text)."""
        if self._zones is None:
            self._zones = sorted(await asyncio.to_thread(available_timezones))
        return next((zone for zone in self._zones if zone.casefold().startswith(value)), None)


def is_zone(name: str | None) -> bool:
    """Whether there is a zone of that name."""
    if not name:
        return False
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return False
    return True
