"""What the services and the screen write down: one line a record, as `name=value`, without secrets, in bounded files.

    time=2026-11-23T09:42:00.123Z level=warning logger=backend.tunnel message="ngrok ended" error="…"

A line can be read by people and by programs (logfmt). `--debug` writes down more, also in the services it starts.
"""

import logging
import os
import re
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from aicalendar_tui.cli.report import DEBUG_VARIABLE
from aicalendar_tui.launcher.logs import LIMIT_BYTES, log_path, set_aside

if TYPE_CHECKING:
    from aicalendar_tui.settings import Settings

HIDDEN = "•••"
MOST_CHARACTERS = 8_000
"""Of a line; what one error says must not fill a file."""

_PACKAGE = "aicalendar_tui."
_SHORTEST_SECRET = 6
"""A shorter value is no secret, and would hide half of every line."""
_SECRETS = re.compile(
    r"""
      (?P<name>
        \b(?:authorization|x-goog-channel-token)["']?\s*[:=]\s*["']?(?:(?:bearer|basic)\s+)?
      | \bbearer\s+
      | (?:access_?token|refresh_?token|id_?token|auth_?token|client_?secret|code_?verifier|api_?key
          |password|passwd|secret|token)["']?\s*[:=]\s*["']?
      | [?&]code=
      )
      [^\s"'&,;)}\]]{4,}
    | (?P<user>://[^/\s:@"']*:)[^@\s"']+(?=@)
    | \b(?:ya29\.|1//0|GOCSPX-)[\w.\-]+
    """,
    re.IGNORECASE | re.VERBOSE,
)
"""By the name that stands before them, as passwords in addresses, and Google's by their form."""
_BARE = re.compile(r"[^\s\"=\\]+")


def hide_secrets(text: str, known: Iterable[str] = ()) -> str:
    """The text with a mark in place of whatever looks like a secret, and of the `known` ones wherever they stand."""
    for secret in known:
        text = text.replace(secret, HIDDEN)
    return _SECRETS.sub(lambda found: (found["name"] or found["user"] or "") + HIDDEN, text)


def start_journal(settings: "Settings", name: str, *, own_output: bool = False) -> None:
    """From now on what this process logs goes to `NAME.log` in the state folder, and to nowhere else.

    `own_output`: standard output and error are in that file already, and follow it when it is set aside.
    """
    debug = bool(os.environ.get(DEBUG_VARIABLE))
    journal = Journal(
        Path(log_path(str(settings.folders.logs), name)), own_output=own_output, known=_known_secrets(settings)
    )
    root = logging.getLogger()
    root.handlers[:] = [journal]
    root.setLevel(logging.INFO if debug else logging.WARNING)
    logging.getLogger("aicalendar_tui").setLevel(logging.DEBUG if debug else logging.INFO)
    logging.captureWarnings(True)
    threading.excepthook = _log_thread


@contextmanager
def end_noted() -> Iterator[None]:
    """An error that ends the block is written down with its trace, and goes on."""
    try:
        yield
    except Exception:
        logging.getLogger(__name__).critical("ended by an error", exc_info=True)
        raise


class Journal(logging.Handler):
    """A file of bounded size; several processes may share it. Never raises: a full disk must end nothing."""

    def __init__(
        self,
        path: Path,
        *,
        limit_bytes: int = LIMIT_BYTES,
        own_output: bool = False,
        known: Iterable[str] = (),
    ) -> None:
        super().__init__()
        self._path = path
        self._limit = limit_bytes
        self._own_output = own_output
        self._known = tuple(known)
        self._file: int | None = None

    def format(self, record: logging.LogRecord) -> str:
        """One line, without its end."""
        moment = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        fields = {
            "time": f"{moment}.{int(record.msecs):03}Z",
            "level": record.levelname.lower(),
            "logger": record.name.removeprefix(_PACKAGE),
            "message": record.getMessage(),
        }
        if record.exc_info and record.exc_info[1]:
            fields["error"] = _trace(record.exc_info[1], record.exc_info[2])
        line = " ".join(f"{name}={_value(hide_secrets(text, self._known))}" for name, text in fields.items())
        return line if len(line) <= MOST_CHARACTERS else line[: MOST_CHARACTERS - 2].rstrip("\\") + '…"'

    def emit(self, record: logging.LogRecord) -> None:
        """See `logging.Handler`."""
        try:
            line = self.format(record)
        except Exception:
            self.handleError(record)  # a record whose arguments don't fit its text is a defect of ours
            return
        with suppress(OSError):
            os.write(self._open(), line.encode("utf-8", "backslashreplace") + b"\n")

    def close(self) -> None:
        """See `logging.Handler`."""
        self._let_go()
        super().close()

    def _open(self) -> int:
        """The file to write to, after setting a full one aside. Raises: OSError."""
        if self._file is not None and self._was_replaced(self._file):
            self._let_go()
        if self._file is not None and os.fstat(self._file).st_size >= self._limit:
            self._let_go()
            set_aside(os.fspath(self._path))
        if self._file is None:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC
            self._file = os.open(self._path, flags, 0o600)
            if self._own_output:
                for descriptor in (1, 2):
                    os.dup2(self._file, descriptor)
        return self._file

    def _was_replaced(self, file: int) -> bool:
        try:
            return os.stat(self._path).st_ino != os.fstat(file).st_ino
        except FileNotFoundError:
            return True

    def _let_go(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None


def _trace(error: BaseException, trace: TracebackType | None) -> str:
    import traceback

    return "".join(traceback.format_exception(type(error), error, trace)).strip()


def _value(text: str) -> str:
    """As it is where that is clear, else in quotes; on one line, and without anything a terminal would obey."""
    if _BARE.fullmatch(text) and text.isprintable():
        return text
    quoted = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return '"' + "".join(letter if letter.isprintable() else f"\\x{ord(letter):02x}" for letter in quoted) + '"'


def _known_secrets(settings: "Settings") -> list[str]:
    """Values that must never be written down, in whatever words they come."""
    from urllib.parse import unquote, urlsplit

    values = [settings.ngrok_authtoken, settings.redis_password]
    for url in (settings.database_url, settings.external_redis_url):
        password = urlsplit(str(url)).password if url else None
        values += [password, unquote(password)] if password else []
    with suppress(OSError):
        values.append(settings.folders.api_token.read_text().strip())
    return [str(value) for value in values if value and len(str(value)) >= _SHORTEST_SECRET]


def _log_thread(arguments: threading.ExceptHookArgs) -> None:
    if arguments.exc_value is not None and not isinstance(arguments.exc_value, SystemExit):
        name = arguments.thread.name if arguments.thread else "?"
        logging.getLogger("aicalendar_tui.thread").error(
            "the thread %s ended by an error",
            name,
            exc_info=(type(arguments.exc_value), arguments.exc_value, arguments.exc_traceback),
        )
