"""The one place where settings become adapters and services.

Nothing is connected here: each adapter opens what it needs when it is first used, and imports what is heavy then.
"""

import json
from collections.abc import Callable
from pathlib import Path
from secrets import token_urlsafe
from shutil import which
from types import ModuleType
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from uuid import uuid4

from aicalendar_tui.backend.cache.link import RedisLink, ServerAway
from aicalendar_tui.backend.cache.stream import RedisChangePublisher
from aicalendar_tui.backend.cache.views import RedisAgendaCache
from aicalendar_tui.backend.domain.errors import CalendarError, Transient
from aicalendar_tui.backend.ports import ChangeFeed, Clock, Credentials, Lock, RemoteCalendar, Store
from aicalendar_tui.backend.queue import CeleryTaskQueue, create_celery
from aicalendar_tui.backend.services import Services
from aicalendar_tui.backend.services.accept import Accept
from aicalendar_tui.backend.services.backstop import Backstop
from aicalendar_tui.backend.services.edit import Edit
from aicalendar_tui.backend.services.ledger import Ledger
from aicalendar_tui.backend.services.pull import Pull
from aicalendar_tui.backend.services.pull_list import PullList
from aicalendar_tui.backend.services.push import Push
from aicalendar_tui.backend.services.read import Read
from aicalendar_tui.backend.services.request_sync import RequestSync
from aicalendar_tui.backend.services.trouble import Trouble
from aicalendar_tui.backend.services.watch import Watch
from aicalendar_tui.backend.store.lock import FileLock
from aicalendar_tui.backend.store.store import PeeweeStore
from aicalendar_tui.i18n import N_
from aicalendar_tui.settings import Settings, load_settings
from aicalendar_tui.settings.clock import SystemClock

if TYPE_CHECKING:
    from aicalendar_tui.backend.google.loopback import Loopback
    from aicalendar_tui.backend.services.accounts import Accounts
    from aicalendar_tui.backend.tunnel import NgrokTunnel, NoTunnel, StaticTunnel

DEMO_USER = "ana@example.com"
"""Whose calendar the demo shows; the simulator's own user, opened with the access token `demo`."""
VALKEY_SOCKET = "valkey.sock"
"""The embedded server's socket in the run folder."""
DEFAULT_REDIS_URL = "redis://localhost:6379/0"
"""Where a service that was started by hand looks for Redis when nothing is set and no embedded server runs."""


def redis_url(settings: Settings, *, started_by_hand: bool = False) -> str:
    """The server that is set, else the embedded one; what is started by hand may find one on the default port."""
    if external := settings.external_redis_url:
        return str(external)
    socket = settings.folders.run.resolve() / VALKEY_SOCKET
    if started_by_hand and not socket.exists():
        return DEFAULT_REDIS_URL
    return f"unix://{socket}"


def build_store(settings: Settings, *, checkpoint: bool = True) -> Store:
    """The database, not connected yet. Raises CalendarError when its driver is missing."""
    settings.folders.create()
    if settings.database_url:
        return _postgres().PostgresStore(str(settings.database_url))
    return PeeweeStore(settings.folders.database, checkpoint=checkpoint)


def build_lock(settings: Settings) -> Lock:
    """Between processes: of this machine, or of all that share a PostgreSQL."""
    if settings.database_url:
        return _postgres().PostgresLock(str(settings.database_url))
    return FileLock(settings.folders.state / "locks")


def _postgres() -> ModuleType:
    try:
        from aicalendar_tui.backend.store import postgres  # psycopg (50 ms), an extra that few install
    except ImportError as error:
        raise CalendarError(
            N_("DATABASE_URL needs a driver that is not installed: pip install 'aicalendar-tui[postgres]'")
        ) from error
    return postgres


def build_services(
    settings: Settings | None = None, *, checkpoint: bool = True, started_by_hand: bool = False
) -> Services:
    """All use cases on real adapters. `checkpoint` off is for the screen, whose writes must stay short."""
    settings = settings or load_settings()
    url = redis_url(settings, started_by_hand=started_by_hand)
    link = RedisLink(url)
    clock = SystemClock(settings.now)
    store = build_store(settings, checkpoint=checkpoint)
    cache = RedisAgendaCache(link, ttl_seconds=settings.cache_ttl_seconds)
    publisher = RedisChangePublisher(link)
    queue = CeleryTaskQueue(lambda: create_celery(url, embedded=settings.external_redis_url is None))
    lock = build_lock(settings)
    remotes = _open_remotes(settings)
    ledger = Ledger(store, queue, publisher, clock)
    if settings.demo:
        _ensure_account(store, clock, DEMO_USER, settings.google_api_endpoint)
    read = Read(store, cache)
    return Services(
        store=store,
        cache=cache,
        queue=queue,
        open_feed=lambda: _open_feed(link),
        clock=clock,
        tunnel=_StoredAddress(read),
        ledger=ledger,
        accept=Accept(store, ledger, clock),
        pull=Pull(store, remotes, cache, publisher, ledger, lock, clock),
        pull_list=PullList(store, remotes, cache, publisher, ledger, clock, live_by_default=settings.demo),
        push=Push(store, remotes, cache, publisher, lock, clock),
        edit=Edit(store, cache, publisher, clock),
        read=read,
        watch=Watch(
            store,
            remotes,
            cache,
            publisher,
            ledger,
            lock,
            clock,
            new_id=lambda: str(uuid4()),
            new_token=lambda: token_urlsafe(32),
        ),
        backstop=Backstop(
            store,
            ledger,
            clock,
            poll_seconds=settings.poll_seconds,
            watched_poll_seconds=settings.watched_poll_seconds,
            lock=lock,
        ),
        request_sync=RequestSync(store, ledger),
        trouble=Trouble(store, cache, publisher),
        forget_cached=lambda user_id: _forget_cached(cache, user_id),
    )


