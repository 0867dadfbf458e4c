"""The line of key hints at the bottom, made from the table of commands."""

from textual.reactive import reactive

from aicalendar_tui.i18n import _
from aicalendar_tui.screens.calendar.scene import Scene
from aicalendar_tui.screens.canvas import Canvas, style_of
from aicalendar_tui.screens.commands import COMMANDS, display_key
from aicalendar_tui.screens.painted import Painted
from aicalendar_tui.screens.text import width_of

Hint = tuple[str, str]


class Footer(Painted):
    """Whole hints only: what doesn't fit is left out, and `?` has the rest. A mode puts its own hints here."""

    on_panel = True
    scene: reactive[Scene | None] = reactive(None, init=False, repaint=False)
    mode: reactive[tuple[Hint, ...]] = reactive((), init=False, repaint=False)

    def __init__(self, scene: Scene) -> None:
        super().__init__()
        self.set_reactive(Footer.scene, scene)

    def watch_scene(self) -> None:
        """Hints depend on whether an event is selected."""
        self.repaint()

    def watch_mode(self) -> None:
        """The keys of a mode replace the usual ones."""
        self.repaint()

    def paint(self, canvas: Canvas) -> None:
        """`key label` with three cells between."""
        palette = self.palette
        scene = self.scene
        selected = scene is not None and scene.selected is not None
        hints = list(self.mode or usual_hints(selected=selected))
        if not self.mode and scene is not None and scene.view in ("month", "year") and not selected:
            hints.insert(1, ("Enter", _("open day")))
        x = 2
        needed = max((width_of(f"{keys} {label}") for keys, label in hints[-1:]), default=0)
        for number, (keys, label) in enumerate(hints):
            kept_free = needed + 3 if number < len(hints) - 1 else 0  # the last one, help, is always there
            if x + width_of(keys) + 1 + width_of(label) > canvas.width - 1 - kept_free:
                continue
            x = canvas.write(x, 0, keys, style_of(palette.accent, palette.panel, True))
            x = canvas.write(x + bool(label), 0, label, style_of(palette.dim, palette.panel)) + 3


def usual_hints(*, selected: bool) -> list[Hint]:
    """What can be done now, neighbours with the same word together."""
    hints: list[Hint] = []
    last = ""
    for command in COMMANDS:
        if not command.footer or (command.context == "event" and not selected):
            continue
        key = display_key(command.keys[0])
        if command.hint == last:
            hints[-1] = (f"{hints[-1][0]} {key}", hints[-1][1])
        else:
            hints.append((key, _(command.hint)))
        last = command.hint
    return hints
