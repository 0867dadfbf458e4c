"""How statements are run within a transaction; each table's module builds on it.

Hot paths use SQL and plain tuples, never Model objects; a resource is decoded only where a caller needs it.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any

import msgspec
from peewee import (
    Database,
    __exception_wrapper__,  # pyright: ignore[reportAttributeAccessIssue] - not in its stubs
)

_LOOKUP_CHUNK = 400
"""Ids in one IN list; SQLite's oldest limit for parameters is 999."""

_encode = msgspec.json.Encoder().encode


class Statements:
    """What every table needs; `?` stands for a parameter, whatever the driver calls it."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def _rows(self, query: Any) -> list[tuple[Any, ...]]:
        return list(query.tuples().execute(self._db))

    def _one(self, query: Any) -> tuple[Any, ...] | None:
        rows = self._rows(query)
        return rows[0] if rows else None

    def _sql(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        cursor = self._db.execute_sql(sql.replace("?", self._db.param), parameters)
        return cursor.fetchall()

    def _sql_write(self, sql: str, parameters: Sequence[Any] = ()) -> int:
        return self._db.execute_sql(sql.replace("?", self._db.param), parameters).rowcount

    def _many(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        with __exception_wrapper__:
            self._db.cursor().executemany(sql.replace("?", self._db.param), rows)


def to_json(value: Any) -> str:
    """As it is kept: compact, fields in their order."""
    return _encode(value).decode()


def chunks(values: Collection[str]) -> Iterator[list[str]]:
    """The values in lists that are short enough for one statement."""
    ordered = list(values)
    for first in range(0, len(ordered), _LOOKUP_CHUNK):
        yield ordered[first : first + _LOOKUP_CHUNK]
