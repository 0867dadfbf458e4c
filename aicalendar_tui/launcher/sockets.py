"""Listening sockets: made once by the supervisor, taken over by whichever child serves them."""

import os
import socket
from collections.abc import Mapping

from aicalendar_tui.launcher.plan import SocketSpec

VARIABLE = "AICALENDAR_SOCKETS"
URLS_VARIABLE = "AICALENDAR_URLS"
BACKLOG = 256
"""Connections that wait while a service starts again."""


def listen(spec: SocketSpec) -> socket.socket:
    """A listening socket at the wanted port, or at a free one where the wanted one is taken and that is fine.

    Raises: OSError.
    """
    try:
        return _listen(spec.host, spec.port)
    except OSError:
        if not spec.fallback or spec.port == 0:
            raise
        return _listen(spec.host, 0)


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        # A port we used a minute ago is still ours; Linux refuses one that is listened on all the same.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        # Inherited by what is accepted: small answers must not wait for an acknowledgement (40 ms). asyncio sees to
        # it only for sockets whose protocol is named.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        listener.bind((host, port))
        listener.listen(BACKLOG)
    except OSError:
        listener.close()
        raise
    return listener


def url_of(host: str, port: int) -> str:
    """`http://127.0.0.1:8000`."""
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def describe_urls(listeners: Mapping[str, socket.socket]) -> str:
    """The value of AICALENDAR_URLS: `public=http://127.0.0.1:8001,local=…`."""
    return ",".join(f"{name}={url_of(*listener.getsockname()[:2])}" for name, listener in listeners.items())


def known_urls() -> dict[str, str]:
    """The child's side: where each of the supervisor's sockets is, the other services' among them, by name."""
    items = os.environ.get(URLS_VARIABLE, "").split(",")
    return {name: url for name, _, url in (item.partition("=") for item in items) if url}


def describe_sockets(descriptors: Mapping[str, int]) -> str:
    """The value of AICALENDAR_SOCKETS: `public=5,local=6`."""
    return ",".join(f"{name}={descriptor}" for name, descriptor in descriptors.items())


def inherited_sockets() -> dict[str, socket.socket]:
    """The child's side: the listening sockets this process was given, by name; call it once.

    Raises: ValueError (a variable that the supervisor didn't write), OSError (no such descriptor).
    """
    found: dict[str, socket.socket] = {}
    for item in filter(None, os.environ.get(VARIABLE, "").split(",")):
        name, _, descriptor = item.partition("=")
        os.set_inheritable(int(descriptor), False)
        found[name] = socket.socket(fileno=int(descriptor))
    return found
