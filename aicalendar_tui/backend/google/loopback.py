"""Where the browser brings the answer: a port of 127.0.0.1 that is open for one sign-in (RFC 8252 §7.3)."""

import secrets
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from threading import Event, Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

from aicalendar_tui.backend.domain.errors import SignInFailed
from aicalendar_tui.i18n import N_, _

HOST = "127.0.0.1"
CONNECTION_SECONDS = 5.0
"""Browsers open connections that they never use."""
POLL_SECONDS = 0.1
PORT_TAKEN = N_("port {port} is in use by another program: choose another with --port, or leave it out")

_STYLE = (
    "body{font:17px/1.5 system-ui,sans-serif;background:#11131a;color:#d5d9e3;display:grid;place-items:center;"
    "min-height:100vh;margin:0}main{background:#161922;padding:2rem 2.5rem;border-radius:12px;max-width:28rem}"
)


class Loopback:
    """Listens from the first moment on; `wait` gives the answer that carries the awaited state. Close it."""

    def __init__(self, port: int = 0) -> None:
        """`port` 0 takes a free one. Raises SignInFailed when it is in use."""
        self._state = ""
        self._answer: str | None = None
        self._came = Event()
        try:
            self._server = _Server((HOST, port), _Handler)
        except OSError as error:
            raise SignInFailed(_(PORT_TAKEN).format(port=port), kind="elsewhere") from error
        self._server.loopback = self
        self._thread = Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": POLL_SECONDS}, daemon=True, name="sign-in"
        )
        self._thread.start()

    @property
    def redirect_uri(self) -> str:
        """What Google sends the browser to."""
        return f"http://{HOST}:{self.port}/"

    @property
    def port(self) -> int:
        """The one that was taken."""
        return self._server.server_address[1]

    def expect(self, state: str) -> None:
        """From now on the answer with this state is the one; others are told so, and change nothing."""
        self._state = state

    def wait(self, timeout_seconds: float) -> str | None:
        """The address that the browser came with, or None when it did not come in time. Blocks."""
        self._came.wait(timeout_seconds)
        return self._answer

    def close(self) -> None:
        """Stops listening; the answer that was given is sent before."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def __enter__(self) -> "Loopback":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def answered(self) -> None:
        """The page is on its way: whoever waits may close the port."""
        if self._answer is not None:
            self._came.set()

    def take(self, path: str) -> tuple[int, str]:
        """The status and the page for a request of the browser's."""
        parts = urlsplit(path)
        query = parse_qs(parts.query)
        if parts.path != "/" or not ({"code", "error"} & query.keys()):
            return 404, _page(_("There is nothing here."))
        state = query.get("state", [""])[-1]
        if not self._state or not secrets.compare_digest(state.encode(), self._state.encode()):
            return 400, _page(_("This answer belongs to another sign-in, or to an older one. Start again."))
        self._answer = self._answer or f"{self.redirect_uri}?{parts.query}"
        if "error" in query:
            return 200, _page(_("Access was refused. Nothing was changed; you can close this page."))
        return 200, _page(_("That is all. You can close this page and go back to the terminal."))


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    allow_reuse_port = False  # another program's listening socket must not be joined
    loopback: Loopback

    def server_bind(self) -> None:
        """Without http.server's look at the name service, which takes seconds where there is none."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = HOST, int(self.server_address[1])

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A browser that hangs up is nobody's error."""


class _Handler(BaseHTTPRequestHandler):
    timeout = CONNECTION_SECONDS
    server: _Server  # pyright: ignore[reportIncompatibleVariableOverride] -- the only server that uses it

    def do_GET(self) -> None:
        """The browser comes back from the consent page."""
        loopback = self.server.loopback
        own = self.headers.get("Host", "") in (f"{HOST}:{loopback.port}", f"localhost:{loopback.port}")
        # A name that leads here (DNS rebinding) is not the address that Google was given.
        status, page = loopback.take(self.path) if own else (404, _page(_("There is nothing here.")))
        try:
            self._send(status, page.encode())
        finally:
            loopback.answered()

    def _send(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        # The address holds the code: it must not travel on from here.
        self.send_header("Referrer-Policy", "no-referrer")
        self.send_header("Cache-Control", "no-store")
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)

    def version_string(self) -> str:
        """Nothing about us."""
        return "aicalendar"

    def log_message(self, format: str, *args: Any) -> None:
        """The address holds the code: it is written nowhere."""


def _page(text: str) -> str:
    return (
        '<!doctype html><meta charset="utf-8"><title>aicalendar</title>'
        f"<style>{_STYLE}</style><main><h1>aicalendar</h1><p>{escape(text)}</p></main>"
    )
