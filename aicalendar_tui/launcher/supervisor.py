"""The supervisor: keepers of services, the desk for leases, and the order in which all of it ends."""

import json
import os
import signal
import socket
from collections.abc import Callable, MutableMapping
from contextlib import suppress

from aicalendar_tui.launcher import paths
from aicalendar_tui.launcher.desk import Desk
from aicalendar_tui.launcher.keeper import Keeper
from aicalendar_tui.launcher.kernel import (
    become_subreaper,
    kill_children,
    kill_group,
    kill_process,
    list_children,
    reap_next,
)
from aicalendar_tui.launcher.logs import renew_own, say
from aicalendar_tui.launcher.loop import Loop
from aicalendar_tui.launcher.plan import Plan, Service, SocketSpec
from aicalendar_tui.launcher.sockets import listen, url_of
from aicalendar_tui.launcher.state import Address, State, encode_state


def run_supervisor(plan: Plan, *, groups_descriptor: int, on_listening: Callable[[], None]) -> None:
    """Run the plan's services until nobody leases them any more.

    Process groups that begin and end are written to `groups_descriptor` (`+123`, `-123`), so that another
    process can end them should this one be killed. `on_listening` is called once leases can be had.
    """
    supervisor = Supervisor(plan, groups_descriptor=groups_descriptor)
    on_listening()
    supervisor.run()


