"""A private PostgreSQL that tests may stop, kill and start again: a folder, a unix socket, no port."""

import os
import pwd
import shutil
import signal
import subprocess
from collections.abc import Sequence
from itertools import count
from pathlib import Path

import psycopg
from psycopg import sql

DEBIAN_BINARIES = "/usr/lib/postgresql/*/bin/pg_ctl"
USERS = ("postgres", "nobody")
"""PostgreSQL refuses to run as root; then it runs as the first of these that there is."""

OPTIONS = {
    "listen_addresses": "",
    "fsync": "off",
    "shared_buffers": "16MB",
    "max_connections": "60",
    "autovacuum": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "logging_collector": "off",
}


class NoPostgres(Exception):
    """Why it can't be started here."""


class PostgresServer:
    """A cluster in `folder`, whose path must be short and whose owner may be root."""

    def __init__(self, folder: Path) -> None:
        """Raises NoPostgres."""
        self._folder = folder
        self._binaries = find_binaries()
        self._user = unprivileged_user()
        self._names = count(1)
        if self._user is not None:
            shutil.chown(folder, self._user.pw_uid, self._user.pw_gid)
        self._run("initdb", "--auth=trust", "--username=test", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync")
        with (folder / "data" / "postgresql.conf").open("a") as file:
            file.writelines(f"{name} = '{value}'\n" for name, value in OPTIONS.items())
            file.write(f"unix_socket_directories = '{folder}'\n")

    def start(self) -> None:
        """Returns when it answers."""
        self._run("pg_ctl", "start", "--wait", "--silent", f"--log={self._folder / 'log'}")

    def stop(self) -> None:
        """At once: connections are cut."""
        self._run("pg_ctl", "stop", "--mode=fast", "--wait", "--silent")

    def kill(self) -> None:
        """SIGQUIT to all its processes: what a crash leaves."""
        self._run("pg_ctl", "stop", "--mode=immediate", "--wait", "--silent")

    def freeze(self) -> None:
        """New connections are taken by the kernel, but nobody answers."""
        os.kill(self._pid(), signal.SIGSTOP)

    def thaw(self) -> None:
        """The reverse of `freeze`."""
        os.kill(self._pid(), signal.SIGCONT)

    def _pid(self) -> int:
        return int((self._folder / "data" / "postmaster.pid").read_text().split("\n", 1)[0])

    def new_database(self, *options: str) -> str:
        """The URL of an empty one."""
        name = f"d{next(self._names)}"
        self._run("createdb", f"--host={self._folder}", "--username=test", *options, name)
        return self.url(name)

    def new_schema(self) -> str:
        """The URL of an empty one, in a database that all such share: fifty times quicker to make."""
        name = f"s{next(self._names)}"
        with psycopg.connect(self.url("postgres")) as connection:
            connection.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(name)))
        return f"{self.url('postgres')}&options=-csearch_path%3D{name}"

    def url(self, name: str) -> str:
        """As DATABASE_URL has it."""
        return f"postgresql://test@/{name}?host={self._folder}"

    def dump(self, name: str) -> str:
        """Its tables, as SQL."""
        return self._run("pg_dump", f"--host={self._folder}", "--username=test", name)

    def _run(self, program: str, *arguments: str) -> str:
        command: Sequence[str] = [str(self._binaries / program), *arguments]
        environment = {**os.environ, "PGDATA": str(self._folder / "data")}
        identity = {"user": self._user.pw_uid, "group": self._user.pw_gid, "extra_groups": []} if self._user else {}
        result = subprocess.run(
            command, capture_output=True, text=True, check=False, cwd=self._folder, env=environment, **identity
        )
        if result.returncode:
            raise NoPostgres(f"{program} said: {result.stderr.strip() or result.stdout.strip()}")
        return result.stdout


def find_binaries() -> Path:
    """The folder of `pg_ctl`: the newest of Debian's, else what is on PATH. Raises NoPostgres."""
    found = sorted(Path("/").glob(DEBIAN_BINARIES.removeprefix("/")), key=lambda path: float(path.parts[-3]))
    if found:
        return found[-1].parent
    if on_path := shutil.which("pg_ctl"):
        return Path(on_path).resolve().parent
    raise NoPostgres("PostgreSQL is not installed (apt-get install postgresql)")


def unprivileged_user() -> pwd.struct_passwd | None:
    """Whom to run as; None when we are not root. Raises NoPostgres."""
    if os.geteuid() != 0:
        return None
    for user in pwd.getpwall():
        if user.pw_name in USERS:
            return user
    raise NoPostgres(f"we are root, and none of the users {', '.join(USERS)} exists")
