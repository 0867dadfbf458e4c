"""What can be typed. Each command's code is imported when it runs, by the small functions at the end."""

import argparse
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from aicalendar_tui import __version__
from aicalendar_tui.cli.report import USAGE
from aicalendar_tui.i18n import _

if TYPE_CHECKING:
    from aicalendar_tui.cli.context import Context

Run = Callable[["Context"], int]

FILES = {
    "bash": "_shtab_compgen_files",
    "zsh": "_files",
    "fish": "(__fish_complete_path (commandline -ct))",
    "tcsh": "f",
}
"""How each shell completes names of files; shtab's own words, without importing it."""


class _Formatter(argparse.HelpFormatter):
    """Help in our language: argparse would ask the catalogue of its own."""

    def add_usage(
        self,
        usage: str | None,
        actions: Iterable[argparse.Action],
        groups: Iterable[Any],
        prefix: str | None = None,
    ) -> None:
        """With the word for usage before it."""
        super().add_usage(usage, actions, groups, _("usage: ") if prefix is None else prefix)


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one line, and guesses what was meant."""

    def __init__(self, **options: Any) -> None:
        super().__init__(formatter_class=_Formatter, **options)
        self._optionals.title = _("options")
        self._positionals.title = _("what it takes")
        for action in self._actions:
            if isinstance(action, argparse._HelpAction):
                action.help = _("show this help")

    def error(self, message: str) -> NoReturn:
        """One line, and exit code 2."""
        hint = _("see {command} --help").format(command=self.prog)
        self.exit(USAGE, f"{self.prog}: {message}; {hint}\n")

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        # argparse's own message lists every command, hidden ones too, and gives no nearest one.
        if action.choices is None or value in action.choices:
            return
        from difflib import get_close_matches

        public = [str(choice) for choice in action.choices if not str(choice).startswith("_")]
        near = get_close_matches(str(value), public, n=1)
        hint = (
            _("did you mean {word}?").format(word=near[0])
            if near
            else _("known: {words}").format(words=", ".join(public))
        )
        raise argparse.ArgumentError(None, _("{value!r} is unknown: {hint}").format(value=value, hint=hint))


class _PrintCompletion(argparse.Action):
    """Prints a completion script for a shell (shtab knows how)."""

    def __call__(
        self, parser: argparse.ArgumentParser, _namespace: argparse.Namespace, values: Any, _option: str | None = None
    ) -> NoReturn:
        import shtab

        print(shtab.complete(parser, shell=values))
        parser.exit()


class _PrintManPage(argparse.Action):
    """Prints the manual page."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        _namespace: argparse.Namespace,
        _values: Any,
        _option: str | None = None,
    ) -> NoReturn:
        from aicalendar_tui.cli.man_page import man_page

        print(man_page(parser), end="")
        parser.exit()


def build_parser() -> Parser:
    """The whole command line, in the current language."""
    parser = Parser(
        prog="aicalendar",
        description=_("Google Calendar in the terminal. Without a command it opens the calendar."),
        parents=[_build_common()],
    )
    parser.add_argument(
        "--version", action="version", version=f"aicalendar {__version__}", help=_("print the version")
    )
    parser.add_argument(
        "--print-completion",
        action=_PrintCompletion,
        choices=["bash", "zsh", "fish", "tcsh"],
        help=_("print a completion script for the shell"),
    )
    parser.add_argument("--print-man-page", action=_PrintManPage, nargs=0, help=_("print the manual page, as roff"))
    parser.set_defaults(run=_run_calendar, tells_slips=True)
    commands = parser.add_subparsers(title=_("commands"), metavar=_("COMMAND"), parser_class=Parser)

    def add(name: str, run: Run, help_: str | None = None) -> Parser:
        shown: dict[str, Any] = {} if help_ is None else {"help": help_, "description": help_}
        common: Any = _build_common()  # typeshed wants parents of the commands' own class; argparse doesn't
        command = commands.add_parser(name, parents=[common], **shown)
        # The screen, the doctor and what the supervisor starts tell of slips in the settings their own way.
        command.set_defaults(run=run, tells_slips=help_ is None)
        return command

    _add_services(add)
    _add_accounts(add)
    _add_reading(add)
    _add_search(add)
    _add_changing(add)
    _add_tending(add)
    _add_hidden(add)
    return parser


Add = Callable[..., Parser]


