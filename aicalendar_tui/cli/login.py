"""`login`, `logout`, `accounts`: the whole way from a fresh install to one's own calendar."""

import webbrowser
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from shutil import get_terminal_size
from textwrap import fill
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from aicalendar_tui.backend.domain.client_file import LARGEST_BYTES, Client
from aicalendar_tui.backend.domain.console_guide import GUIDE, UNVERIFIED_HINT
from aicalendar_tui.backend.domain.errors import NotFound, SignInFailed, WrongClientFile
from aicalendar_tui.cli.lines import typed_lines
from aicalendar_tui.cli.output import SCHEMA, clean
from aicalendar_tui.cli.report import OK, CommandError, UsageError
from aicalendar_tui.cli.waiting import NEEDED, first_error, running_services
from aicalendar_tui.i18n import N_, _, ngettext
from aicalendar_tui.launcher.errors import LauncherError

if TYPE_CHECKING:
    from aicalendar_tui.backend.google.loopback import Loopback
    from aicalendar_tui.backend.ports import ConsentRequest
    from aicalendar_tui.backend.services.accounts import Account, Accounts
    from aicalendar_tui.backend.services.sign_in import SignedIn
    from aicalendar_tui.cli.context import Context

BROWSER_SECONDS = 600.0
"""As long as a code lives, and longer than reading Google's pages takes."""
LOOK_SECONDS = 0.2
LONGEST_PATH = 4_096
WIDEST_TEXT = 100
TASKS_LOOKED_AT = 500
"""More calendars than anyone has."""
NO_ANSWER = N_("no answer was given: sign in again")
MORE_SCOPES = {"free-times": "free times"}


def log_in(context: "Context") -> int:
    """Leads through the sign-in, and the first sync. Raises CommandError with one line for whatever went wrong."""
    accounts = _open_accounts(context)
    options = context.options
    client = _find_client(context, accounts)
    purposes = ("calendar", *(MORE_SCOPES[name] for name in options.allow))
    from aicalendar_tui.bootstrap import open_loopback

    # The services start while the user is with the browser, so that the first sync begins at once.
    with open_loopback(options.port or 0) as door, _start_services(context) as services_are_ready:
        request = accounts.sign_in.begin(
            client,
            redirect_uri=door.redirect_uri,
            user_id=_expected_user(accounts, options.account),
            purposes=purposes,  # pyright: ignore[reportArgumentType] -- the parser lets only their names through
        )
        door.expect(request.state)
        output = context.output
        if not accounts.sign_in.is_stand_in:
            output.line(_(UNVERIFIED_HINT))
            output.line()
        output.line(_("Open this address in a browser and allow the access:"))
        output.line()
        output.line(request.url)
        output.line()
        output.flush()
        if options.no_browser:
            finish = _answers_by_paste(context, door)
        else:
            finish = iter([_wait_for_browser(context, door, request.url)])
        account = _finish(context, accounts, request, finish, before=services_are_ready)
        return _welcome(context, account)


@contextmanager
def _start_services(context: "Context") -> Iterator[Callable[[], None]]:
    """Keeps them running for the block; yields what waits until they are ready, as long as a command may wait."""
    if context.options.no_wait:
        yield lambda: None
        return
    try:
        lease = context.acquire_lease()
    except LauncherError as error:  # signing in needs none of them
        context.output.note(str(error))
        yield lambda: None
        return

    def wait_ready() -> None:
        context.output.progress(_("starting the services"))
        lease.wait_ready(NEEDED, timeout_seconds=context.wait_seconds)
        context.output.clear_progress()

    with lease:
        yield wait_ready


def _open_accounts(context: "Context") -> "Accounts":
    if context.settings.demo:
        raise CommandError(_("the demo is signed in by itself; without --demo you sign in to your own calendar"))
    from aicalendar_tui.bootstrap import build_accounts

    return build_accounts(context.settings, context.services)


def _expected_user(accounts: "Accounts", name: str | None) -> str:
    """Whom Google's page should offer; without a name, the one account that is signed out."""
    if name:
        try:
            return accounts.find(name).user_id
        except NotFound:
            return name if "@" in name else ""
    signed_out = [account.user_id for account in accounts.list() if account.state == "signed out"]
    return signed_out[0] if len(signed_out) == 1 else ""


def _find_client(context: "Context", accounts: "Accounts") -> Client:
    given = context.options.client
    sign_in = accounts.sign_in
    if given == "-":
        return _checked(accounts, typed_lines().read_all(LARGEST_BYTES))
    if given:
        return _checked(accounts, _read_file(_as_path(given)))
    known = sign_in.known_client()
    if known is not None:
        return known
    return _ask_client(context, accounts)


def _checked(accounts: "Accounts", content: str | bytes) -> Client:
    try:
        return accounts.sign_in.check_client_file(content)
    except WrongClientFile as error:
        raise CommandError(_(str(error))) from error