class Supervisor:
    """One plan being carried out, in one thread that mostly sleeps."""

    def __init__(self, plan: Plan, *, groups_descriptor: int) -> None:
        become_subreaper()
        self._plan = plan
        self._groups_descriptor = groups_descriptor
        self._loop = Loop()
        # Nobody ever writes to it: its readers learn from its end that we are gone.
        self.lifeline_descriptor, self._lifeline_writer = os.pipe()
        self.log_folder = plan.log_folder
        self.listeners: MutableMapping[str, socket.socket] = {}
        self._keepers = {service.name: Keeper(service, self._loop, self) for service in plan.services}
        self._told: dict[str, str] = {}
        self._changed = False
        self._stopping = False
        for spec in plan.sockets:
            # A port that is taken and has no stand-in is tried again with the service that needs it.
            with suppress(OSError):
                self.listen(spec)
        self._write_addresses()
        self._loop.on_signal(signal.SIGCHLD, self._reap)
        self._loop.on_signal(signal.SIGTERM, self.stop)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        self._desk = Desk(
            os.path.join(plan.run_folder, paths.CONTROL_SOCKET),
            self._loop,
            self,
            on_last_closed=self._wait_for_another_lease,
        )
        self._loop.call_in("leases", plan.first_lease_seconds, self._stop_unleased)

    def run(self) -> None:
        """Return when all services have ended after a stop."""
        self._changed = True
        while not (self._stopping and all(keeper.pid is None for keeper in self._keepers.values())):
            # Changes of one round are told once.
            while self._changed:
                self._changed = False
                self._follow_changes()
                self._desk.broadcast()
            self._loop.run_once()
        kill_children()
        remove_traces(self._plan.run_folder)
        self._desk.broadcast()

    def describe(self, leases: int) -> bytes:
        """The whole state as one line."""
        state = State(
            pid=os.getpid(),
            version=self._plan.version,
            log_folder=self._plan.log_folder,
            services={name: keeper.state for name, keeper in self._keepers.items()},
            sockets=self._addresses(),
            leases=leases,
            stopping=self._stopping,
        )
        return encode_state(state)

    def restart_service(self, name: str) -> None:
        """Raises: KeyError (no such service)."""
        keeper = self._keepers[name]
        if not self._stopping:
            keeper.restart()

    def stop(self) -> None:
        """End all services, those first that others don't come after, and then the supervisor."""
        if self._stopping:
            return
        say("stopping")
        self._stopping = True
        self._loop.cancel("leases")
        self._desk.close()
        # However long each may take: in the end all are killed.
        longest = max((service.stop_grace_seconds for service in self._plan.services), default=0)
        self._loop.call_in("end", longest, self._kill_all)
        self._changed = True

    def listen(self, spec: SocketSpec) -> socket.socket:
        """The open socket of that name. Raises: OSError (its port is taken)."""
        if spec.name not in self.listeners:
            try:
                self.listeners[spec.name] = listen(spec)
            except OSError as error:
                raise OSError(error.errno, f"can't listen on {spec.host}:{spec.port}: {error.strerror}") from error
            if hasattr(self, "_desk"):
                self._write_addresses()
        return self.listeners[spec.name]

    def may_start(self, service: Service) -> bool:
        """Whether what the service comes after is ready, or known to have failed: what can go on goes on."""
        return not self._stopping and all(
            self._keepers[name].state.state in ("ready", "failed") for name in service.after if name in self._keepers
        )

    def changed(self) -> None:
        """A state is not what it was: told at the end of the round."""
        self._changed = True

    def started(self, pid: int) -> None:
        """Have the guard know of the group."""
        renew_own(self.log_folder, "supervisor")
        self._tell_guard(f"+{pid}\n")

    def ended(self, pid: int) -> None:
        """Have the guard forget the group."""
        self._tell_guard(f"-{pid}\n")

    def _tell_guard(self, line: str) -> None:
        # Without a guard we have been told to stop already.
        with suppress(BrokenPipeError):
            os.write(self._groups_descriptor, line.encode())

    def _follow_changes(self) -> None:
        for name, keeper in self._keepers.items():
            line = f"{name}: {keeper.state.state}" + (f" ({keeper.state.error})" if keeper.state.error else "")
            if self._told.get(name) != line:
                self._told[name] = line
                say(line)
        if self._stopping:
            self._stop_unneeded()
        else:
            for keeper in self._keepers.values():
                keeper.try_start()

    def _stop_unneeded(self) -> None:
        """Stop those that no running service comes after; the others' turn comes when these have ended."""
        running = [keeper for keeper in self._keepers.values() if keeper.pid is not None]
        needed = {name for keeper in running for name in keeper.service.after}
        for name, keeper in self._keepers.items():
            if name not in needed:
                keeper.stop()

    def _kill_all(self) -> None:
        for keeper in self._keepers.values():
            keeper.kill()

    def _wait_for_another_lease(self) -> None:
        if not self._stopping:
            self._loop.call_in("leases", self._plan.grace_seconds, self._stop_unleased)

    def _stop_unleased(self) -> None:
        if self._desk.count == 0:
            self.stop()

    def _reap(self) -> None:
        """Wait for whoever has ended; what an ended service has left behind is killed."""
        keepers = {keeper.pid: keeper for keeper in self._keepers.values() if keeper.pid is not None}

        def kill_remains(pid: int) -> None:
            if pid in keepers:
                kill_group(pid, signal.SIGKILL)

        ended = False
        while dead := reap_next(kill_remains):
            pid, status = dead
            ended = True
            if pid in keepers:
                keepers[pid].note_end(status)
        if ended:
            self._kill_orphans()

    def _kill_orphans(self) -> None:
        """Kill what was adopted: processes that left their service's group and outlived their parent.

        Each death may bring more of them, and another call.
        """
        services = {keeper.pid for keeper in self._keepers.values()}
        for pid in list_children() - services:
            kill_process(pid, signal.SIGKILL)

    def _addresses(self) -> dict[str, Address]:
        return {name: Address(*listener.getsockname()[:2]) for name, listener in self.listeners.items()}

    def _write_addresses(self) -> None:
        addresses = self._addresses()
        services: dict[str, object] = {name: address._asdict() for name, address in addresses.items()}
        for service in self._plan.services:
            if service.ping_path:
                services[service.name] = service.ping_path
        urls = {name: url_of(*address) for name, address in addresses.items()}
        _write_json(os.path.join(self._plan.run_folder, paths.ADDRESSES), services)
        _write_json(os.path.join(self._plan.run_folder, paths.API_ADDRESSES), urls)


def remove_traces(run_folder: str) -> None:
    """Remove what a supervisor leaves in its run folder; only the holder of the lock may."""
    for name in (
        paths.ADDRESSES,
        paths.API_ADDRESSES,
        paths.CONTROL_SOCKET,
        paths.VALKEY_SOCKET,
    ):
        with suppress(FileNotFoundError):
            os.unlink(os.path.join(run_folder, name))


def _write_json(path: str, document: object) -> None:
    """Replace the file in one step: readers see the old one or the new one."""
    draft = f"{path}.{os.getpid()}"
    with open(draft, "w") as file:
        json.dump(document, file)
    os.replace(draft, path)
