"""The accounts of this machine: which there are, how they are, which one is meant by `me`."""

from dataclasses import dataclass
from typing import Literal

from msgspec import Struct

from aicalendar_tui.backend.domain.errors import NotFound
from aicalendar_tui.backend.domain.grant import Purpose, allows, is_signed_in
from aicalendar_tui.backend.ports import AccountRow, Credentials, Store
from aicalendar_tui.backend.services.sign_in import SignIn
from aicalendar_tui.backend.services.sign_out import SignOut

AccountState = Literal["signed in", "signed out", "elsewhere"]


class Account(Struct, frozen=True, kw_only=True):
    """An account as a user knows it; `elsewhere`: it belongs to another endpoint than we are pointed at."""

    user_id: str
    endpoint: str
    state: AccountState
    is_default: bool
    calendars: int
    waiting: int
    """Edits that are not yet at Google."""


@dataclass(frozen=True, slots=True)
class Accounts:
    """Reading needs no network; `sign_in` and `sign_out` are the verbs."""

    store: Store
    credentials: Credentials
    sign_in: SignIn
    sign_out: SignOut
    endpoint: str

    def list(self) -> list[Account]:
        """The default one first. Raises OSError when the credentials can't be read."""
        with self.store.read() as unit:
            rows = unit.accounts()
            sizes = [(len(unit.calendars(row.user_id)), len(unit.changes(row.user_id))) for row in rows]
        return [
            Account(
                user_id=row.user_id,
                endpoint=row.endpoint,
                state=self._state(row),
                is_default=position == 0,
                calendars=calendars,
                waiting=waiting,
            )
            for position, (row, (calendars, waiting)) in enumerate(zip(rows, sizes, strict=True))
        ]

    def find(self, name: str = "me") -> Account:
        """By its address, or `me`: the default one. Raises NotFound."""
        for account in self.list():
            if name.casefold() in ("me", account.user_id.casefold()):
                return account
        raise NotFound(f"there is no user {name!r}", code=404, reason="notFound")

    def set_default(self, user_id: str) -> None:
        """Raises NotFound for an unknown account."""
        with self.store.write() as unit:
            if unit.account(user_id) is None:
                raise NotFound(f"there is no user {user_id!r}", code=404, reason="notFound")
            unit.set_default_user(user_id)

    def allows(self, user_id: str, purpose: Purpose) -> bool:
        """Whether the account may be used for that; if not, sign in with the purpose added."""
        return allows(self.credentials.load(user_id, self.endpoint), purpose)

    def _state(self, row: AccountRow) -> AccountState:
        if not is_signed_in(self.credentials.load(row.user_id, row.endpoint)):
            return "signed out"
        return "signed in" if row.endpoint == self.endpoint else "elsewhere"
