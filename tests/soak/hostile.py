"""A client that means no good: `python -m tests.soak.hostile [REQUESTS [SEED]]`.

Sends forged, replayed, oversized, malformed, slow and pipelined requests to the public webhook of a whole running
program, and to its local API, from several threads at once. Meanwhile Google changes events, and each change must be
here soon. Afterwards: no answer was a 500, nothing was written for a forgery, the receiver's memory stayed flat, and
this machine is equal to Google. Exit status 1: something of this was not so.
"""
# ruff: noqa: T201 - a script that prints its findings

import random
import re
import socket
import sqlite3
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from urllib.parse import urlsplit

from msgspec import json

from tests.soak.machine import USER, Machine, machine

THREADS = 6
ANSWER_SECONDS = 1
FRESH_SECONDS = 5.0
"""A change at Google must be here in that time, whatever is going on."""
GROWTH_MEGABYTES = 20
WEBHOOK = "/webhook/google-calendar"
LOCAL_PATHS = ("/health", f"/tasks/{USER}", f"/webhook/status/{USER}", "/docs", "/../../etc/passwd", "/tasks/%00")


class Attack:
    """The requests, and what was answered; `channel` is the id of a real channel, without its token."""

    def __init__(self, public: tuple[str, int], local: tuple[str, int], channel: str) -> None:
        self.public = public
        self.local = local
        self.channel = channel
        self.answers: Counter[tuple[str, str]] = Counter()
        self._counting = threading.Lock()

    def run(self, number: int, seed: int) -> None:
        """Sends so many requests of random kinds."""
        chance = random.Random(seed)
        kinds: list[tuple[Callable[[random.Random], None], float]] = [
            (self.forge, 30),
            (self.replay, 15),
            (self.overload, 10),
            (self.garble, 20),
            (self.pipeline, 10),
            (self.break_in, 14),
            (self.drip, 1),
        ]
        acts, weights = zip(*kinds, strict=True)
        for act in chance.choices(acts, weights, k=number):
            act(chance)

    def forge(self, chance: random.Random) -> None:
        """An unknown channel, or a real one with a token that was guessed."""
        channel = chance.choice((self.channel, "no-such-channel", "х" * 20, "' OR 1=1 --"))
        token = chance.choice(("guess", "0" * 256, "\x7f", "%00"))
        self._send("forged", self.public, request(channel, token))

    def replay(self, chance: random.Random) -> None:
        """The same forgery again and again, with a number from the past or the far future."""
        number = chance.choice((0, 1, -1, 2**63, 2**200))
        data = request(self.channel, "guess", number=str(number))
        for _ in range(3):
            self._send("replayed", self.public, data)

    def overload(self, chance: random.Random) -> None:
        """Bodies and headers that are too large, one that lies about its length among them."""
        kind = chance.randrange(3)
        if kind == 0:
            data = request(self.channel, "guess", body=b"x" * chance.choice((1025, 1 << 20)))
        elif kind == 1:
            data = request("c" * 70_000, "guess")
        else:
            data = (
                request(self.channel, "guess").replace(b"\r\n\r\n", b"\r\nContent-Length: 999999999\r\n\r\n") + b"x"
            )
        self._send("oversized", self.public, data)

    def garble(self, chance: random.Random) -> None:
        """What is no HTTP, or hardly."""
        data = chance.choice(
            (
                chance.randbytes(200),
                b"GET / HTTP/9.9\r\n\r\n",
                b"POST " + b"/" * 9000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
                request(self.channel, "guess").replace(b"\r\n", b"\n"),
                request(self.channel, "guess").replace(b"Host", b"Ho\x00st"),
                request(self.channel, "guess") + b"\r\n\r\n\r\n",
                b"POST " + WEBHOOK.encode() + b" HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n",
                b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
                b"GET /docs HTTP/1.1\r\nHost: x\r\n\r\n",
                b"GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n",
                b"DELETE " + WEBHOOK.encode() + b" HTTP/1.1\r\nHost: x\r\n\r\n",
            )
        )
        self._send("malformed", self.public, data)

    def pipeline(self, chance: random.Random) -> None:
        """Twenty at once, and then nobody reads."""
        data = request(self.channel, "guess").replace(b"Connection: close\r\n", b"") * 20
        self._send("pipelined", self.public, data, reads=chance.random() < 0.5)

    def break_in(self, chance: random.Random) -> None:
        """At the local API: without its token, from a web page, under another name."""
        path = chance.choice(LOCAL_PATHS)
        method = chance.choice(("GET", "POST", "DELETE", "PUT", "OPTIONS"))
        headers = [f"Host: {chance.choice(('127.0.0.1', 'evil.example', 'localhost:1'))}"]
        headers += chance.choice(([], ["Origin: https://evil.example"], ["Authorization: Bearer guess"]))
        text = "\r\n".join([f"{method} {path} HTTP/1.1", *headers, "Content-Length: 0", "Connection: close", "", ""])
        self._send("local", self.local, text.encode())

    def drip(self, _chance: random.Random) -> None:
        """A connection that says one letter a second, and is left."""
        with suppress(OSError), socket.create_connection(self.public, timeout=ANSWER_SECONDS) as client:
            for letter in request(self.channel, "guess")[:2]:
                client.sendall(bytes([letter]))
                time.sleep(1)
            self._count("slow", "left")

    def _send(self, kind: str, where: tuple[str, int], data: bytes, *, reads: bool = True) -> None:
        try:
            with socket.create_connection(where, timeout=ANSWER_SECONDS) as client:
                client.sendall(data)
                if not reads:
                    self._count(kind, "not read")
                    return
                received = b"".join(iter(lambda: client.recv(65_536), b""))
        except TimeoutError:
            self._count(kind, "no answer")
            return
        except OSError:
            self._count(kind, "connection ended")
            return
        statuses = re.findall(rb"HTTP/1\.1 (\d{3})", received) or [b"closed"]
        for status in statuses:
            self._count(kind, status.decode())

    def _count(self, kind: str, answer: str) -> None:
        with self._counting:
            self.answers[kind, answer] += 1


