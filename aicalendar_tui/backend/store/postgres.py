"""The database of a team's server: PostgreSQL, with as many processes on as many machines as one likes.

A write takes an advisory lock first, so that writers come one after the other as in SQLite; only then does it look at
anything, and it sees all that was committed before (READ COMMITTED). A read has one snapshot (REPEATABLE READ) and
waits for nobody. The lock is fair, and ends with the transaction or with the connection.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from hashlib import blake2s
from logging import getLogger
from secrets import token_hex
from threading import local

import psycopg
from peewee import (
    DatabaseError,
    InterfaceError,
    OperationalError,
    PostgresqlDatabase,
    Psycopg3Adapter,
    __exception_wrapper__,  # pyright: ignore[reportAttributeAccessIssue] - not in its stubs
)
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.pq import TransactionStatus

from aicalendar_tui.backend.domain.errors import CalendarError, DatabaseUnusable, Transient
from aicalendar_tui.backend.store.migrations import VERSION, migrate, read_version
from aicalendar_tui.backend.store.transactions import TransactionalStore
from aicalendar_tui.i18n import _

OLDEST_SERVER = 13
BUSY_TIMEOUT_SECONDS = 5
DEFAULTS = {
    "application_name": "aicalendar",
    "connect_timeout": "5",
    "keepalives_idle": "30",
    "keepalives_interval": "10",
    "keepalives_count": "3",
    "tcp_user_timeout": "30000",
}
"""What DATABASE_URL may say otherwise. A machine that vanished is noticed within a minute, at both ends."""

GREETING = """
SET lock_timeout = '5s';
SET idle_in_transaction_session_timeout = '60s';
SET tcp_keepalives_idle = 30;
SET tcp_keepalives_interval = 10;
SET tcp_keepalives_count = 3;
SELECT current_schema(), current_setting('server_encoding')
"""
"""A writer waits as long as in SQLite; one that was stopped in the middle holds up all others a minute at most."""

READ = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
COUNT_WRITE = "UPDATE meta SET value = CAST(CAST(value AS BIGINT) + 1 AS TEXT) WHERE key = 'writes'"

log = getLogger(__name__)


class PostgresStore(TransactionalStore):
    """Fits `ports.Store`; a connection that broke between two transactions is replaced without a word."""

    _database: "_Database"

    def __init__(self, url: str, *, oldest_server: int = OLDEST_SERVER) -> None:
        """`url` as in DATABASE_URL; the tables are in the first schema of its search path."""
        self._server = Server(url, oldest_server=oldest_server)
        self._own = local()
        super().__init__(_Database(self._server))

    def _prepare(self) -> None:
        try:
            if read_version(self._database) == VERSION:
                return
            with self._database.atomic(_write_statement(self._database.schema, durable=True)):
                version = read_version(self._database)  # another process may have been faster
                migrate(self._database, version, database_id=token_hex(8))
                self._database.execute_sql("INSERT INTO meta VALUES ('writes', '0') ON CONFLICT DO NOTHING")
        except DatabaseError as error:
            if _is_passing(error):
                raise
            raise DatabaseUnusable(
                _(
                    "can't make the tables in {database}: {reason}; give the user of DATABASE_URL a database"
                    " or schema of its own"
                ).format(database=self._server, reason=_text(error))
            ) from error

    def _reading(self) -> AbstractContextManager[object]:
        return self._database.atomic(READ)

    @contextmanager
    def _writing(self, *, durable: bool) -> Iterator[None]:
        with self._database.atomic(_write_statement(self._database.schema, durable=durable)):
            yield
            if not self._database.is_connection_usable():  # else the commit would be a rollback that nobody notices
                raise RuntimeError("a statement of this transaction failed, so none of it can be kept")
            self._database.execute_sql(COUNT_WRITE)
        self._own.writes = self._own_writes + 1

    @property
    def _own_writes(self) -> int:
        return getattr(self._own, "writes", 0)

    def data_version(self) -> int:
        """How often others than this thread have written."""
        with self._faults():
            self._open()
            with self._reading():
                rows = self._database.execute_sql("SELECT value FROM meta WHERE key = 'writes'").fetchall()
        return int(rows[0][0]) - self._own_writes

    def _open(self) -> None:
        try:
            super()._open()
        except Exception:
            self.close()
            raise

    def _translate(self, error: DatabaseError | InterfaceError) -> CalendarError:
        if self._database.is_broken():
            self.close()
            return Transient(
                _("the connection to the database {database} was lost: try again").format(database=self._server)
            )
        match _state(error):
            case "55P03":
                return Transient(
                    _("another program has been writing the database {database} for {seconds} s: try again").format(
                        database=self._server, seconds=BUSY_TIMEOUT_SECONDS
                    )
                )
            case "53100":
                return DatabaseUnusable(
                    _("no room left for the database {database}: make room on its server").format(
                        database=self._server
                    )
                )
            case _ if _is_passing(error):
                return Transient(
                    _("the database {database} is away: {reason}; try again").format(
                        database=self._server, reason=_text(error)
                    )
                )
        return DatabaseUnusable(
            _("can't use the database {database}: {reason}; ask who runs its server").format(
                database=self._server, reason=_text(error)
            )
        )


class PostgresLock:
    """Fits `ports.Lock`: an advisory lock of a connection of its own, so that it dies with its holder."""

    def __init__(self, url: str) -> None:
        self._server = Server(url)

    @contextmanager
    def hold(self, name: str) -> Iterator[bool]:
        """Yields whether the lock was free, and then holds it until the block ends. Raises Transient."""
        connection, schema = self._server.connect()
        key = _key(schema, f"lock {name}")
        with connection:
            rows = connection.execute("SELECT pg_try_advisory_lock(%s)", (key,)).fetchall()
            yield bool(rows[0][0])
            if rows[0][0]:
                self._release(connection, key, name)

    def _release(self, connection: psycopg.Connection, key: int, name: str) -> None:
        """Before the connection is closed: the server learns of that only a moment later."""
        try:
            connection.execute("SELECT pg_advisory_unlock(%s)", (key,))
        except psycopg.Error as error:
            log.warning("the lock %s was lost before it was let go: %s", name, error)


class Server:
    """Where the database is, without the password when it is written."""

    def __init__(self, url: str, *, oldest_server: int = OLDEST_SERVER) -> None:
        """Raises DatabaseUnusable for an address that nothing can be made of."""
        self._oldest = oldest_server
        try:
            told = conninfo_to_dict(url)
        except psycopg.ProgrammingError:
            raise DatabaseUnusable(
                _(
                    "DATABASE_URL can't be read: write postgresql://user:password@host/name,"
                    " with %, @ and the like in the password as %25, %40"
                )
            ) from None  # its text may have the password
        self._conninfo = make_conninfo("", **{**DEFAULTS, **told, "client_encoding": "UTF8"})
        host = told.get("host") or told.get("hostaddr") or "this machine"
        self._name = f"{told.get('dbname') or told.get('user') or ''} on {host}".strip()

    def __str__(self) -> str:
        return self._name

    def connect(self) -> tuple[psycopg.Connection, str]:
        """A connection, and the schema of its tables. Raises Transient; DatabaseUnusable when waiting won't help."""
        try:
            connection = psycopg.connect(self._conninfo, autocommit=True)
        except psycopg.OperationalError as error:
            raise Transient(
                _(
                    "the database {database} can't be reached: {reason}; start its server, or correct DATABASE_URL"
                ).format(database=self, reason=_text(error))
            ) from error
        try:
            return connection, self._greet(connection)
        except CalendarError:
            connection.close()
            raise
        except psycopg.Error as error:
            connection.close()
            raise Transient(
                _("the database {database} is away: {reason}; try again").format(database=self, reason=_text(error))
            ) from error

    def _greet(self, connection: psycopg.Connection) -> str:
        version = connection.info.server_version // 10_000
        if version < self._oldest:
            raise DatabaseUnusable(
                _("the server of {database} is PostgreSQL {version}: version {oldest} or newer is needed").format(
                    database=self, version=version, oldest=self._oldest
                )
            )
        cursor = connection.execute(GREETING, prepare=False)
        while cursor.nextset():
            pass
        schema, encoding = cursor.fetchall()[0]
        if encoding != "UTF8":
            raise DatabaseUnusable(
                _(
                    "the database {database} is encoded as {encoding}: make one with"
                    " createdb --encoding=UTF8 --template=template0"
                ).format(database=self, encoding=encoding)
            )
        if schema is None:
            raise DatabaseUnusable(
                _("no schema of the search path of {database} exists: CREATE SCHEMA, or set another").format(
                    database=self
                )
            )
        return schema


