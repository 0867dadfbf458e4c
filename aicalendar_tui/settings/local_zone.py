"""The name of this machine's time zone; the `datetime` module knows only its offset."""

import os
from collections.abc import Mapping
from pathlib import Path

from aicalendar_tui.settings import values

LOCALTIME = Path("/etc/localtime")


def find_local_zone(*, environ: Mapping[str, str] = os.environ, localtime: Path = LOCALTIME) -> str:
    """An IANA name: of $TZ, of the file that /etc/localtime points to, or as tzlocal finds it; else UTC."""
    candidates = [environ.get("TZ", "").lstrip(":")]
    try:
        candidates.append(os.readlink(localtime).rpartition("zoneinfo/")[2])
    except OSError:
        candidates.append("")  # a plain file, or none
    for name in filter(None, candidates):
        try:
            return values.zone(name)
        except ValueError:
            continue
    # 20 ms that the two above save nearly everyone.
    import tzlocal

    try:
        return values.zone(tzlocal.get_localzone_name() or "UTC")
    except (ValueError, LookupError, OSError):
        return "UTC"
