"""The two files of the config folder, as texts by name; their form is judged here, their values elsewhere."""

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from aicalendar_tui.settings.table import FIELDS
from aicalendar_tui.settings.values import SettingsError, did_you_mean, to_text


class Text(NamedTuple):
    """A value as it was written, and where: for the message if it is wrong."""

    text: str
    where: str


def read_config(path: Path) -> dict[str, Text]:
    """config.toml's values by their names in the environment. Raises SettingsError, also for an unknown key."""
    if not (source := _read_file(path)):
        return {}
    import tomllib  # 10 ms, for those who have the file

    try:
        document = tomllib.loads(source)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{path} is not valid TOML: {error}") from error
    by_key = {setting.key: setting for setting in FIELDS.values()}
    texts = {}
    for key, value in document.items():
        if key not in by_key:
            raise SettingsError(f"{path} sets {key}, which is no setting{did_you_mean(key, by_key)}")
        if key == "keys" and isinstance(value, dict):
            value = to_text(_key_table(value, path))
        if isinstance(value, dict | list):
            kind = "table" if isinstance(value, dict) else "list"
            raise SettingsError(f"{path} sets {key} to a {kind}; it must be {by_key[key].right}")
        texts[by_key[key].name] = Text(to_text(value), f"{path}, {key}")
    return texts


def _key_table(table: Mapping[str, object], path: Path) -> Mapping[str, tuple[str, ...]]:
    """[keys], each a key or a list of them; a comma is written by name where keys are listed in a text."""
    keys: dict[str, tuple[str, ...]] = {}
    for command, value in table.items():
        listed = value if isinstance(value, list) else [value]
        if not all(isinstance(key, str) and key.strip() for key in listed):
            raise SettingsError(f'{path} sets keys.{command} to {value!r}; it must be a key or a list, as ["c", "n"]')
        keys[command] = tuple("comma" if key == "," else str(key).strip() for key in listed)
    return keys


def read_dotenv(path: Path) -> tuple[dict[str, Text], tuple[str, ...]]:
    """`.env`'s values by name, and a line for each name that is no setting (other programs may read it too).

    Raises: SettingsError.
    """
    known: Mapping[str, None] = dict.fromkeys(setting.name for setting in FIELDS.values())
    texts, strange = {}, []
    for name, (text, line) in parse_dotenv(_read_file(path), path).items():
        if name in known:
            texts[name] = Text(text, f"{path}, line {line}")
        else:
            strange.append(f"{path}, line {line}: {name} is no setting{did_you_mean(name, known)}")
    return texts, tuple(strange)


def parse_dotenv(source: str, path: Path | str = ".env") -> dict[str, tuple[str, int]]:
    r"""Name → (value, line) of `NAME=value` lines; the last of a name counts.

    Knows `export`, comments, single quotes (taken as is) and double quotes (`\n`, `\t`, `\"`, `\\`); a `#` after a
    space ends an unquoted value. Nothing is expanded and no value spans lines.

    Raises: SettingsError, naming the line.
    """
    values: dict[str, tuple[str, int]] = {}
    for number, line in enumerate(source.splitlines(), 1):
        statement = line.strip().removeprefix("export ").strip()
        if not statement or statement.startswith("#"):
            continue
        name, equals, value = statement.partition("=")
        name = name.strip()
        if not equals or not name.isidentifier():
            raise SettingsError(f"{path}, line {number}, is not of the form NAME=value")
        values[name] = (_unquote(value.strip(), f"{path}, line {number}: {name}"), number)
    return values


_ESCAPES = {"n": "\n", "t": "\t", "r": "\r"}


def _unquote(text: str, where: str) -> str:
    quote = text[:1]
    if quote not in ("'", '"'):
        for mark in (" #", "\t#"):
            text = text.partition(mark)[0]
        return "" if text.startswith("#") else text.strip()
    value = ""
    characters = iter(text[1:])
    for character in characters:
        if character == quote:
            rest = "".join(characters).strip()
            if rest and not rest.startswith("#"):
                raise SettingsError(f"{where} has something after its closing quote")
            return value
        if character == "\\" and quote == '"':
            escaped = next(characters, "")
            value += _ESCAPES.get(escaped, escaped)
        else:
            value += character
    raise SettingsError(f"{where} has no closing quote")


def _read_file(path: Path) -> str:
    try:
        return path.read_text("utf-8-sig")
    except (FileNotFoundError, NotADirectoryError):
        return ""
    except UnicodeDecodeError as error:
        raise SettingsError(f"{path} is not UTF-8 text (byte {error.start}); save it as UTF-8") from error
    except OSError as error:
        raise SettingsError(f"can't read {path}: {error.strerror}; make it readable or move it away") from error