def _ask_client(context: "Context", accounts: "Accounts") -> Client:
    """Shows the way through Google's console, then asks until the file is one; Raises CommandError at the end."""
    output = context.output
    output.line(
        output.bold(_("Google lets a program at your calendar only as a client of your own. Once, 5 minutes:"))
    )
    output.line()
    width = min(get_terminal_size().columns - 1, WIDEST_TEXT)
    for number, (title, address, buttons) in enumerate(GUIDE, 1):
        output.line(f"{number}. {output.bold(_(title))}  {address}")
        output.line(fill(_(buttons), width, initial_indent="   ", subsequent_indent="   "))
    output.line()
    wrong: CommandError | None = None
    while True:
        output.prompt(_("Path of the downloaded file (drop it here), or its content: "))
        text = typed_lines().read()
        if text is None:
            raise wrong or CommandError(
                _("a client file is needed: aicalendar login --client FILE (what that is: aicalendar login)")
            )
        if not text.strip():
            continue
        try:
            if text.lstrip().startswith(("{", "[", "<")):
                return _read_pasted(accounts, text)
            path = _as_path(text)
            # Not a file, then perhaps what people take for one: an API key, the client's id.
            return _checked(accounts, _read_file(path) if _is_there(path) or "/" in text else text)
        except CommandError as error:
            wrong = error
            output.note(str(error))


def _read_pasted(accounts: "Accounts", text: str) -> Client:
    """The rest of the lines, until it is whole; an empty line says that no more comes."""
    while True:
        try:
            return accounts.sign_in.check_client_file(text)
        except WrongClientFile as error:
            more = typed_lines().read() if error.kind == "cut off" else None
            if more is None or not more.strip():
                raise CommandError(_(str(error))) from error
            text += more


def _as_path(text: str) -> Path:
    """What terminals make of a dropped file: quoted, with escaped spaces, or as a file:// address."""
    text = text.strip()
    if len(text) >= 2 and text[0] == text[-1] and text[0] in "'\"":
        text = text[1:-1]
    elif text.startswith("file://"):
        with suppress(ValueError):
            text = unquote(urlsplit(text).path)
    elif not _is_there(Path(text)):
        text = text.replace("\\", "")
    with suppress(RuntimeError, ValueError):  # ~nobody, a NUL in it
        return Path(text).expanduser()
    return Path(text)


def _is_there(path: Path) -> bool:
    try:
        return path.expanduser().exists()
    except (OSError, ValueError, RuntimeError):  # no path at all: too long, ~nobody, a NUL in it
        return False


