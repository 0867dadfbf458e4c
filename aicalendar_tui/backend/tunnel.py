"""How Google's notifications get to this machine: not at all, by an address of one's own, or through ngrok.

ngrok's agent keeps what passes through it and shows it on an unauthenticated page: that is switched off, since the
channels' tokens are in there. Its authtoken goes into a private file, not onto its command line.
"""

import logging
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event, Lock, Thread
from typing import Any, Protocol
from urllib.parse import urlsplit

from msgspec import Struct, json
from msgspec.structs import replace

from aicalendar_tui.backend.domain.errors import CalendarError, Rejected, Unreachable
from aicalendar_tui.i18n import N_

logger = logging.getLogger(__name__)

BACKOFF_SECONDS = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0, 60.0)
WATCH_SECONDS = 2.0

PROBLEMS = {
    "ERR_NGROK_105": N_("ngrok does not know this authtoken: check NGROK_AUTHTOKEN"),
    "ERR_NGROK_107": N_("this ngrok authtoken was reset: get a new one and set NGROK_AUTHTOKEN"),
    "ERR_NGROK_108": N_("this ngrok account already has an agent running elsewhere"),
    "ERR_NGROK_319": N_("this ngrok domain is not reserved: reserve it, or leave the domain empty"),
    "ERR_NGROK_320": N_("this ngrok domain belongs to another account"),
    "ERR_NGROK_334": N_("this ngrok domain is in use by another agent"),
    "ERR_NGROK_4018": N_("ngrok needs an authtoken: set NGROK_AUTHTOKEN"),
}
"""What the user can do about ngrok's own errors, by its code."""


class NoTunnel:
    """Fits `ports.Tunnel`: there are no live updates, calendars are polled."""

    problem = ""

    def address(self) -> None:
        """None, always."""
        return

    def start(self) -> None:
        """Nothing to start."""

    def stop(self) -> None:
        """Nothing to stop."""


class StaticTunnel:
    """Fits `ports.Tunnel`: somebody's own reverse proxy leads here."""

    problem = ""

    def __init__(self, url: str) -> None:
        """Raises ValueError unless `url` is an http or https address without a query."""
        parts = urlsplit(url)
        if parts.scheme not in ("https", "http") or not parts.hostname or parts.query or parts.fragment:
            raise ValueError(f"not a public address: {url}")
        self._url = url.rstrip("/")

    def address(self) -> str:
        """See `ports.Tunnel`."""
        return self._url

    def start(self) -> None:
        """Nothing to start."""

    def stop(self) -> None:
        """Nothing to stop."""


class AgentSettings(Struct, frozen=True, kw_only=True):
    """What an ngrok agent is started with."""

    authtoken: str
    port: int
    """The local port of the public app: the only one that a tunnel is ever pointed at."""
    folder: Path
    """A private folder, for the agent's configuration."""
    domain: str = ""
    """A reserved domain; '' takes a passing one."""
    region: str = ""
    ngrok_path: Path | None = None
    """The agent's program; None: pyngrok's own place, where it downloads the agent to when it is missing."""


class Agent(Protocol):
    """A running agent with its one tunnel."""

    @property
    def address(self) -> str:
        """The public base URL."""
        ...

    def is_alive(self) -> bool: ...
    def close(self) -> None: ...


