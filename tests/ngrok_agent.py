"""A stand-in for ngrok's agent: speaks the agent's own API as pyngrok steers it, and really forwards.

Run as `ngrok start --none --log stdout --config FILE`. What it would get from ngrok's cloud is here on this machine:
a public address is a free port of 127.0.0.1, unless the configuration's authtoken is one that ngrok would refuse.
"""

import json
import select
import socket
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

BAD_TOKEN = "bad-token"
DOMAIN_TAKEN = "taken.example"


class Tunnels:
    """The tunnels that are open: name → (public port's socket, answer of the API)."""

    def __init__(self) -> None:
        self._open: dict[str, tuple[socket.socket, dict[str, Any]]] = {}

    @property
    def answers(self) -> list[dict[str, Any]]:
        """What the API says of each."""
        return [answer for _listener, answer in self._open.values()]

    def add(self, asked: dict[str, Any]) -> dict[str, Any]:
        """Opens one to `asked["addr"]`, an address such as 127.0.0.1:8001 or http://127.0.0.1:8001."""
        target = urlsplit(asked["addr"] if "://" in asked["addr"] else f"http://{asked['addr']}")
        listener = socket.create_server(("127.0.0.1", 0))
        answer = {
            "name": asked["name"],
            "uri": f"/api/tunnels/{asked['name']}",
            "public_url": f"http://127.0.0.1:{listener.getsockname()[1]}",
            "proto": "https",
            "config": {"addr": asked["addr"], "inspect": asked.get("inspect", True)},
            "metrics": {},
        }
        self._open[asked["name"]] = (listener, answer)
        Thread(target=_accept, args=(listener, (target.hostname, target.port)), daemon=True).start()
        return answer

    def remove(self, name: str) -> bool:
        """Closes one; false when there is none of that name."""
        listener, _answer = self._open.pop(name, (None, None))
        if listener is not None:
            listener.close()
        return listener is not None


def _accept(listener: socket.socket, target: tuple[str | None, int | None]) -> None:
    while True:
        try:
            outside, _address = listener.accept()
        except OSError:  # closed
            return
        Thread(target=_forward, args=(outside, target), daemon=True).start()


def _forward(outside: socket.socket, target: tuple[Any, Any]) -> None:
    with outside:
        try:
            inside = socket.create_connection(target, timeout=10)
        except OSError:  # as ngrok says it when the port behind the tunnel is closed
            outside.sendall(
                b"HTTP/1.1 502 Bad Gateway\r\nngrok-error-code: ERR_NGROK_8012\r\ncontent-length: 0\r\n\r\n"
            )
            return
        with inside:
            other = {outside: inside, inside: outside}
            while True:
                for ready in select.select(list(other), [], [])[0]:
                    data = ready.recv(1 << 16)
                    if not data:
                        return
                    other[ready].sendall(data)


class AgentApi(BaseHTTPRequestHandler):
    """The agent's API on its web address."""

    tunnels = Tunnels()

    def do_GET(self) -> None:
        """Lists the tunnels."""
        self._reply(200, {"tunnels": self.tunnels.answers, "uri": "/api/tunnels"})

    def do_POST(self) -> None:
        """Opens a tunnel."""
        asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
        if asked.get("hostname") == DOMAIN_TAKEN:
            details = {"err": "failed to start tunnel: The tunnel is already bound to an agent. ERR_NGROK_334"}
            self._reply(
                502, {"error_code": 103, "status_code": 502, "msg": "failed to start tunnel", "details": details}
            )
            return
        self._reply(201, self.tunnels.add(asked))

    def do_DELETE(self) -> None:
        """Closes a tunnel."""
        self._reply(204 if self.tunnels.remove(self.path.rpartition("/")[2]) else 404, None)

    def _reply(self, code: int, body: object) -> None:
        content = b"" if body is None else json.dumps(body).encode()
        self.send_response(code)
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        """The API's own requests are not logged."""


def _log(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main() -> None:
    """Until it is killed."""
    configuration = json.loads(Path(sys.argv[sys.argv.index("--config") + 1]).read_text())
    if configuration.get("authtoken") in (None, "", BAD_TOKEN):
        text = (
            "authentication failed: The authtoken you specified does not look like a proper ngrok tunnel authtoken."
        )
        _log(f'lvl=eror msg="failed to auth" err="{text} ERR_NGROK_105"')
        sys.exit(1)
    server = ThreadingHTTPServer(("127.0.0.1", 0), AgentApi)
    _log(f't=x lvl=info msg="starting web service" obj=web addr=127.0.0.1:{server.server_port}')
    _log('t=x lvl=info msg="tunnel session started" obj=tunnels.session')
    _log('t=x lvl=info msg="client session established" obj=csess')
    server.serve_forever()


if __name__ == "__main__":
    main()