def _read_file(path: Path) -> bytes:
    shown = clean(str(path))
    if len(shown) > LONGEST_PATH:
        raise CommandError(_("this is neither a path nor a client file"))
    try:
        with path.open("rb") as file:
            return file.read(LARGEST_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise CommandError(_("can't read {path}: {reason}").format(path=shown, reason=reason)) from error


def _wait_for_browser(context: "Context", door: "Loopback", url: str) -> str:
    try:
        opened = webbrowser.open(url)
    except (webbrowser.Error, OSError):
        opened = False
    context.output.progress(
        _("waiting for the browser (Ctrl-C stops)") if opened else _("no browser found: open the address yourself")
    )
    answer = door.wait(BROWSER_SECONDS)
    context.output.clear_progress()
    if answer is None:
        raise CommandError(
            _("no answer came from the browser within ten minutes; on another machine: aicalendar login --no-browser")
        )
    return answer


def _finish(
    context: "Context",
    accounts: "Accounts",
    request: "ConsentRequest",
    answers: Iterator[str],
    *,
    before: Callable[[], None],
) -> "SignedIn":
    """With the first answer that is one; what else was given is told, and asked for again."""
    wrong: SignInFailed | None = None
    for answer in answers:
        if not answer.strip():
            continue
        try:
            before()
            return accounts.sign_in.finish(request, answer)
        except SignInFailed as error:
            if error.kind not in ("unreadable", "wrong state"):
                raise
            wrong = error
            context.output.note(_(str(error)))
    raise CommandError(_("not signed in: {reason}").format(reason=_(str(wrong))) if wrong else _(NO_ANSWER))


def _answers_by_paste(context: "Context", door: "Loopback") -> Iterator[str]:
    """Lines, until there are no more; a browser on this machine may bring the answer by itself."""
    output, lines = context.output, typed_lines()
    output.line(
        _("The browser ends at a page of 127.0.0.1 that may not open: that is fine, its address is the answer.")
    )
    output.flush()
    while True:
        output.prompt(_("The address it ended at, or the code in it: "))
        while not lines.is_ready(LOOK_SECONDS):
            if (answer := door.wait(0)) is not None:
                output.line()
                yield answer
                return
        line = lines.read()
        if line is None:
            return
        yield line


def _welcome(context: "Context", account: "SignedIn") -> int:
    """From here on all is well: what goes wrong with the first sync is mended by the services later."""
    output = context.output
    output.line(_("Signed in as {user}.").format(user=clean(account.user_id)))
    output.flush()
    try:
        _follow_first_sync(context, account)
    except CommandError as error:
        output.note(str(error))
    return OK


def _follow_first_sync(context: "Context", account: "SignedIn") -> None:
    output, services, user_id = context.output, context.services, account.user_id
    with running_services(context) as work:
        task_ids = account.task_ids or work.request(lambda: services.request_sync(user_id))
        if context.options.no_wait:
            return
        tasks = work.wait_for(task_ids, while_progressing=True)
        # A calendar that the list has just brought is fetched by a task of its own.
        more = [
            task.task_id
            for task in services.read_tasks(user_id, TASKS_LOOKED_AT)
            if task.name == "calendar.pull" and task.is_open and task.task_id not in task_ids
        ]
        tasks += work.wait_for(more, while_progressing=True)
    if error := first_error(tasks):
        output.note(_("the first sync is not complete: {reason}").format(reason=clean(error)))
        return
    if any(task.is_open for task in tasks):
        output.note(_("not done yet; it goes on while aicalendar or aicalendar serve runs"))
        return
    count = sum(c.synced_at is not None for c in services.read_calendars(user_id).calendars)
    text = ngettext("{number} calendar is here.", "{number} calendars are here.", count).format(number=count)
    output.line(text + " " + _("Open it with: aicalendar"))


def log_out(context: "Context") -> int:
    """Withdraws the grant and removes the tokens; with --forget also all that is stored of the account."""
    accounts = _open_accounts(context)
    known = accounts.list()
    if not known:
        raise CommandError(_("nobody is signed in"))
    if not context.options.account and len(known) > 1:
        raise UsageError(
            _("which account? {names}").format(names=", ".join(clean(account.user_id) for account in known))
        )
    return _remove(context, accounts, _find(accounts, context.options.account or "me"), forget=context.options.forget)


def manage_accounts(context: "Context") -> int:
    """Lists them, chooses the default one, or removes one."""
    options = context.options
    accounts = _open_accounts(context)
    if options.action in ("default", "remove") and not options.account:
        raise UsageError(
            _("which account? {names}").format(names=", ".join(clean(one.user_id) for one in accounts.list()) or "–")
        )
    if options.action == "default":
        account = _find(accounts, options.account)
        accounts.set_default(account.user_id)
        context.output.line(_("{user} is the default account.").format(user=clean(account.user_id)))
        return OK
    if options.action == "remove":
        return _remove(context, accounts, _find(accounts, options.account), forget=True)
    return _print_accounts(context, accounts.list())


def _find(accounts: "Accounts", name: str) -> "Account":
    try:
        return accounts.find(name)
    except NotFound as error:
        names = ", ".join(clean(one.user_id) for one in accounts.list()) or "–"
        raise UsageError(
            _("there is no account {name}; there are: {names}").format(name=clean(name), names=names)
        ) from error


def _remove(context: "Context", accounts: "Accounts", account: "Account", *, forget: bool) -> int:
    output = context.output
    user = clean(account.user_id)
    if forget and account.waiting and not context.options.yes:
        question = ngettext(
            "{number} edit of {user} has not reached Google and would be lost.",
            "{number} edits of {user} have not reached Google and would be lost.",
            account.waiting,
        ).format(number=account.waiting, user=user)
        _confirm(context, question)
    done = accounts.sign_out(account.user_id, forget=forget)
    if not done.withdrawn:
        output.note(
            _("Google could not be told: withdraw the access yourself at https://myaccount.google.com/connections")
        )
    if forget:
        output.line(_("{user} is signed out, and nothing of it is stored here any more.").format(user=user))
    else:
        output.line(
            _("{user} is signed out. Its events can still be read, and edits that wait are kept.").format(user=user)
        )
    return OK


def _confirm(context: "Context", question: str) -> None:
    if not typed_lines().is_terminal:
        raise CommandError(question + " " + _("To do it all the same: --yes"))
    context.output.prompt(question + " " + _("Go on? [y/N] "))
    if (typed_lines().read() or "").strip().lower() not in ("y", "yes", _("yes"), _("y")):
        raise CommandError(_("nothing was changed"))


_STATES = {
    "signed in": N_("signed in"),
    "signed out": N_("signed out: aicalendar login"),
    "elsewhere": N_("connected to another address than GOOGLE_API_ENDPOINT"),
}


def _print_accounts(context: "Context", accounts: "list[Account]") -> int:
    output = context.output
    if context.options.json:
        fields = ("user_id", "endpoint", "state", "is_default", "calendars", "waiting")
        output.json(
            {"schema": SCHEMA, "accounts": [{name: getattr(one, name) for name in fields} for one in accounts]}
        )
        return OK
    if not accounts:
        output.line(_("Nobody is signed in yet: aicalendar login"))
    width = max((len(clean(account.user_id)) for account in accounts), default=0)
    for account in accounts:
        mark = "*" if account.is_default else " "
        facts = [
            _(_STATES[account.state]),
            ngettext("{number} calendar", "{number} calendars", account.calendars).format(number=account.calendars),
        ]
        if account.waiting:
            facts.append(
                ngettext("{number} edit waits", "{number} edits wait", account.waiting).format(number=account.waiting)
            )
        output.line(f"{mark} {clean(account.user_id):<{width}}  {output.dim(' · '.join(facts))}".rstrip())
    return OK
