"""The table of commands in Textual's command palette."""

from functools import partial

from textual.app import App
from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.content import Content

from aicalendar_tui.i18n import _
from aicalendar_tui.screens.commands import COMMANDS, Command, display_keys


class CommandProvider(Provider):
    """Finds commands by their label, in the language of the interface; the help line names group and keys."""

    def _run(self, command: Command) -> None:
        action = getattr(self.screen, f"action_{command.id}", None)
        if action is not None:
            action()

    def _system(self) -> list[tuple[str, object, str]]:
        app: App[object] = self.app
        return [(entry.title, entry.callback, entry.help) for entry in app.get_system_commands(self.screen)]

    @staticmethod
    def _help(command: Command) -> str:
        return f"{_(command.group)} · {display_keys(command)}"

    async def discover(self) -> Hits:
        """All of them, in the order of the table."""
        for command in COMMANDS:
            if command.id != "palette":
                yield DiscoveryHit(
                    Content(_(command.label)),
                    partial(self._run, command),
                    _(command.label),
                    Content(self._help(command)).plain,
                )
        for title, callback, help_text in self._system():
            yield DiscoveryHit(Content(title), callback, title, help_text)  # pyright: ignore[reportArgumentType] - Textual's own type of callback

    async def search(self, query: str) -> Hits:
        """Fuzzy, best first."""
        matcher = self.matcher(query)
        for command in COMMANDS:
            label = _(command.label)
            if command.id != "palette" and (score := matcher.match(label)) > 0:
                yield Hit(score, matcher.highlight(label), partial(self._run, command), label, self._help(command))
        for title, callback, help_text in self._system():
            if (score := matcher.match(title)) > 0:
                yield Hit(score, matcher.highlight(title), callback, title, help_text)  # pyright: ignore[reportArgumentType] - Textual's own type of callback
