"""Time zones by the words people have for them. Pure."""

from functools import cache

_OTHER_NAMES = {
    "san francisco": "America/Los_Angeles",
    "seattle": "America/Los_Angeles",
    "boston": "America/New_York",
    "washington": "America/New_York",
    "miami": "America/New_York",
    "austin": "America/Chicago",
    "dallas": "America/Chicago",
    "houston": "America/Chicago",
    "montreal": "America/Toronto",
    "rio": "America/Sao_Paulo",
    "munich": "Europe/Berlin",
    "hamburg": "Europe/Berlin",
    "geneva": "Europe/Zurich",
    "milan": "Europe/Rome",
    "barcelona": "Europe/Madrid",
    "brno": "Europe/Prague",
    "saint petersburg": "Europe/Moscow",
    "st petersburg": "Europe/Moscow",
    "kiev": "Europe/Kyiv",
    "bangalore": "Asia/Kolkata",
    "bengaluru": "Asia/Kolkata",
    "delhi": "Asia/Kolkata",
    "mumbai": "Asia/Kolkata",
    "beijing": "Asia/Shanghai",
    "shenzhen": "Asia/Shanghai",
    "osaka": "Asia/Tokyo",
    "tel aviv": "Asia/Jerusalem",
    "abu dhabi": "Asia/Dubai",
    "canberra": "Australia/Sydney",
    "wellington": "Pacific/Auckland",
    "москва": "Europe/Moscow",
    "петербург": "Europe/Moscow",
    "минск": "Europe/Minsk",
    "киев": "Europe/Kyiv",
    "прага": "Europe/Prague",
    "берлин": "Europe/Berlin",
    "париж": "Europe/Paris",
    "лондон": "Europe/London",
    "рим": "Europe/Rome",
    "тбилиси": "Asia/Tbilisi",
    "ереван": "Asia/Yerevan",
    "алматы": "Asia/Almaty",
    "ташкент": "Asia/Tashkent",
    "екатеринбург": "Asia/Yekaterinburg",
    "новосибирск": "Asia/Novosibirsk",
    "владивосток": "Asia/Vladivostok",
    "дубай": "Asia/Dubai",
    "токио": "Asia/Tokyo",
    "пекин": "Asia/Shanghai",
    "нью-йорк": "America/New_York",
    "сан-франциско": "America/Los_Angeles",
    "utc": "UTC",
    "gmt": "UTC",
}
"""Places that the zone database has under the name of a neighbour, and Russian names."""
_NOT_PLACES = ("Etc/", "posix/", "right/", "SystemV/")


@cache
def known_zones() -> tuple[str, ...]:
    """All zones that are named after a place, sorted; some milliseconds the first time."""
    from zoneinfo import available_timezones

    return tuple(sorted(name for name in available_timezones() if "/" in name and not name.startswith(_NOT_PLACES)))


def find_zones(text: str, *, limit: int = 6) -> list[str]:
    """The zones that `text` may mean, the likeliest first: a place's name or its beginning, or a zone's."""
    wanted = " ".join(text.lower().replace("_", " ").split())
    if not wanted:
        return []
    ranked: dict[str, int] = {}

    def rank(zone: str, score: int) -> None:
        ranked[zone] = min(score, ranked.get(zone, score))

    for name, zone in _OTHER_NAMES.items():
        if name.startswith(wanted):
            rank(zone, 0 if name == wanted else 2)
    for zone in known_zones():
        full = zone.lower().replace("_", " ")
        place = full.rpartition("/")[2]
        if wanted in (place, full):
            rank(zone, 0)
        elif place.startswith(wanted):
            rank(zone, 1)
        elif wanted in full:
            rank(zone, 3)
    return sorted(ranked, key=lambda zone: (ranked[zone], zone))[:limit]