def request(channel: str, token: str, *, number: str = "1", body: bytes = b"") -> bytes:
    """A notification as Google's, but for what it says."""
    head = (
        f"POST {WEBHOOK} HTTP/1.1\r\nHost: x\r\nX-Goog-Channel-ID: {channel}\r\nX-Goog-Channel-Token: {token}\r\n"
        f"X-Goog-Resource-State: exists\r\nX-Goog-Message-Number: {number}\r\nContent-Length: {len(body)}\r\n"
        "Connection: close\r\n\r\n"
    )
    return head.encode() + body


def address_of(url: str) -> tuple[str, int]:
    """Host and port."""
    parts = urlsplit(url)
    return parts.hostname or "", parts.port or 0


def megabytes_of(pid: int) -> float:
    """What that process holds in memory of its own."""
    text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    return int(re.findall(r"^Pss:\s+(\d+)", text, re.MULTILINE)[0]) / 1024


def count_notices(whole: Machine) -> int:
    """How many notifications were believed: the sum of what is counted for each."""
    path = f"file:{whole.settings.folders.database}?mode=ro"
    connection = sqlite3.connect(path, uri=True, timeout=5)
    try:
        return connection.execute("SELECT COALESCE(SUM(dirty_seq), 0) FROM calendar").fetchone()[0]
    finally:
        connection.close()


def main(requests: int, seed: int) -> int:
    """Exit status."""
    print(f"{requests:,} hostile requests, seed {seed}")
    with tempfile.TemporaryDirectory(prefix="aic-") as folder, machine(Path(folder) / "home") as whole:
        whole.wait_live()
        addresses = json.decode(whole.settings.folders.api_addresses.read_bytes())
        public, local = (address_of(addresses[name]) for name in ("public", "local"))
        channels = [one for one in whole.services.read_channels(USER) if one.state == "active"]
        receiver = receiver_of(whole)
        assert receiver is not None
        attack = Attack(public, local, channels[0].channel_id)

        attack.run(requests // 20, seed)  # what is allocated once is not growth
        time.sleep(1)
        memory, believed = megabytes_of(receiver), count_notices(whole)
        share = (requests - requests // 20) // THREADS
        threads = [threading.Thread(target=attack.run, args=(share, seed + n + 1)) for n in range(THREADS)]
        began = time.monotonic()
        for thread in threads:
            thread.start()
        delays: list[float] = []
        start = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(days=1)
        while any(thread.is_alive() for thread in threads):
            delays.append(see_change(whole, f"Real {len(delays)}", start))
            time.sleep(0.3)
        took = time.monotonic() - began
        time.sleep(11)  # the header timer ends what dripped
        whole.wait_calm()

        growth = megabytes_of(receiver) - memory
        more = count_notices(whole) - believed
        restarted = receiver_of(whole) != receiver
        errors = sum(count for (_kind, answer), count in attack.answers.items() if answer.startswith("5"))
        problems = [
            f"{errors} answers were 5xx" if errors else "",
            f"{more} notifications were believed for {len(delays)} real changes" if more > 2 * len(delays) else "",
            f"the receiver grew by {growth:.1f} MB" if growth > GROWTH_MEGABYTES else "",
            f"a change took {max(delays):.1f} s" if max(delays) > FRESH_SECONDS else "",
            "the receiver was restarted" if restarted else "",
        ]
    for (kind, answer), count in sorted(attack.answers.items()):
        print(f"  {kind:<10} {answer:<17} {count:>7,}")
    total = sum(attack.answers.values())
    print(f"{total:,} answers in {took:.0f} s; the receiver's memory: {memory:.1f} MB, {growth:+.1f} MB after")
    print(f"{len(delays)} real changes meanwhile, here after {median(delays):.2f} s, {max(delays):.2f} s at most")
    for problem in filter(None, problems):
        print(f"PROBLEM: {problem}")
    return int(any(problems))


def receiver_of(whole: Machine) -> int | None:
    """Its process."""
    state = whole.state()
    return state.services["receiver"].pid if state else None


def see_change(whole: Machine, summary: str, start: datetime) -> float:
    """An event is made at Google; seconds until a screen would show it. Raises AssertionError after 30."""
    began = time.monotonic()
    event_id = whole.google.insert(USER, summary, start)
    while whole.summary_of(USER, event_id) != summary:
        assert time.monotonic() - began < 30, f"{summary} did not come within 30 s"
        time.sleep(0.02)
    return time.monotonic() - began


if __name__ == "__main__":
    numbers = [int(text) for text in sys.argv[1:]]
    sys.exit(main(numbers[0] if numbers else 10_000, numbers[1] if len(numbers) > 1 else random.randrange(10**6)))
