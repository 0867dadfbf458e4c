"""peewee without the drivers that nobody asked for.

peewee imports each database driver that it finds installed. psycopg alone takes 40 ms and brings asyncio, on the way
of everything that reads an SQLite file; so it is hidden while peewee is imported. `store.postgres` loads it itself.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

DRIVERS = ("MySQLdb", "psycopg", "psycopg2", "psycopg2cffi", "pymysql")


@contextmanager
def hide_drivers() -> Iterator[None]:
    """To an import statement they are not installed; one that is loaded already stays what it is."""
    hidden = [name for name in DRIVERS if name not in sys.modules]
    for name in hidden:
        sys.modules[name] = None  # pyright: ignore[reportArgumentType] - documented: the import then fails
    try:
        yield
    finally:
        for name in hidden:
            sys.modules.pop(name, None)
