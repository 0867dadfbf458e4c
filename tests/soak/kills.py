"""Kills whatever can be killed while both sides edit: `python -m tests.soak.kills [ROUNDS [SEED]]`.

Each round edits at Google and here at random, with Google slow now and then so that tasks are long under way; at
random moments it kills worker, supervisor (the worker's parent), guard, both at once, Redis server, receiver, the
holder of the lease or a screen that holds the last one, empties Redis, or fills the disk (root on Linux: the home is
a small tmpfs then). Then it waits until all is calm: the outbox empty, the mirror equal to Google, the agenda equal
to Google's own expansion; and every edit must be found again, once.
Prints how long that took after each kind of blow. Exit status 1: something was lost or doubled.
"""
# ruff: noqa: T201 - a script that prints its findings

import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from aicalendar_tui.backend.domain.draft import Draft
from aicalendar_tui.backend.domain.event import EventKey, Resource
from aicalendar_tui.backend.domain.times import Days
from tests.soak.machine import USER, ZONE, GoogleRefused, Machine, machine

BLOWS = (
    "worker",
    "supervisor",
    "valkey",
    "receiver",
    "serve",
    "flush",
    "disk",
    "guard",
    "guard and supervisor",
    "screen",
)
QUICK_BLOWS = ("worker", "supervisor", "valkey", "receiver")
CALM_SECONDS = 150
DISK_MEGABYTES = 48


@dataclass
class Expected:
    """What must be true of one event in the end. Each side writes fields of its own, so that nothing conflicts."""

    calendar_id: str
    summary: str
    """Only we rename."""
    theirs: bool
    """Whether it was made at Google; only such are deleted there, and only while we haven't touched them."""
    description: str | None = None
    """Only written at Google."""
    touched: bool = False
    deleted: bool = False
    series: bool = False
    cancelled: set[str] = field(default_factory=set)
    """Original starts of the instances that we cancelled."""


