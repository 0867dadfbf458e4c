"""Changing one value in config.toml: comments, order and everything else in it stay as they are."""

import json
import os
import re
import tempfile
from contextlib import suppress
from pathlib import Path

from aicalendar_tui.settings.values import SettingsError

_TABLE = re.compile(r"^[ \t]*\[", re.MULTILINE)
_COMMENT = re.compile(r"""^((?:"(?:[^"\\\n]|\\.)*"|'[^'\n]*'|[^"'#\n])*?)([ \t]*#.*)?$""")
"""A value on one line, and the comment after it."""


def write_value(path: Path, key: str, text: str | None) -> None:
    """Sets a key before the tables, or removes it (None); the file is whole at any time. Raises SettingsError."""
    # A link stays one: dotfiles are often kept elsewhere.
    target = path.resolve()
    try:
        source = target.read_text("utf-8-sig") if target.exists() else ""
        changed = set_value(source, key, text, path=path)
        if changed == source:
            return
        target.parent.mkdir(parents=True, exist_ok=True)
        descriptor, part = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(changed)
            if target.exists():
                os.chmod(part, target.stat().st_mode & 0o777)
            os.replace(part, target)
        except OSError:
            with suppress(OSError):
                os.unlink(part)
            raise
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise SettingsError(f"can't change {path}: {reason}; the setting counts until the end of this run") from error


def set_value(source: str, key: str, text: str | None, *, path: Path | str = "config.toml") -> str:
    """The source with `key` set to what the settings read back as `text`.

    Raises: SettingsError, where that can't be done for sure.
    """
    import tomllib

    try:
        before = tomllib.loads(source)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{path} is not valid TOML: {error}; mend it by hand first") from error
    first_table = _TABLE.search(source)
    end = first_table.start() if first_table else len(source)
    head, tables = source[:end], source[end:]
    line = re.compile(rf"^([ \t]*(?:{re.escape(key)}|\"{re.escape(key)}\")[ \t]*=[ \t]*)(.*)$", re.MULTILINE)
    found = line.search(head)
    if text is None:
        changed = (head[: found.start()] + head[found.end() :].removeprefix("\n") if found else head) + tables
    elif found:
        parts = _COMMENT.match(found[2].rstrip())
        comment = (parts[2] or "") if parts else ""
        changed = head[: found.start()] + found[1] + _literal(text) + comment + head[found.end() :] + tables
    else:
        gap = "" if not head or head.endswith("\n") else "\n"
        blank = "\n" if tables else ""
        body = head.rstrip("\n") + "\n" if tables and head.strip() else head + gap
        changed = f"{body}{key} = {_literal(text)}\n{blank}{tables}"
    wanted = {name: value for name, value in before.items() if name != key}
    if text is not None:
        wanted[key] = tomllib.loads(f"v = {_literal(text)}")["v"]
    try:
        done = tomllib.loads(changed)
    except tomllib.TOMLDecodeError:
        done = None
    if done != wanted:
        raise SettingsError(f"{path} is written in a way that can't be changed safely: set {key} there by hand")
    return changed


def _literal(text: str) -> str:
    if text in ("on", "off"):
        return "true" if text == "on" else "false"
    if text.isascii() and text.isdigit() and str(int(text)) == text:
        return text
    return json.dumps(text, ensure_ascii=False)
