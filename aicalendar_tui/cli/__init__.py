"""The commands: what is typed, what is printed, and the exit code.

Nothing heavy is imported here or in `parser`: each command imports what it needs when it runs.
"""

import os
import sys
from collections.abc import Sequence

from aicalendar_tui.cli.parser import build_parser
from aicalendar_tui.cli.report import DEBUG_VARIABLE, report_error
from aicalendar_tui.i18n import set_language
from aicalendar_tui.settings import SettingsError, load_settings


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; the exit code is 0, 1 for a failure, 2 for wrong usage or a wrong setting, 130 for Ctrl-C."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    if "--debug" in arguments:
        os.environ[DEBUG_VARIABLE] = "1"  # for the services that are started, too
    debug = bool(os.environ.get(DEBUG_VARIABLE))
    try:
        _speak_their_language()
        return _run_command(arguments)
    except SystemExit as exit_:
        return exit_.code if isinstance(exit_.code, int) else 1
    except BaseException as error:  # the edge: every error becomes one line and an exit code here
        return report_error(error, debug=debug)


def _run_command(words: Sequence[str]) -> int:
    options = build_parser().parse_args(words)
    from aicalendar_tui.cli.context import open_context

    context = open_context(options, _run_command)
    if context.settings.ignored and not options.tells_slips:
        context.output.note("; ".join(context.settings.ignored))
    return options.run(context)


def _speak_their_language() -> None:
    """Before the arguments are read, since help is in it too; a wrong setting must not stand in the help's way."""
    try:
        set_language(load_settings().language)
    except SettingsError:
        set_language(None)