def _open_feed(link: RedisLink) -> ChangeFeed:
    from aicalendar_tui.backend.cache.feed import RedisChangeFeed  # asyncio (50 ms), for the screen only

    return RedisChangeFeed(link)


def _forget_cached(cache: RedisAgendaCache, user_id: str) -> int:
    try:
        return cache.invalidate_user_cache(user_id)
    except ServerAway as error:
        raise Transient(N_("Redis is away: nothing is cached that could be cleared")) from error


def google_endpoint(settings: Settings) -> str:
    """Google's base URL; in the demo the simulator's, which the supervisor has noted beside the other addresses."""
    if settings.demo and not settings.is_set("google_api_endpoint"):
        with settings.folders.api_addresses.open("rb") as file:
            return str(json.load(file)["simulator"])
    return settings.google_api_endpoint


class _StoredAddress:
    """The address that the receiver wrote into the database once its tunnel stood."""

    def __init__(self, read: Read) -> None:
        self._read = read

    def address(self) -> str | None:
        """The public base URL, or None."""
        return self._read.public_address() or None

    @property
    def problem(self) -> str:
        """See `ports.Tunnel`."""
        return self._read.tunnel_problem()


def _ensure_account(store: Store, clock: Clock, user_id: str, endpoint: str) -> None:
    with store.read() as unit:
        if unit.account(user_id) is not None:
            return
    with store.write() as unit:
        unit.put_account(user_id, email=user_id, endpoint=endpoint, now=clock.epoch())


def build_tunnel(
    settings: Settings, *, public_url: str, on_change: Callable[[str | None, str], None]
) -> "NgrokTunnel | NoTunnel | StaticTunnel":
    """How Google reaches the receiver, which listens at `public_url` on this machine; not started yet.

    The demo's Google is on this machine too; else there is the user's own proxy, ngrok, or no way at all.
    `on_change` hears of an address that came or went later, and of what is wrong with the tunnel.
    """
    from aicalendar_tui.backend.tunnel import NgrokTunnel, NoTunnel, StaticTunnel

    if settings.public_url:
        return StaticTunnel(settings.public_url)
    if settings.demo:
        return StaticTunnel(public_url)
    if settings.ngrok_authtoken:
        return NgrokTunnel(
            str(settings.ngrok_authtoken),
            domain=settings.ngrok_domain,
            region=settings.ngrok_region,
            port=urlsplit(public_url).port or 0,
            ngrok_path=Path(found) if (found := which("ngrok")) else None,
            folder=settings.folders.run.resolve(),
            on_change=on_change,
        )
    return NoTunnel()


def address_is_passing(settings: Settings) -> bool:
    """Whether the next start brings the receiver another address: the demo's port, or what ngrok chooses itself."""
    return not settings.public_url and (settings.demo or not settings.ngrok_domain)


def build_credentials(settings: Settings) -> Credentials:
    """The demo's fixed token, else the system's keyring, or files that only the user can read."""
    from aicalendar_tui.backend.credentials import FileCredentials, KeyringCredentials, StaticCredentials

    if settings.demo:
        return StaticCredentials({"token": "demo"})
    return KeyringCredentials(FileCredentials(settings.folders.data / "credentials"))


def build_accounts(settings: Settings, services: Services) -> "Accounts":
    """Signing in and out at the endpoint that is set. Imports Google's sign-in library (0.1 s)."""
    from aicalendar_tui.backend.google.endpoint import Endpoint
    from aicalendar_tui.backend.google.sign_in import GoogleSignIn
    from aicalendar_tui.backend.services.accounts import Accounts
    from aicalendar_tui.backend.services.sign_in import SignIn
    from aicalendar_tui.backend.services.sign_out import SignOut

    endpoint = Endpoint(google_endpoint(settings))
    credentials = build_credentials(settings)
    publisher = services.edit.publisher
    sign_in = SignIn(
        services.store,
        credentials,
        GoogleSignIn(endpoint),
        publisher,
        services.request_sync,
        services.clock,
        is_stand_in=endpoint.is_loopback,
    )
    sign_out = SignOut(
        services.store,
        credentials,
        services.pull.remotes,
        lambda base: GoogleSignIn(Endpoint(base)),
        publisher,
        services.forget_cached,
    )
    return Accounts(services.store, credentials, sign_in, sign_out, endpoint.base)


def open_loopback(port: int = 0) -> "Loopback":
    """Where the browser brings the answer of a sign-in; it listens at once. Raises SignInFailed: a taken port."""
    from aicalendar_tui.backend.google.loopback import Loopback

    return Loopback(port)


def _open_remotes(settings: Settings) -> Callable[[str], RemoteCalendar]:
    """`ports.Remotes`; googleapiclient (0.1 s) is imported with the first call."""
    opened: list[Any] = []

    def open_remote(user_id: str) -> RemoteCalendar:
        if not opened:
            from aicalendar_tui.backend.google.endpoint import Endpoint
            from aicalendar_tui.backend.google.remotes import GoogleRemotes

            opened.append(GoogleRemotes(build_credentials(settings), Endpoint(google_endpoint(settings))))
        return opened[0](user_id)

    return open_remote
