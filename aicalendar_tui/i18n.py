"""gettext, set up on first use so that importing costs nothing; the locale or one call chooses the language."""

import gettext as _gettext
import os
from functools import cache
from pathlib import Path

DOMAIN = "aicalendar"
LANGUAGES = ("en", "ru")
_FOLDER = Path(__file__).parent / "locale"
_chosen: str | None = None


@cache
def _catalogue(language: str) -> _gettext.NullTranslations:
    return _gettext.translation(DOMAIN, _FOLDER, languages=[language], fallback=True)


def language() -> str:
    """`en` or `ru`: what `set_language` chose, else what the environment's locale asks for."""
    if _chosen:
        return _chosen
    for name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        for part in os.environ.get(name, "").split(":"):
            code = part.partition(".")[0].partition("_")[0].lower()
            if code in LANGUAGES:
                return code
            if code in ("c", "posix"):
                return "en"
    return "en"


def set_language(code: str | None) -> None:
    """Speak `code` from now on; None follows the locale again. Raises ValueError for an unknown language."""
    global _chosen
    if code is not None and code not in LANGUAGES:
        raise ValueError(f"language {code!r} is not one of {', '.join(LANGUAGES)}")
    _chosen = code


def _(message: str) -> str:
    """The message in the current language; a text that is no message, as it is. Call it when it is shown."""
    return _catalogue(language()).gettext(message) if message else ""  # gettext's entry for "" is its header


def ngettext(singular: str, plural: str, number: int) -> str:
    """The plural form that the current language uses for `number`; fill it with `.format(number=…)`."""
    return _catalogue(language()).ngettext(singular, plural, number)


def N_(message: str) -> str:  # noqa: N802 - gettext's conventional name for "mark, translate later"
    """Marks a message for extraction and returns it as it is; `_` translates it where it is shown."""
    return message
