"""The simulator as a running server: a world, filled and kept, behind uvicorn."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import uvicorn
from tzlocal import get_localzone_name

from aicalendar_tui.simulator import demo as demo_calendar
from aicalendar_tui.simulator import ics as ics_files
from aicalendar_tui.simulator.clock import SteerableClock, SystemClock
from aicalendar_tui.simulator.colleagues import FIRST_PAUSE_SECONDS, Colleagues
from aicalendar_tui.simulator.http import SimulatorApp, create_app
from aicalendar_tui.simulator.notifier import DeliveryPolicy
from aicalendar_tui.simulator.state import encode_world, read_state_file, write_content
from aicalendar_tui.simulator.world import World

log = logging.getLogger(__name__)

DEMO_USER = "ana@example.com"
DEMO_TOKEN = "demo"
SAVE_SECONDS = 2.0


def build_world(
    *,
    demo: bool,
    ics: Sequence[Path] = (),
    now: datetime | None = None,
    state_file: Path | None = None,
    zone: str | None = None,
) -> tuple[World, list[ics_files.Problem]]:
    """A world as `serve` offers it, and what was wrong with the .ics files.

    What the state file holds comes before demo data and .ics files: they fill an empty world only. Token `demo`
    opens the account of `ana@example.com`, which exists in every world built here.

    Raises:
        SimulatorError: the state file is damaged.
    """
    zone = zone or get_localzone_name() or "UTC"
    clock = SteerableClock(SystemClock(), start=now, frozen=True)
    # A fresh world each time: what a client kept of an earlier demo must not pass for this one's.
    world = World(clock, identity=secrets.token_hex(8))
    try:
        return world, _fill(world, demo=demo, ics=ics, state_file=state_file, zone=zone)
    finally:
        clock.thaw()


def _fill(
    world: World, *, demo: bool, ics: Sequence[Path], state_file: Path | None, zone: str
) -> list[ics_files.Problem]:
    if state_file is not None and read_state_file(world, state_file):
        return []
    if demo and not ics:
        demo_calendar.fill_world(world, zone=zone, email=DEMO_USER, token=DEMO_TOKEN)
        return []
    user = world.add_user(DEMO_USER, "Ana Kovač", zone, access_token=DEMO_TOKEN)
    problems = []
    for number, path in enumerate(ics):
        problems += ics_files.load_file(world, user, path, number=number).problems
    world.publish()
    return problems


def serve(
    *,
    sock: socket.socket | None = None,
    host: str = "127.0.0.1",
    port: int = 0,
    demo: bool = True,
    ics: Sequence[Path] = (),
    now: datetime | None = None,
    state_file: Path | None = None,
    zone: str | None = None,
    lively: bool = False,
    on_ready: Callable[[], None] | None = None,
) -> None:
    """Serve a simulated Google until SIGTERM or SIGINT; main thread only.

    `sock` is a listening TCP socket handed down; with it `host` and `port` are not looked at. `now` (aware) is
    where the world's clock starts; `zone` is the IANA zone of its user (None: this machine's). In a `lively` demo
    colleagues change something every half minute or so. `on_ready` is called once requests are answered.

    Raises:
        SimulatorError: the state file is damaged.
        OSError: the port is taken.
    """
    world, problems = build_world(demo=demo, ics=ics, now=now, state_file=state_file, zone=zone)
    for problem in problems:
        print(problem, file=sys.stderr, flush=True)  # noqa: T201 - the one thing the server has to say
    listening = sock or socket.create_server((host, port))
    app = create_app(world)
    colleagues = Colleagues(world, DEMO_USER) if lively and demo and not ics else None
    try:
        _Server(app, world, state_file, on_ready, colleagues).run(sockets=[listening])
    finally:
        if state_file is not None:
            write_content(encode_world(world), state_file)


class _Server(uvicorn.Server):
    """uvicorn that says when it is ready, keeps the state file fresh and leaves quickly."""

    def __init__(
        self,
        app: SimulatorApp,
        world: World,
        state_file: Path | None,
        on_ready: Callable[[], None] | None,
        colleagues: Colleagues | None = None,
    ) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                access_log=False,
                log_level="warning",
                lifespan="on",
                timeout_graceful_shutdown=1,
                timeout_keep_alive=75,
                ws="none",
                server_header=False,
                h11_max_incomplete_event_size=64 * 1024,
            )
        )
        self._world = world
        self._state_file = state_file
        self._on_ready = on_ready
        self._colleagues = colleagues
        self._exit_requested = asyncio.Event()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Take SIGTERM and SIGINT as the wish to leave; uvicorn would raise them again before the state is saved."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.request_exit)
        try:
            yield
        finally:
            for number in (signal.SIGTERM, signal.SIGINT):
                loop.remove_signal_handler(number)

    def request_exit(self) -> None:
        """Leave; asked a second time, without waiting for requests under way."""
        self.force_exit = self.should_exit
        self.should_exit = True
        self._exit_requested.set()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then tell that requests are answered."""
        for listening in sockets or ():
            # Accepted sockets inherit it; asyncio sets it only where the protocol number was named, and without it
            # each answer waits 40 ms for the client's delayed acknowledgement.
            listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        await super().startup(sockets)
        if self.started and self._on_ready is not None:
            self._on_ready()

    async def main_loop(self) -> None:
        """Run until told to stop, saving the world when it changed, with colleagues living in it."""
        tasks = [asyncio.create_task(self._save_changes()), asyncio.create_task(self._let_colleagues_act())]
        try:
            while not self.should_exit:
                # What uvicorn does ten times a second (limits, the Date header) is enough once a second.
                await self.on_tick(0)
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._exit_requested.wait(), timeout=1)
        finally:
            for task in tasks:
                task.cancel()

    async def _let_colleagues_act(self) -> None:
        pause = FIRST_PAUSE_SECONDS
        while self._colleagues is not None:
            await asyncio.sleep(pause)
            done = self._colleagues.act()
            log.info("A colleague: %s", done or "nothing")
            pause = self._colleagues.choose_pause()

    async def _save_changes(self) -> None:
        path = self._state_file
        saved = -1
        while path is not None:
            await asyncio.sleep(SAVE_SECONDS)
            if self._world.version != saved:
                saved = self._world.version
                content = encode_world(self._world)
                try:
                    await asyncio.to_thread(write_content, content, path)
                except OSError as error:
                    log.warning("the state can't be saved: %s", error)