def _build_common() -> argparse.ArgumentParser:
    """What may stand before and after the command; absent means unset, so that neither place hides the other.

    New for each command, since argparse writes a command's own defaults into the options it was given. Not a
    `Parser`: argparse joins its options to the command's while both still have argparse's own headings.
    """
    common = argparse.ArgumentParser(add_help=False, argument_default=argparse.SUPPRESS)
    common.add_argument("--demo", action="store_true", help=_("work on the demo's calendar, not on yours"))
    common.add_argument("--now", metavar="ISO", help=_("pretend that it is this time, such as 2026-11-23T09:00"))
    common.add_argument("--debug", action="store_true", help=_("show tracebacks, and write down more"))
    return common


def _add_services(add: Add) -> None:
    demo = add("demo", _run_demo, _("open the calendar on a simulated Google on this machine"))
    demo.set_defaults(demo=True, tells_slips=True)
    _add_simulator_options(demo)
    demo.add_argument("--quiet", action="store_true", help=_("no colleagues who change something now and then"))

    add("serve", _run_serve, _("run the services without the screen, and print their logs"))

    simulator = add("simulator", _run_simulator, _("run the simulated Google alone"))
    _add_simulator_options(simulator)
    simulator.add_argument("--state", type=Path, metavar="FILE", help=_("keep its state in this file"))


def _add_simulator_options(command: Parser) -> None:
    command.add_argument("--port", type=_port, metavar="N", help=_("the simulated Google's port on 127.0.0.1"))
    ics = command.add_argument(
        "--ics", type=Path, nargs="+", action="extend", default=[], metavar="FILE", help=_("load these .ics files")
    )
    ics.complete = FILES  # pyright: ignore[reportAttributeAccessIssue] -- shtab's own attribute


def _add_accounts(add: Add) -> None:
    login = add("login", _run_login, _("sign in to your Google Calendar; leads through all of it"))
    login.add_argument("account", nargs="?", metavar="ADDRESS", help=_("whom Google's page should offer"))
    login.add_argument("--no-browser", action="store_true", help=_("print the address, and take the answer by paste"))
    client = login.add_argument(
        "--client", metavar="FILE", help=_("the client file of Google's console, or - to read it from the input")
    )
    client.complete = FILES  # pyright: ignore[reportAttributeAccessIssue] -- shtab's own attribute
    login.add_argument("--port", type=_port, metavar="N", help=_("where the browser brings the answer on 127.0.0.1"))
    login.add_argument(
        "--allow",
        action="append",
        default=[],
        choices=["free-times"],
        help=_("ask for more than reading and changing events: when others are free"),
    )
    _add_no_wait(login)

    logout = add("logout", _run_logout, _("sign out: Google is told, and the tokens are removed"))
    logout.add_argument("account", nargs="?", metavar="ADDRESS", help=_("which account, if there are several"))
    logout.add_argument("--forget", action="store_true", help=_("remove its events from this machine, too"))
    _add_yes(logout)

    accounts = add("accounts", _run_accounts, _("list the accounts, choose the default one, or remove one"))
    accounts.add_argument("action", nargs="?", choices=["list", "default", "remove"], default="list")
    accounts.add_argument("account", nargs="?", metavar="ADDRESS", help=_("which account"))
    _add_yes(accounts)
    _add_json(accounts)


def _add_yes(command: Parser) -> None:
    command.add_argument("--yes", action="store_true", help=_("also if edits that wait are lost"))


def _add_reading(add: Add) -> None:
    agenda = add("agenda", _run_agenda, _("print the events of the coming days, or of a range"))
    agenda.add_argument(
        "range",
        nargs="*",
        metavar="RANGE",
        help=_("such as: today, tomorrow, next week, 14 days, december, 24 dec, 2026-12-24..2026-12-31"),
    )
    _add_json(agenda)

    for name, run, help_ in (
        ("week", _run_week, _("print a week to scale, as on the screen")),
        ("month", _run_month, _("print a month, as on the screen")),
    ):
        grid = add(name, run, help_)
        grid.add_argument(
            "range", nargs="*", metavar="DAY", help=_("a day in it, such as: next week, december, 24 dec")
        )
        _add_json(grid)

    next_ = add("next", _run_next, _("print the next event, and how long until then"))
    next_.add_argument(
        "--bar",
        choices=["plain", "tmux", "waybar"],
        help=_("short, for a status bar; it shows an event under way, too"),
    )
    _add_json(next_)

    export = add("export", _run_export, _("write calendars as .ics, or a week or month as a picture (SVG)"))
    export.add_argument("what", choices=["ics", "week", "month"])
    export.add_argument("range", nargs="*", metavar="DAY", help=_("a day of the week or month; today without it"))
    export.add_argument("--calendar", metavar="NAME", help=_("its name or id; all that are shown without it"))
    output = export.add_argument(
        "-o", "--output", type=Path, metavar="FILE", help=_("write to this file, not to the output")
    )
    output.complete = FILES  # pyright: ignore[reportAttributeAccessIssue] -- shtab's own attribute
    export.add_argument(
        "--size", type=_size, default=(140, 45), metavar="WxH", help=_("of the picture, in cells; 140x45")
    )
    export.add_argument("--light", action="store_true", help=_("a picture on a light ground"))


