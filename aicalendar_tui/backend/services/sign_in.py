"""Signing an account in, step by step: what is asked next is the caller's business, a command's or a screen's.

client = sign_in.known_client() or sign_in.check_client_file(text)     # no I/O but the keyring's
request = sign_in.begin(client, redirect_uri=…)                        # no I/O
… the user opens `request.url` and comes back with an answer …
account = sign_in.finish(request, answer)                              # network: in a thread
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from msgspec import Struct

from aicalendar_tui.backend.domain.client_file import STAND_IN_CLIENT, Client, read_client_file
from aicalendar_tui.backend.domain.errors import SignInFailed, Transient
from aicalendar_tui.backend.domain.grant import SCOPES, Purpose, is_signed_in
from aicalendar_tui.backend.domain.news import ConnectionChanged
from aicalendar_tui.backend.ports import (
    Authorizer,
    ChangePublisher,
    Clock,
    ConsentRequest,
    Credentials,
    Store,
    WriteUnit,
)
from aicalendar_tui.backend.services.request_sync import RequestSync
from aicalendar_tui.backend.services.trouble import SIGNED_OUT
from aicalendar_tui.i18n import N_, _

CLIENT = "(client)"
"""Whose place among the credentials the client has: no account is called so."""
ELSEWHERE = N_("{user} is connected to {endpoint} here; to connect it anew: aicalendar logout --forget {user}")


class SignedIn(Struct, frozen=True, kw_only=True):
    """Who signed in; `is_new` when there was no such account here before."""

    user_id: str
    is_new: bool
    task_ids: tuple[str, ...] = ()
    """The first sync; empty while no services run: they begin with it when they start."""


@dataclass(frozen=True, slots=True)
class SignIn:
    """Signs in at one endpoint; what it issued is stored for that endpoint alone."""

    store: Store
    credentials: Credentials
    authorizer: Authorizer
    publisher: ChangePublisher
    request_sync: RequestSync
    clock: Clock
    is_stand_in: bool = False
    """Whether the endpoint is on this machine (the simulator): it takes any client."""

    def check_client_file(self, content: str | bytes) -> Client:
        """See `read_client_file`. Raises WrongClientFile."""
        return read_client_file(content)

    def known_client(self) -> Client | None:
        """That of an earlier sign-in; without one, the simulator's, which needs none. Raises OSError."""
        stored = self.credentials.load(CLIENT, self.authorizer.endpoint)
        if stored and stored.get("client_id") and stored.get("client_secret"):
            return Client(
                client_id=stored["client_id"],
                client_secret=stored["client_secret"],
                project_id=stored.get("project_id", ""),
            )
        return STAND_IN_CLIENT if self.is_stand_in else None

    def begin(
        self, client: Client, *, redirect_uri: str, user_id: str = "", purposes: Sequence[Purpose] = ("calendar",)
    ) -> ConsentRequest:
        """What to open in a browser. `user_id` is who is expected, for Google's page to choose.

        Raises SignInFailed for an endpoint where a token would travel readably.
        """
        scopes = tuple(dict.fromkeys(scope for purpose in purposes for scope in SCOPES[purpose]))
        return self.authorizer.ask(client, redirect_uri=redirect_uri, scopes=scopes, login_hint=user_id)

    def finish(self, request: ConsentRequest, answer: str) -> SignedIn:
        """Stores the tokens, then the account, then asks for the first sync; edits that waited go out with it.

        Raises: SignInFailed (nothing was changed; begin anew), Transient (offline), OSError (no place for secrets).
        """
        endpoint = self.authorizer.endpoint
        code = self.authorizer.read_answer(request, answer)
        information = self.authorizer.redeem(request, code)
        user_id = self.authorizer.find_address(information)
        self._check_free(user_id)
        client = request.client
        with self.credentials.hold(user_id, endpoint):
            self.credentials.save(user_id, endpoint, {**information, "account": user_id})
        if client != STAND_IN_CLIENT:
            kept = {
                "client_id": client.client_id,
                "client_secret": client.client_secret,
                "project_id": client.project_id,
            }
            self.credentials.save(CLIENT, endpoint, kept)
        with self.store.write(durable=True) as unit:
            is_new = self._put_account(unit, user_id)
        self.publisher.publish(ConnectionChanged(user_id=user_id))
        task_ids: list[str] = []
        with suppress(Transient):  # no services run: they begin with it when they start
            task_ids = self.request_sync(user_id)
        return SignedIn(user_id=user_id, is_new=is_new, task_ids=tuple(task_ids))

    def _check_free(self, user_id: str) -> None:
        """Raises SignInFailed for an account of another endpoint that is in use: its edits would go to this one."""
        with self.store.read() as unit:
            account = unit.account(user_id)
            waiting = unit.changes(user_id)
        if account is None or account.endpoint == self.authorizer.endpoint:
            return
        if waiting or is_signed_in(self.credentials.load(user_id, account.endpoint)):
            text = _(ELSEWHERE).format(user=user_id, endpoint=account.endpoint)
            raise SignInFailed(text, kind="elsewhere")

    def _put_account(self, unit: WriteUnit, user_id: str) -> bool:
        endpoint = self.authorizer.endpoint
        account = unit.account(user_id)
        if account is not None and account.endpoint != endpoint:
            # What is left of it came from somewhere else, such as a demo in the same folder.
            unit.delete_account(user_id)
            account = None
        unit.put_account(user_id, email=user_id, endpoint=endpoint, now=self.clock.epoch())
        for calendar in unit.calendars(user_id):
            if calendar.problem == SIGNED_OUT:
                unit.set_problem(user_id, calendar.calendar_id, "")
        unit.bump_revision(user_id)
        return account is None