@dataclass(frozen=True, slots=True)
class RunningSimulator:
    """A simulator that answers in a thread of this process."""

    world: World
    app: SimulatorApp
    base_url: str
    """Without a trailing slash: what GOOGLE_API_ENDPOINT takes."""
    port: int


@contextlib.contextmanager
def run_in_thread(world: World, *, policy: DeliveryPolicy | None = None) -> Iterator[RunningSimulator]:
    """Serve a world on a free loopback port while the block runs; for tests and benchmarks.

    The world belongs to the server's thread meanwhile: change it over HTTP, or between requests only.
    """
    app = create_app(world, policy=policy)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        ready = threading.Event()
        server = _Server(app, world, None, ready.set)
        loops: list[asyncio.AbstractEventLoop] = []

        async def run() -> None:
            loops.append(asyncio.get_running_loop())
            await server.serve(sockets=[listening])

        thread = threading.Thread(target=lambda: asyncio.run(run()), name="simulator", daemon=True)
        thread.start()
        if not ready.wait(timeout=10):
            raise RuntimeError("the simulator did not start")
        try:
            yield RunningSimulator(world, app, f"http://127.0.0.1:{port}", port)
        finally:
            loops[0].call_soon_threadsafe(server.request_exit)
            thread.join(timeout=10)
