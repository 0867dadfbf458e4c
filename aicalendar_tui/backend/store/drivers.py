"""peewee without the drivers that nobody asked for.

peewee imports each database driver that it finds installed. psycopg alone takes 40 ms and brings asyncio, on the way
of everything that reads an SQLite file; so it is hidden while peewee is imported. `store.postgres` loads it itself.
`store.store` imports this module before all others.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

UNASKED = ("MySQLdb", "psycopg", "psycopg2", "psycopg2cffi", "pymysql")


@contextmanager
def hide(names: tuple[str, ...]) -> Iterator[None]:
    """To an import statement, these modules are not installed; those that are loaded already stay what they are."""
    hidden = [name for name in names if name not in sys.modules]
    for name in hidden:
        sys.modules[name] = None  # pyright: ignore[reportArgumentType] - documented: the import then fails
    try:
        yield
    finally:
        for name in hidden:
            sys.modules.pop(name, None)


with hide(UNASKED):
    import peewee  # noqa: F401 - what matters is that it is imported here, first
