"""Errors as a command line shows them: one line to standard error, and an exit code."""

import errno
import os
import sys
from contextlib import suppress
from typing import TextIO

from aicalendar_tui.i18n import _

DEBUG_VARIABLE = "AICALENDAR_DEBUG"
"""Set by --debug for this process and all that it starts."""

OK, FAILURE, USAGE, INTERRUPTED = 0, 1, 2, 130


class CommandError(Exception):
    """A command can't do what was asked; the text is one translated line that says what to do."""

    exit_code = FAILURE


class UsageError(CommandError):
    """The command was asked for in a way that can't be."""

    exit_code = USAGE


def report_error(error: BaseException, *, debug: bool, stderr: TextIO | None = None) -> int:
    """Tell it on standard error, with a traceback only for `debug`; returns the exit code."""
    if isinstance(error, KeyboardInterrupt):
        return INTERRUPTED
    if isinstance(error, BrokenPipeError):
        # The reader has seen enough (`| head`). Python would complain once more while it closes the stream.
        with suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return OK
    if debug:
        import traceback

        traceback.print_exception(error)
    text, code = _judge(error)
    print(f"aicalendar: {' '.join(text.split())}", file=stderr or sys.stderr)
    return code


def describe(error: BaseException) -> str:
    """The error as one line in the user's language."""
    return " ".join(_judge(error)[0].split())


def _judge(error: BaseException) -> tuple[str, int]:
    # Imported here: errors are rare, and commands differ in which families they load anyway.
    from aicalendar_tui.backend.domain.errors import CalendarError, InvalidEdit, NotAuthorized, Unreachable
    from aicalendar_tui.launcher.errors import LauncherError
    from aicalendar_tui.settings import SettingsError

    match error:
        case CommandError():
            return str(error), error.exit_code
        case SettingsError():
            return str(error), USAGE
        case InvalidEdit():
            return _(str(error)), USAGE
        case NotAuthorized():
            reason = _("signed out: sign in again; edits that wait are kept")
            return reason, FAILURE
        case Unreachable():
            return _("no connection to the calendar service; try again later, edits are kept"), FAILURE
        case CalendarError() | LauncherError():
            return _(str(error)) if str(error) else type(error).__name__, FAILURE
        case OSError() if error.strerror:
            where = f"{error.filename}: " if error.filename else ""
            return where + error.strerror + _remedy_of(error), FAILURE
        case _:
            reason = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
            return _("{reason} (an error in aicalendar; --debug shows where)").format(reason=reason), FAILURE


def _remedy_of(error: OSError) -> str:
    """What helps against an error of the system, as a clause; '' where nothing general does."""
    match error.errno:
        case errno.ENOSPC | errno.EDQUOT:
            return "; " + _("make room, and try again")
        case errno.EACCES | errno.EPERM | errno.EROFS:
            return "; " + _("aicalendar needs to write there; AICALENDAR_HOME can name another folder")
        case errno.EMFILE | errno.ENFILE:
            return "; " + _("too many files are open: close some programs, or raise ulimit -n")
    return ""