class _Adapter(Psycopg3Adapter):
    """As peewee's own, which is only complete when psycopg was there while peewee was imported."""

    txn_idle = TransactionStatus.IDLE
    txn_inerror = TransactionStatus.INERROR
    txn_unknown = TransactionStatus.UNKNOWN

    def check_driver(self) -> None:
        """This module would not be here without it."""


class _Database(PostgresqlDatabase):
    """peewee's, with our way to connect and to begin."""

    psycopg2_adapter = psycopg3_adapter = _Adapter

    def __init__(self, server: Server) -> None:
        self._server = server
        self.schema = ""
        super().__init__(str(server))

    def _connect(self) -> psycopg.Connection:
        connection, self.schema = self._server.connect()
        return connection

    def is_broken(self) -> bool:
        """Whether this thread had a connection that is of no more use."""
        return not self.is_closed() and self.connection().closed

    def begin(self, isolation_level: str | None = None) -> None:
        """Sends the statements given in place of a level.

        With a new connection if the old one broke since its last transaction: nothing is lost with it yet.
        """
        statements = isolation_level or "BEGIN"
        try:
            self._begin(statements)
        except (OperationalError, InterfaceError):
            if not self.is_broken():
                self.rollback()  # BEGIN itself may have succeeded, and the lock not
                raise
            self.close()
            self.connect()
            self._begin(statements)

    def _begin(self, statements: str) -> None:
        with __exception_wrapper__:
            self.cursor().execute(statements, prepare=False)


def _write_statement(schema: str, *, durable: bool) -> str:
    begin = "BEGIN ISOLATION LEVEL READ COMMITTED"
    lock = f"SELECT pg_advisory_xact_lock({_key(schema, 'write')})"
    return ";".join((begin, lock) if durable else (begin, "SET LOCAL synchronous_commit = off", lock))


def _key(schema: str, name: str) -> int:
    """Advisory locks are numbers of a whole database; each schema in it has its own."""
    return int.from_bytes(blake2s(f"{schema}\0{name}".encode(), digest_size=8).digest(), signed=True)


def _state(error: Exception) -> str:
    """The SQLSTATE, '' where there was no answer."""
    return getattr(getattr(error, "orig", error), "sqlstate", None) or ""


def _is_passing(error: Exception) -> bool:
    """The server is away, restarts, has too many connections, or asks to try again: classes 08, 40, 53, 55, 57."""
    state = _state(error)
    return state[:2] in ("08", "40", "53", "55", "57") or (not state and isinstance(error, OperationalError))


def _text(error: Exception) -> str:
    return " ".join(str(error).split())