class Story:
    """Random edits on both sides, and what must be left of them."""

    def __init__(self, machine: Machine, chance: random.Random) -> None:
        self.machine = machine
        self.chance = chance
        self.events: dict[str, Expected] = {}
        self.counts: Counter[str] = Counter()
        self.number = 0
        entries = machine.google.calendars()
        self.calendar_ids = [entry["id"] for entry in entries if entry["accessRole"] == "owner"]
        self.base = {one: len(_alive(machine.google.events(one))) for one in self.calendar_ids}

    def edit(self) -> None:
        """One edit on a random side. A refused edit of ours is no promise, and so is not expected."""
        chance = self.chance
        if chance.random() < 0.45:
            act = chance.choice(
                (self.they_insert, self.they_insert, self.they_describe, self.they_describe, self.they_delete)
            )
            try:
                act()
            except GoogleRefused:
                self.counts["refused at Google"] += 1
            return
        act = chance.choice(
            (self.we_create, self.we_create, self.we_rename, self.we_rename, self.we_delete, self.we_cancel)
        )
        try:
            act()
        except Exception as error:  # whatever it is: the edit was not taken, and that is counted
            self.counts[f"refused here: {type(error).__name__}"] += 1
            self.machine.services.store.close()
            return
        if chance.random() < 0.8:  # else the screen died right after its commit
            self.machine.nudge()

    def they_insert(self) -> None:
        """Sometimes a series."""
        calendar_id, summary = self.chance.choice(self.calendar_ids), self._name("Phone")
        rule = {"recurrence": ["RRULE:FREQ=WEEKLY;COUNT=5"]} if self.chance.random() < 0.25 else {}
        event_id = self.machine.google.insert(calendar_id, summary, self._moment(), **rule)
        self.events[event_id] = Expected(calendar_id, summary, theirs=True, series=bool(rule))
        self.counts["inserted at Google"] += 1

    def they_describe(self) -> None:
        """Any event, whoever made it."""
        event_id = self._choose(lambda expected: True)
        if event_id is not None:
            text = self._name("Note")
            self.machine.google.patch(self.events[event_id].calendar_id, event_id, description=text)
            self.events[event_id].description = text
            self.counts["changed at Google"] += 1

    def they_delete(self) -> None:
        """Their own, while we have not touched it."""
        event_id = self._choose(lambda expected: expected.theirs and not expected.touched)
        if event_id is not None:
            self.machine.google.delete(self.events[event_id].calendar_id, event_id)
            self.events[event_id].deleted = True
            self.counts["deleted at Google"] += 1

    def we_create(self) -> None:
        """Sometimes a series."""
        calendar_id, summary, start = self.chance.choice(self.calendar_ids), self._name("Here"), self._moment()
        draft = Draft(summary=summary, start=start, end=start + timedelta(hours=1), zone=ZONE)
        series = self.chance.random() < 0.25
        if series:
            draft = Draft(
                summary=summary,
                start=start,
                end=start + timedelta(hours=1),
                zone=ZONE,
                recurrence=("RRULE:FREQ=WEEKLY;COUNT=5",),
            )
        key = self.machine.services.create_event(USER, calendar_id, draft)
        self.events[key.event_id] = Expected(calendar_id, summary, theirs=False, touched=True, series=series)
        self.counts["created here"] += 1

    def we_rename(self) -> None:
        """Any event that has arrived here."""
        event_id = self._choose(lambda expected: True)
        if event_id is not None and (key := self._key(event_id)) is not None:
            summary = self._name("Renamed")
            expected = self.events[event_id]
            expected.touched = True
            self.machine.services.change_event(key, Draft(summary=summary), scope="all")
            expected.summary = summary
            self.counts["changed here"] += 1

    def we_delete(self) -> None:
        """Our own, whatever Google's side writes into it meanwhile."""
        event_id = self._choose(lambda expected: not expected.theirs)
        if event_id is not None and (key := self._key(event_id)) is not None:
            self.machine.services.delete_event(key, scope="all")
            self.events[event_id].deleted = True
            self.counts["deleted here"] += 1

    def we_cancel(self) -> None:
        """One instance of a series of ours."""
        event_id = self._choose(lambda expected: expected.series and not expected.theirs)
        if event_id is None or (key := self._key(event_id)) is None:
            return
        original_start = self._instance(key)
        if original_start is not None:
            instance = EventKey(USER, key.calendar_id, event_id, original_start)
            self.machine.services.delete_event(instance, scope="this")
            self.events[event_id].cancelled.add(original_start)
            self.counts["instances cancelled here"] += 1

    def losses(self) -> list[str]:
        """Every edit that can't be found again at Google, or is there twice; [] when all is well."""
        google = self.machine.google
        found: list[str] = []
        for calendar_id in self.calendar_ids:
            items = {item["id"]: item for item in google.events(calendar_id, showDeleted="true")}
            own = {one: expected for one, expected in self.events.items() if expected.calendar_id == calendar_id}
            for event_id, expected in own.items():
                found += self._losses_of(event_id, expected, items)
            alive = _alive(items.values())
            wanted = self.base[calendar_id] + sum(not expected.deleted for expected in own.values())
            exceptions = sum("recurringEventId" in item and item["recurringEventId"] in own for item in alive)
            if len(alive) - exceptions != wanted:
                found.append(f"{calendar_id} has {len(alive) - exceptions} events, and should have {wanted}")
        return found

    def _losses_of(self, event_id: str, expected: Expected, items: dict[str, Resource]) -> list[str]:
        item = items.get(event_id)
        lives = item is not None and item["status"] != "cancelled"
        if lives == expected.deleted:
            return [f"{event_id} {expected.summary!r} {'came back' if lives else 'is lost'}"]
        if expected.deleted or item is None:
            return []
        found = []
        for name, wanted in (("summary", expected.summary), ("description", expected.description)):
            if item.get(name) != wanted:
                found.append(f"{event_id} has {name} {item.get(name)!r} in place of {wanted!r}")
        if expected.cancelled:
            gone = [one for one in items.values() if one.get("recurringEventId") == event_id]
            cancelled = sum(one["status"] == "cancelled" for one in gone)
            if cancelled != len(expected.cancelled):
                found.append(f"{event_id} has {cancelled} cancelled instances in place of {len(expected.cancelled)}")
        return found

    def _choose(self, wanted: Callable[[Expected], bool]) -> str | None:
        fitting = [one for one, expected in self.events.items() if not expected.deleted and wanted(expected)]
        return self.chance.choice(fitting[-12:]) if fitting else None

    def _key(self, event_id: str) -> EventKey | None:
        key = EventKey(USER, self.events[event_id].calendar_id, event_id)
        return key if self.machine.services.read_event(key) is not None else None

    def _instance(self, key: EventKey) -> str | None:
        view = self.machine.services.read_event(key)
        if view is None:
            return None
        start = view.event.start
        week = self.chance.randrange(1, 5)
        day = start.date() if isinstance(start, datetime) else start
        days = Days(day, day + timedelta(days=7 * week + 1), ZONE)
        starts = [e.original_start for e in self.machine.agenda(days).entries if e.event_id == key.event_id]
        return starts[-1] if starts else None

    def _name(self, kind: str) -> str:
        self.number += 1
        return f"{kind} {self.number}"

    def _moment(self) -> datetime:
        midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        return midnight + timedelta(days=self.chance.randrange(14), hours=self.chance.randrange(5, 20))


