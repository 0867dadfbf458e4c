"""What the settings screen reads and writes: the settings of this run, and the user's config.toml."""

from typing import TYPE_CHECKING

from aicalendar_tui.backend.domain.errors import CalendarError, InvalidEdit
from aicalendar_tui.i18n import _
from aicalendar_tui.settings import FIELDS, SettingsError
from aicalendar_tui.settings.values import to_text

if TYPE_CHECKING:
    from aicalendar_tui.settings import Settings


class SettingsFile:
    """Fits `screens.settings.SettingsStore`. The demo keeps nothing: its config folder is the user's own."""

    def __init__(self, settings: "Settings") -> None:
        self._settings = settings
        self._fields = {setting.key: field for field, setting in FIELDS.items()}
        self._texts: dict[str, str] = {}

    @property
    def keeps(self) -> bool:
        """Whether a change is there at the next start, too."""
        return not self._settings.demo or "folders" in self._settings.sources

    @property
    def place(self) -> str:
        """The file."""
        return str(self._settings.folders.config_file)

    def text(self, key: str) -> str:
        """The value as people write it; '' for what is left to the locale or the machine."""
        if key in self._texts:
            return self._texts[key]
        value = getattr(self._settings, self._fields[key])
        return "" if value is None else to_text(value)

    def default(self, key: str) -> str:
        """What it is when nobody sets it."""
        value = self._settings._field_defaults[self._fields[key]]
        return "" if value is None else to_text(value)

    def locked_by(self, key: str) -> str:
        """What wins over the file, such as an environment variable, or ''."""
        where = self._settings.sources.get(self._fields[key], "")
        if where.startswith(self.place):
            return ""
        _before, variable, name = where.rpartition("environment variable ")
        return _("environment variable {name}").format(name=name) if variable else where

    def choose(self, key: str, text: str) -> None:
        """From now on; '' is the default. Raises InvalidEdit for a value that can't be."""
        setting = FIELDS[self._fields[key]]
        if text:
            try:
                setting.parse(text)
            except ValueError as error:
                raise InvalidEdit(setting.right, field=key) from error
        self._texts[key] = text or self.default(key)

    def keep(self, key: str) -> None:
        """A default is kept by taking the key out of the file. Raises CalendarError."""
        if not self.keeps:
            return
        from aicalendar_tui.settings.writing import write_value

        try:
            text = self.text(key)
            write_value(self._settings.folders.config_file, key, None if text == self.default(key) else text)
        except SettingsError as error:
            raise CalendarError(str(error)) from error
