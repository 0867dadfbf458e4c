"""Accounts with their revisions, and what the database says of itself."""

from secrets import token_hex
from typing import Any

from aicalendar_tui.backend.domain.times import DAY_SECONDS, Span
from aicalendar_tui.backend.ports import AccountRow
from aicalendar_tui.backend.store.schema import Account, Meta
from aicalendar_tui.backend.store.statements import Statements

DEFAULT_WINDOW_DAYS = (400, 800)
"""How far back and ahead series are expanded at first."""


class AccountTable(Statements):
    """`account`, and `meta` where it tells of the database as a whole."""

    def database_id(self) -> str:
        """Random, made with the database: a revision is only comparable within it."""
        return self._sql("SELECT value FROM meta WHERE key = 'database_id'")[0][0]

    def renew_database_id(self) -> str:
        """For whoever restored a backup: its revisions were given out before, for what it no longer holds."""
        database_id = token_hex(8)
        Meta.update(value=database_id).where(Meta.key == "database_id").execute(self._db)
        return database_id

    def public_address(self) -> str:
        """Where the receiver says that it can be reached from outside; '' when it can't."""
        return self._meta("public_address")

    def tunnel_problem(self) -> str:
        """Why the tunnel that is wanted does not stand (a msgid); '' while all is well."""
        return self._meta("tunnel_problem")

    def set_public_address(self, address: str, problem: str = "") -> None:
        """Written by the receiver once its tunnel stands, or why it doesn't."""
        rows = [{"key": "public_address", "value": address}, {"key": "tunnel_problem", "value": problem}]
        Meta.insert_many(rows).on_conflict(conflict_target=[Meta.key], preserve=[Meta.value]).execute(self._db)

    def _meta(self, key: str) -> str:
        row = self._one(Meta.select(Meta.value).where(Meta.key == key))
        return row[0] if row else ""

    def accounts(self) -> list[AccountRow]:
        """The default one first, the others by address."""
        accounts = [_account(row) for row in self._rows(Account.select().order_by(Account.user_id))]
        rows = self._sql("SELECT value FROM meta WHERE key = 'default_user'")
        return sorted(accounts, key=lambda account: account.user_id != rows[0][0]) if rows else accounts

    def set_default_user(self, user_id: str) -> None:
        """See `ports.WriteUnit`. A choice of the user's; before one was made, the first address is the default."""
        Meta.insert(key="default_user", value=user_id).on_conflict(
            conflict_target=[Meta.key], preserve=[Meta.value]
        ).execute(self._db)

    def account(self, user_id: str) -> AccountRow | None:
        """One account."""
        row = self._one(Account.select().where(Account.user_id == user_id))
        return _account(row) if row else None

    def revision(self, user_id: str) -> int:
        """0 for an unknown user."""
        rows = self._sql("SELECT revision FROM account WHERE user_id = ?", (user_id,))
        return rows[0][0] if rows else 0

    def bump_revision(self, user_id: str) -> int:
        """Counts up within the statement, so that no two writers get the same number."""
        Account.update(revision=Account.revision + 1).where(Account.user_id == user_id).execute(self._db)
        return self.revision(user_id)

    def put_account(self, user_id: str, *, email: str, endpoint: str, now: int) -> None:
        """Adds the account, or updates its address; its revision and window stay."""
        back, ahead = DEFAULT_WINDOW_DAYS
        Account.insert(
            user_id=user_id,
            email=email,
            endpoint=endpoint,
            window_start=now - back * DAY_SECONDS,
            window_end=now + ahead * DAY_SECONDS,
        ).on_conflict(conflict_target=[Account.user_id], preserve=[Account.email, Account.endpoint]).execute(self._db)

    def set_window(self, user_id: str, window: Span) -> None:
        """The stretch in which series are expanded from now on."""
        Account.update(window_start=window.start, window_end=window.end).where(Account.user_id == user_id).execute(
            self._db
        )


def _account(row: tuple[Any, ...]) -> AccountRow:
    user_id, email, endpoint, revision, start, end = row
    return AccountRow(user_id=user_id, email=email, endpoint=endpoint, revision=revision, window=Span(start, end))
