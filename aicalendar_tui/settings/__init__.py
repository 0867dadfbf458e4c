"""What can be set, and what is set: the environment wins over the config folder's `.env`, that over its
`config.toml`, and that over the defaults.

`.env` is never read from the current folder: a hostile checkout must not redirect the sign-in. On the way to every
command's first line of output, so importing this stays cheap: what is slow is imported where it is needed.
"""

import os
import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from aicalendar_tui.settings import values
from aicalendar_tui.settings.folders import HOME_VARIABLE, Folders, find_folders
from aicalendar_tui.settings.sources import Text, read_config, read_dotenv
from aicalendar_tui.settings.table import (
    COMMAND_LINE,
    DEMO_VARIABLE,
    FIELDS,
    REDIS_PARTS,
    Setting,
    Settings,
)
from aicalendar_tui.settings.values import Secret, SettingsError

__all__ = ["FIELDS", "Folders", "Secret", "Setting", "Settings", "SettingsError", "find_folders", "load_settings"]


def load_settings(
    *,
    demo: bool = False,
    environ: Mapping[str, str] = os.environ,
    overrides: Mapping[str, Any] | None = None,
) -> Settings:
    """Read all sources; `overrides` (field → text or value) come first, as a command's own options.

    An empty value stands for the default. The demo heeds neither the user's Redis nor database nor tunnel, and has
    state of its own (in AICALENDAR_HOME itself when that is set); AICALENDAR_DEMO=1 asks for it too.

    Raises: SettingsError.
    """
    demo = demo or environ.get(DEMO_VARIABLE) == "1"
    folders = find_folders(demo=demo, environ=environ)
    dotenv, strange = read_dotenv(folders.env_file)
    ranked = (
        _Source(
            {FIELDS[field].name: Text(values.to_text(v), COMMAND_LINE) for field, v in (overrides or {}).items()}
        ),
        _Source({name: Text(text, f"environment variable {name}") for name, text in environ.items()}),
        _Source(dotenv, is_file=True),
        _Source(read_config(folders.config_file), is_file=True),
    )
    chosen: dict[str, Any] = {}
    sources: dict[str, str] = {"folders": HOME_VARIABLE} if environ.get(HOME_VARIABLE, "").strip() else {}
    ranks: dict[str, int] = {}
    for field, setting in FIELDS.items():
        for rank, source in enumerate(ranked):
            if setting.name not in source.texts or (demo and rank > 0 and not _demo_heeds(setting, source)):
                continue
            text, where = source.texts[setting.name]
            if text.strip():
                chosen[field] = _parse(setting, text.strip(), where)
                sources[field] = where
                ranks[field] = rank
            break
    best_part = min((ranks[part] for part in REDIS_PARTS if part in ranks), default=len(ranked))
    if best_part < ranks.get("redis_url", 0):
        # A host in the environment must win over an address in a file.
        del chosen["redis_url"], sources["redis_url"]
    if (now := chosen.get("now")) and now.tzinfo is None:
        chosen["now"] = _in_zone(now, chosen.get("zone"))
    return Settings(folders=folders, demo=demo, **chosen, sources=MappingProxyType(sources), ignored=strange)


class _Source(NamedTuple):
    """One place where values stand, by their names in the environment."""

    texts: Mapping[str, Text]
    is_file: bool = False


def _demo_heeds(setting: Setting, source: _Source) -> bool:
    return setting.demo == "as set" or (setting.demo == "environment only" and not source.is_file)


def _in_zone(now: Any, zone: str | None) -> Any:
    if zone is None:
        return now.astimezone()
    from zoneinfo import ZoneInfo

    return now.replace(tzinfo=ZoneInfo(zone))


def _parse(setting: Setting, text: str, where: str) -> Any:
    try:
        return setting.parse(text)
    except ValueError as error:
        hint = values.did_you_mean(text, values.zone_names()) if setting.parse is values.zone else ""
        shown = re.sub(r"[^/\s]*@", "***@", text)  # an address may hold a password
        raise SettingsError(f"{setting.name} is {shown!r} ({where}); it must be {setting.right}{hint}") from error