def _alive(items: Iterable[Resource]) -> list[Resource]:
    return [item for item in items if item["status"] != "cancelled"]


def play_round(story: Story, blows: list[str]) -> float:
    """Edits, blows among them, more edits; returns the seconds from the last of them until all was calm."""
    machine, chance = story.machine, story.chance
    if chance.random() < 0.6:
        machine.google.control(
            "POST",
            "faults",
            {
                "kind": "delay",
                "times": chance.randrange(1, 6),
                "delay_seconds": chance.uniform(0.1, 0.8),
                "path": "/events",
            },
        )
    for blow in blows:
        for _ in range(chance.randrange(1, 5)):
            story.edit()
        time.sleep(chance.random() * 0.3)
        strike(story, blow)
    for _ in range(chance.randrange(3)):
        story.edit()
    machine.google.control("DELETE", "faults")
    seconds = machine.wait_calm(seconds=CALM_SECONDS)
    losses = story.losses()
    assert not losses, "\n".join(losses)
    return seconds


def strike(story: Story, blow: str) -> None:
    """One blow."""
    machine = story.machine
    match blow:
        case "flush":
            machine.flush_redis()
        case "serve":
            machine.kill_serve()
            if story.chance.random() < 0.5:
                story.edit()
            machine.start()
        case "disk":
            with full_disk(machine.folder):
                for _ in range(4):
                    story.edit()
                time.sleep(story.chance.random())
            assert machine.serves(), "serve ended on the full disk"
        case "screen":
            with machine.screen():
                machine.kill_holder()  # the services stay: the screen holds a lease, too
                story.edit()
            machine.wait_silence()
            machine.start()
        case _:
            machine.kill(blow)


@contextmanager
def full_disk(folder: Path) -> Iterator[None]:
    """Not a byte is free while the block runs."""
    filler = folder / "filler"
    with filler.open("wb", buffering=0) as file:
        for size in (1 << 20, 1 << 12, 1):
            try:
                while True:
                    file.write(b"\0" * size)
            except OSError:
                continue  # full for pieces of this size
    try:
        yield
    finally:
        filler.unlink()


@contextmanager
def small_disk(folder: Path) -> Iterator[str]:
    """Mounts a small tmpfs there; gives '' or the reason why it can't."""
    folder.mkdir(mode=0o700)
    options = f"size={DISK_MEGABYTES}m,mode=700"
    done = (
        subprocess.run(
            ["mount", "-t", "tmpfs", "-o", options, "tmpfs", folder], capture_output=True, text=True, check=False
        )
        if sys.platform == "linux"
        else None
    )
    if done is None or done.returncode != 0:
        yield done.stderr.strip() if done else "no tmpfs on this system"
        return
    try:
        yield ""
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


def main() -> int:
    """See the module."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else random.randrange(10**6)
    print(f"{rounds} rounds, seed {seed}", flush=True)
    chance = random.Random(seed)
    times: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory(prefix="aic-", dir="/tmp") as top, small_disk(Path(top) / "h") as reason:
        blows = BLOWS if not reason else tuple(blow for blow in BLOWS if blow != "disk")
        if reason:
            print(f"without a full disk: {reason}")
        with machine(Path(top) / "h") as made:
            made.wait_live()
            story = Story(made, chance)
            for number in range(rounds):
                chosen = chance.sample(blows, k=2) if chance.random() < 0.25 else [blows[number % len(blows)]]
                try:
                    seconds = play_round(story, chosen)
                except AssertionError as error:
                    print(f"round {number + 1}, {' and '.join(chosen)}: {error}")
                    print(f"what the services said last:\n{made.log.read_text()[-4000:]}")
                    return 1
                kind = chosen[0] if len(chosen) == 1 else "two of them"
                times.setdefault(kind, []).append(seconds)
                print(f"{number + 1:4} {' and '.join(chosen):24} calm after {seconds:5.1f} s", flush=True)
            check_integrity(made)
    print("\nnothing lost, nothing doubled; what happened:")
    for name, count in sorted(story.counts.items()):
        print(f"  {name:40}{count:5}")
    print(f"\n{'after':14}{'rounds':>8}{'p50 s':>8}{'max s':>8}")
    for kind, all_seconds in sorted(times.items()):
        print(f"{kind:14}{len(all_seconds):>8}{statistics.median(all_seconds):>8.1f}{max(all_seconds):>8.1f}")
    return 0


def check_integrity(made: Machine) -> None:
    """The database is sound after all that."""
    import sqlite3

    connection = sqlite3.connect(made.settings.folders.database)
    try:
        assert [("ok",)] == connection.execute("PRAGMA integrity_check").fetchall()
    finally:
        connection.close()


if __name__ == "__main__":
    sys.exit(main())