def _add_search(add: Add) -> None:
    search = add("search", _run_search, _("find events by title, place, description or guests"))
    search.add_argument(
        "words",
        nargs="+",
        metavar="TEXT",
        help=_("words, and perhaps cal:NAME, from:NAME, before:DAY, after:DAY; quotes keep words together"),
    )
    search.add_argument("--limit", type=int, default=50, metavar="N", help=_("at most so many; 50 without it"))
    _add_json(search)


def _add_changing(add: Add) -> None:
    event = add("add", _run_add, _("create an event"))
    event.add_argument("--title", required=True, help=_("what it is called"))
    event.add_argument(
        "--start", required=True, metavar="TIME", help=_('such as "tomorrow 15:00" or 2026-11-24T15:00')
    )
    event.add_argument(
        "--end", metavar="TIME", help=_("such as 16:30, +45m or a day; an hour, or a day, later without it")
    )
    event.add_argument("--calendar", metavar="NAME", help=_("its name or id; the primary one without it"))
    event.add_argument("--place", default="", help=_("where it is"))
    event.add_argument("--all-day", action="store_true", help=_("whole days; the end is the last day"))
    _add_no_wait(event)

    import_ = add("import", _run_import, _("take the events of .ics files into a calendar"))
    files = import_.add_argument("files", type=Path, nargs="+", metavar="FILE", help=_("the .ics files"))
    files.complete = FILES  # pyright: ignore[reportAttributeAccessIssue] -- shtab's own attribute
    import_.add_argument("--calendar", metavar="NAME", help=_("its name or id; the primary one without it"))
    _add_no_wait(import_)

    watch = add("watch", _run_watch, _("live updates of a calendar, or of all: on, off, or how they are"))
    watch.add_argument("wish", choices=["on", "off", "status"])
    watch.add_argument("calendar", nargs="?", metavar="CALENDAR", help=_("its name or id; all without it"))
    _add_no_wait(watch)
    _add_json(watch)


def _add_tending(add: Add) -> None:
    sync = add("sync", _run_sync, _("send what waits and fetch what is new, now"))
    sync.add_argument("calendar", nargs="?", metavar="CALENDAR", help=_("its name or id; all without it"))
    sync.add_argument("--full", action="store_true", help=_("fetch everything again"))
    _add_no_wait(sync)

    tasks = add("tasks", _run_tasks, _("list what the services do and did"))
    tasks.add_argument("--limit", type=_count, default=20, metavar="N", help=_("how many at most"))
    _add_json(tasks)

    cache = add("cache", _run_cache, _("the cached views in Redis"))
    cache.add_argument("action", choices=["clear"], help=_("forget them: they are read from the database again"))
    cache.add_argument("user", nargs="?", metavar="USER", help=_("of this account; of all without it"))

    doctor = add("doctor", _run_doctor, _("say what is running, what is wrong and how to mend it"))
    doctor.set_defaults(tells_slips=True)
    _add_json(doctor)

    service = add("service", _run_service, _("run the services at each login, without a screen (systemd)"))
    service.add_argument("action", choices=["install", "uninstall"], help=_("write and start the unit, or remove it"))

    token = add("token", _run_token, _("print the local API's token"))
    token.add_argument("--address", action="store_true", help=_("print where the API is instead, while it runs"))


def _add_hidden(add: Add) -> None:
    """What the supervisor starts; without a help text these are in no list."""
    add("_receiver", _run_hidden_receiver)
    add("_worker", _run_hidden_worker)
    simulator = add("_simulator", _run_hidden_simulator)
    _add_simulator_options(simulator)
    simulator.add_argument("--state", type=Path)
    simulator.add_argument("--lively", action="store_true")


