"""Where the API and the sign-in are: Google's own addresses, or one base URL in place of all of them."""

from ipaddress import ip_address
from urllib.parse import urlsplit

from msgspec import Struct

GOOGLE = "https://www.googleapis.com"
"""The base that means Google itself, whose sign-in has host names of its own."""


class Endpoint(Struct, frozen=True):
    """A base URL without a path, such as `GOOGLE` or `http://127.0.0.1:9000`; credentials are bound to one."""

    base: str = GOOGLE

    @property
    def is_google(self) -> bool:
        """Whether this is Google rather than something that stands in for it."""
        return self.base.rstrip("/") == GOOGLE

    @property
    def is_loopback(self) -> bool:
        """Whether it is on this machine: then no proxy is asked."""
        host = urlsplit(self.base).hostname or ""
        try:
            return ip_address(host).is_loopback
        except ValueError:
            return host == "localhost"

    @property
    def api_url(self) -> str:
        """The base of the Calendar API, with the trailing slash that the client needs."""
        return self.base.rstrip("/") + "/calendar/v3/"

    @property
    def token_url(self) -> str:
        """Where codes and refresh tokens become access tokens."""
        return "https://oauth2.googleapis.com/token" if self.is_google else self.base.rstrip("/") + "/token"

    @property
    def revocation_url(self) -> str:
        """Where a grant is withdrawn."""
        return "https://oauth2.googleapis.com/revoke" if self.is_google else self.base.rstrip("/") + "/revoke"

    @property
    def authorization_url(self) -> str:
        """The consent page for the browser."""
        base = "https://accounts.google.com" if self.is_google else self.base.rstrip("/")
        return base + ("/o/oauth2/v2/auth" if self.is_google else "/o/oauth2/auth")
