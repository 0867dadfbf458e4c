"""Opens links in the user's browser."""

import webbrowser
from urllib.parse import urlsplit


def is_web_link(link: str) -> bool:
    """Whether it is a plain http(s) address: links come from other people, and file: or worse would be obeyed."""
    try:
        parts = urlsplit(link)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.netloc) and link.isprintable()


def open_in_browser(link: str) -> None:
    """Blocks until the browser was told; call it in a thread."""
    webbrowser.open(link)