def _add_json(command: Parser) -> None:
    command.add_argument("--json", action="store_true", help=_("print JSON"))


def _add_no_wait(command: Parser) -> None:
    command.add_argument("--no-wait", action="store_true", help=_("do not wait until the services have done it"))


def _port(text: str) -> int:
    return _number(text, 0, 65535)


def _count(text: str) -> int:
    return _number(text, 1, 10_000)


def _size(text: str) -> tuple[int, int]:
    width, _cross, height = text.lower().partition("x")
    return _number(width, 40, 500), _number(height, 16, 300)


def _number(text: str, low: int, high: int) -> int:
    if text.isascii() and text.isdigit() and low <= int(text) <= high:
        return int(text)
    raise argparse.ArgumentTypeError(
        _("{text!r} is not a number from {low} to {high}").format(text=text, low=low, high=high)
    )


def command_words(parser: argparse.ArgumentParser) -> Sequence[str]:
    """The public commands, for documentation and tests."""
    return [
        choice.dest
        for action in parser._actions
        if isinstance(action, argparse._SubParsersAction)
        for choice in action._choices_actions
    ]


def _run_calendar(context: "Context") -> int:
    from aicalendar_tui.cli.screen import run_calendar

    return run_calendar(context)


def _run_demo(context: "Context") -> int:
    from aicalendar_tui.cli.screen import run_demo

    return run_demo(context)


def _run_serve(context: "Context") -> int:
    from aicalendar_tui.cli.serve import run_services

    return run_services(context)


def _run_simulator(context: "Context") -> int:
    from aicalendar_tui.cli.programs import run_simulator

    return run_simulator(context)


def _run_login(context: "Context") -> int:
    from aicalendar_tui.cli.login import log_in

    return log_in(context)


def _run_logout(context: "Context") -> int:
    from aicalendar_tui.cli.login import log_out

    return log_out(context)


def _run_accounts(context: "Context") -> int:
    from aicalendar_tui.cli.login import manage_accounts

    return manage_accounts(context)


def _run_agenda(context: "Context") -> int:
    from aicalendar_tui.cli.agenda import print_agenda

    return print_agenda(context)


def _run_search(context: "Context") -> int:
    from aicalendar_tui.cli.search import print_found

    return print_found(context)


def _run_week(context: "Context") -> int:
    from aicalendar_tui.cli.grids import print_week

    return print_week(context)


def _run_month(context: "Context") -> int:
    from aicalendar_tui.cli.grids import print_month

    return print_month(context)


def _run_next(context: "Context") -> int:
    from aicalendar_tui.cli.agenda import print_next

    return print_next(context)


def _run_export(context: "Context") -> int:
    from aicalendar_tui.cli.transfer import export

    return export(context)


def _run_import(context: "Context") -> int:
    from aicalendar_tui.cli.transfer import import_files

    return import_files(context)


def _run_add(context: "Context") -> int:
    from aicalendar_tui.cli.add import add_event

    return add_event(context)


def _run_watch(context: "Context") -> int:
    from aicalendar_tui.cli.watch import change_watching

    return change_watching(context)


def _run_sync(context: "Context") -> int:
    from aicalendar_tui.cli.sync import sync_now

    return sync_now(context)


def _run_tasks(context: "Context") -> int:
    from aicalendar_tui.cli.tasks import print_tasks

    return print_tasks(context)


def _run_cache(context: "Context") -> int:
    from aicalendar_tui.cli.tending import clear_cache

    return clear_cache(context)


def _run_doctor(context: "Context") -> int:
    from aicalendar_tui.cli.doctor import print_diagnosis

    return print_diagnosis(context)


def _run_service(context: "Context") -> int:
    from aicalendar_tui.cli.service import manage_service

    return manage_service(context)


def _run_token(context: "Context") -> int:
    from aicalendar_tui.cli.tending import print_token

    return print_token(context)


def _run_hidden_receiver(context: "Context") -> int:
    from aicalendar_tui.cli.programs import run_receiver

    return run_receiver(context)


def _run_hidden_worker(context: "Context") -> int:
    from aicalendar_tui.cli.programs import run_worker

    return run_worker(context)


def _run_hidden_simulator(context: "Context") -> int:
    from aicalendar_tui.cli.programs import run_simulator

    return run_simulator(context)