class NgrokTunnel:
    """Fits `ports.Tunnel`. A thread keeps one agent running and starts another when it dies, ever more slowly.

    `on_change` is called from that thread with the address, or None, and the problem, whenever one is another.
    """

    def __init__(
        self,
        authtoken: str,
        *,
        port: int,
        domain: str | None = None,
        region: str | None = None,
        ngrok_path: Path | None = None,
        folder: Path | None = None,
        open_agent: Callable[[AgentSettings], Agent] | None = None,
        on_change: Callable[[str | None, str], None] = lambda _address, _problem: None,
        backoff_seconds: Sequence[float] = BACKOFF_SECONDS,
        watch_seconds: float = WATCH_SECONDS,
    ) -> None:
        """Without a `folder` the agent's configuration is in a temporary one while the tunnel is open."""
        self._settings = AgentSettings(
            authtoken=authtoken,
            port=port,
            domain=domain or "",
            region=region or "",
            ngrok_path=ngrok_path,
            folder=folder or Path(),
        )
        self._has_folder = folder is not None
        self._open_agent = open_agent or open_ngrok_agent
        self._on_change = on_change
        self._backoff_seconds = backoff_seconds
        self._watch_seconds = watch_seconds
        self._address: str | None = None
        self._problem = ""
        self._stopping = Event()
        self._changing = Lock()
        self._thread: Thread | None = None

    def address(self) -> str | None:
        """See `ports.Tunnel`."""
        return self._address

    @property
    def problem(self) -> str:
        """Why there is no address, for people (a msgid); '' while all is well."""
        return self._problem

    def start(self) -> None:
        """Returns at once; the address is there when the agent is. A second start does nothing."""
        with self._changing:
            if self._thread is None:
                self._stopping.clear()
                self._thread = Thread(target=self._run, name="tunnel", daemon=True)
                self._thread.start()

    def stop(self) -> None:
        """Ends the agent; returns when it is gone."""
        with self._changing:
            thread, self._thread = self._thread, None
            self._stopping.set()
            if thread is not None:
                thread.join()

    def _run(self) -> None:
        if self._has_folder:
            self._keep(self._settings)
            return
        with TemporaryDirectory(prefix="aicalendar-ngrok-") as folder:
            self._keep(replace(self._settings, folder=Path(folder)))

    def _keep(self, settings: AgentSettings) -> None:
        failures = 0
        while not self._stopping.is_set():
            try:
                agent = self._open_agent(settings)
            except CalendarError as error:
                self._become(None, str(error))
                logger.warning("No tunnel: %s", error)
            else:
                self._become(agent.address, "")
                try:
                    while agent.is_alive() and not self._stopping.wait(self._watch_seconds):
                        failures = 0
                finally:
                    agent.close()
                self._become(None, "" if self._stopping.is_set() else N_("the ngrok agent ended: starting another"))
            pause = self._backoff_seconds[min(failures, len(self._backoff_seconds) - 1)]
            failures += 1
            self._stopping.wait(pause)

    def _become(self, address: str | None, problem: str) -> None:
        before = self._address, self._problem
        self._address, self._problem = address, problem
        if before != (address, problem):
            logger.info("The public address is %s", address or "none")
            self._on_change(address, problem)


def write_agent_configuration(settings: AgentSettings) -> Path:
    """The agent's configuration (JSON is YAML), mode 0600: authtoken, and no inspection, updates or screen.

    Its local page can't be switched off, since pyngrok steers the agent through it; without inspection it is empty.
    """
    settings.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = settings.folder / "ngrok.yml"
    content: dict[str, Any] = {
        "version": "2",
        "authtoken": settings.authtoken,
        "console_ui": False,
        "inspect_db_size": -1,
        "update_check": False,
    }
    if settings.region:
        content["region"] = settings.region
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(json.encode(content))
    return path


def open_ngrok_agent(settings: AgentSettings) -> Agent:
    """Starts the agent and opens the tunnel; takes seconds.

    Raises `Rejected` for what the user has to mend, `Unreachable` for what may pass.
    """
    from pyngrok import conf, ngrok
    from pyngrok.exception import PyngrokError, PyngrokNgrokInstallError

    configuration = conf.PyngrokConfig(
        ngrok_path=str(settings.ngrok_path) if settings.ngrok_path else None,
        config_path=str(write_agent_configuration(settings)),
        config_version="2",
    )
    # It would be put on the command line, where all users of the machine see it.
    configuration.auth_token = None
    options: dict[str, Any] = {"inspect": False, "schemes": ["https"]}
    if settings.domain:
        options["hostname"] = settings.domain
    try:
        tunnel = ngrok.connect(f"127.0.0.1:{settings.port}", "http", pyngrok_config=configuration, **options)
        process = ngrok.get_ngrok_process(configuration)
    except PyngrokNgrokInstallError as error:
        raise Unreachable(
            N_("ngrok's agent is missing and could not be downloaded: install ngrok, so that it is on the PATH")
        ) from error
    except (PyngrokError, OSError) as error:
        ngrok.kill(configuration)
        raise _explain(error, settings) from error
    return _PyngrokAgent(tunnel.public_url or "", process.proc, lambda: ngrok.kill(configuration))


class _PyngrokAgent:
    def __init__(self, address: str, process: Any, kill: Callable[[], None]) -> None:
        self.address = address.rstrip("/")
        self._process = process
        self._kill = kill

    def is_alive(self) -> bool:
        return self._process.poll() is None

    def close(self) -> None:
        self._kill()


def _explain(error: Exception, settings: AgentSettings) -> CalendarError:
    """The agent's message might quote its configuration: what is passed on does not hold the authtoken."""
    text = f"{error} {getattr(error, 'ngrok_error', '')}"
    error.args = tuple(str(part).replace(settings.authtoken, "…") for part in error.args if settings.authtoken)
    # The longest code first: one is the beginning of another.
    for code in sorted(PROBLEMS, key=len, reverse=True):
        if code in text:
            return Rejected(PROBLEMS[code], reason=code)
    return Unreachable(N_("ngrok did not start: see the log"))
