"""Puts known defects into a copy of the package, one at a time; the named tests must fail.

    python -m tests.mutation.check [WORDS OF A DEFECT'S NAME …]

Each defect is one that calendar clients have shipped, or that a rule of this design prevents. A replacement whose
text is not found exactly once is an error, and so are tests that fail without any defect: else this check would rot.
Prints a table; exit status 1 when a defect was missed.
"""
# ruff: noqa: T201 - a script that prints its findings

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PULL = "aicalendar_tui/backend/services/pull.py"
LEDGER = "aicalendar_tui/backend/services/ledger.py"
PUSH = "aicalendar_tui/backend/services/push.py"
ACCEPT = "aicalendar_tui/backend/services/accept.py"
BACKSTOP = "aicalendar_tui/backend/services/backstop.py"
EVENTS = "aicalendar_tui/backend/store/events.py"
GOOGLE = "aicalendar_tui/backend/google/calendar.py"
VIEWS = "aicalendar_tui/backend/cache/views.py"

RULES = "tests/unit/services/test_protocol_rules.py"
PULL_TESTS = (RULES, "tests/unit/services/test_pull.py")
PUSH_TESTS = ("tests/unit/services/test_push.py",)
ACCEPT_TESTS = ("tests/unit/services/test_accept.py",)
GOOGLE_TESTS = (
    "tests/integration/google/test_requests.py",
    "tests/integration/google/test_remote_calendar_contract.py",
)
CACHE_TESTS = ("tests/integration/cache/test_cache_races.py",)

LIVE_ROWS = (
    '"SELECT e.event_id, e.resource FROM event e JOIN calendar c ON c.generation = e.generation'
    ' WHERE c.user_id = ? AND c.calendar_id = ?", (user_id, calendar_id)'
)


@dataclass(frozen=True, slots=True)
class Mutant:
    """One defect: `replacements` are (file, text that is there once, text in its place)."""

    name: str
    replacements: tuple[tuple[str, str, str], ...]
    tests: tuple[str, ...]


class RottenCheckError(Exception):
    """This check no longer fits the code it is about."""


MUTANTS = (
    Mutant(
        "sync token stored before the rows",
        (
            (
                PULL,
                "        with self.store.write() as unit:\n            written = unit.put_events(",
                "        with self.store.write() as unit:\n"
                "            unit.finish_pull(user_id, calendar_id, sync_token=page.next_sync_token,"
                " fingerprint=remote.fingerprint, synced_seq=dirty_seq, now=self.clock.epoch())\n"
                "        with self.store.write() as unit:\n            written = unit.put_events(",
            ),
        ),
        PULL_TESTS,
    ),
    Mutant(
        "410 without purge",
        (
            (
                PULL,
                "                    unit.swap_stage(user_id, calendar_id, stage)\n",
                "                    import json\n"
                f"                    rows = unit._sql({LIVE_ROWS})\n"
                "                    seen = {row[0] for row in unit._sql("
                '"SELECT event_id FROM event WHERE generation = ?", (stage.generation,))}\n'
                "                    kept = [json.loads(text) for event_id, text in rows if event_id not in seen]\n"
                "                    live = stage.generation\n"
                "                    kept = unit.put_events(user_id, calendar_id, kept, generation=live)\n"
                "                    reindex(unit, user_id, calendar_id, kept.family_ids, generation=live)\n"
                "                    unit.swap_stage(user_id, calendar_id, stage)\n",
            ),
        ),
        PULL_TESTS,
    ),
    Mutant(
        "purge before the relist",
        (
            (
                PULL,
                "        except SyncTokenExpired:\n            return self._full(",
                "        except SyncTokenExpired:\n"
                "            with self.store.write() as unit:\n"
                f"                rows = unit._sql({LIVE_ROWS})\n"
                '                gone = [{"id": row[0], "status": "cancelled"} for row in rows]\n'
                "                gone = unit.put_events(user_id, calendar_id, gone)\n"
                "                reindex(unit, user_id, calendar_id, gone.family_ids)\n"
                "                unit.bump_revision(user_id)\n"
                "            return self._full(",
            ),
        ),
        PULL_TESTS,
    ),
    Mutant(
        "plain cache delete in place of compare-and-set",
        (
            (VIEWS, "return value if revision == str(current).encode() else None", "return value"),
            (VIEWS, "if stored ~= token then", "if not stored then"),
        ),
        CACHE_TESTS,
    ),
    Mutant(
        "cache filled without comparing",
        ((VIEWS, "tonumber(stored_number) > tonumber(number) then return 0 end", "false then return 0 end"),),
        ("tests/integration/cache",),
    ),
    Mutant(
        "notifications dropped by message number",
        (
            (ACCEPT, "\nAccepted = ", "\n_latest: dict[object, int] = {}\nAccepted = "),
            (
                ACCEPT,
                '        if channel.state == "dead":',
                "        number, told = notification.message_number, (id(self), channel.channel_id)\n"
                "        if number is not None and number <= _latest.get(told, -1):\n"
                '            return "accepted"\n'
                "        _latest[told] = -1 if number is None else number\n"
                '        if channel.state == "dead":',
            ),
        ),
        ACCEPT_TESTS,
    ),
    Mutant(
        "retry of an insert without our own id",
        (
            (
                PUSH,
                "remote.insert_event(step.calendar_id, step.fields,",
                "remote.insert_event(step.calendar_id, _body(step.fields) if change.attempts else step.fields,",
            ),
        ),
        PUSH_TESTS,
    ),
    Mutant(
        "PUT in place of PATCH",
        ((GOOGLE, "request = self._events.patch(", "request = self._events.update("),),
        GOOGLE_TESTS,
    ),
    Mutant(
        "cancelled exception forgotten",
        (
            (
                EVENTS,
                "            original_start = original_start_of(resource)\n            families.add(",
                "            original_start = original_start_of(resource)\n"
                "            if is_cancelled(resource) and master_id_of(resource) != event_id:\n"
                "                continue\n"
                "            families.add(",
            ),
        ),
        PULL_TESTS,
    ),
    Mutant(
        "dirty flag cleared after the sync",
        (
            (
                PULL,
                "                    synced_seq=dirty_seq,",
                "                    synced_seq=unit.sync_state(user_id, calendar_id).dirty_seq,",
            ),
        ),
        PULL_TESTS,
    ),
    Mutant(
        "If-Match omitted from a patch",
        (
            (
                GOOGLE,
                '        request.headers["If-Match"] = etag\n        return self._fetch("patch", request)',
                '        return self._fetch("patch", request)',
            ),
        ),
        GOOGLE_TESTS,
    ),
    Mutant(
        "If-Match omitted from a delete",
        ((GOOGLE, '        if etag:\n            request.headers["If-Match"] = etag\n', ""),),
        GOOGLE_TESTS,
    ),
    Mutant(
        "pull tramples what a push wrote meanwhile",
        ((PULL, "unless_pushed_after=write_sequence", "unless_pushed_after=None"),),
        PULL_TESTS,
    ),
    Mutant(
        "answer of a push tramples what a pull brought",
        (
            (
                PUSH,
                'if _stored_etag(unit, change, step, answer["id"]) == seen:',
                "if True:",
            ),
        ),
        PUSH_TESTS,
    ),
    Mutant(
        "a step is tried before that is committed",
        (
            (
                PUSH,
                "step = replace(step, tried=True, sent=step.sent or step.fields)",
                "step = replace(step, sent=None)",
            ),
        ),
        PUSH_TESTS,
    ),
    Mutant(
        "a mute broker is no 503",
        (
            (
                ACCEPT,
                "                    unit.clear_queued(user_id, calendar_id)\n                raise\n",
                "                    pass\n",
            ),
        ),
        ACCEPT_TESTS,
    ),
    Mutant(
        "queued not cleared when the pull begins",
        (
            (
                PULL,
                "            if not waits:\n                unit.clear_queued(user_id, calendar_id)\n",
                "",
            ),
        ),
        (*PULL_TESTS, *ACCEPT_TESTS),
    ),
    Mutant(
        "queued cleared although the pull waits",
        (
            (
                PULL,
                "            if not waits:\n                unit.clear_queued",
                "            if True:\n                unit.clear_queued",
            ),
        ),
        ("tests/unit/services/test_paced_pulls.py",),
    ),
    Mutant(
        "what waits for a burst is not missed when it is lost",
        ((LEDGER, 'state="queued", error="", retry_at=retry_at', 'state="done", error="", retry_at=retry_at'),),
        ("tests/unit/services/test_paced_pulls.py",),
    ),
    Mutant(
        "an empty relist is believed at once",
        (
            (
                PULL,
                "if staged == 0 and self._is_suspiciously_empty(",
                "if staged < 0 and self._is_suspiciously_empty(",
            ),
        ),
        PULL_TESTS,
    ),
    Mutant(
        "token used with other parameters",
        ((PULL, "state.sync_token is None or state.fingerprint != remote.fingerprint", "state.sync_token is None"),),
        PULL_TESTS,
    ),
    Mutant(
        "an edit that both sides made is overwritten",
        ((PUSH, "if rebased.conflicts:\n", "if False:\n"),),
        PUSH_TESTS,
    ),
    Mutant(
        "a starting worker waits for what died in the queue",
        ((BACKSTOP, " and not (after_start and task.is_open)]", "]"),),
        ("tests/unit/services/test_backstop_and_ledger.py",),
    ),
)


def main() -> int:
    """See the module."""
    chosen = [mutant for mutant in MUTANTS if not sys.argv[1:] or any(word in mutant.name for word in sys.argv[1:])]
    with tempfile.TemporaryDirectory(prefix="aic-mutants-") as name:
        copy = Path(name)
        copy_project(copy)
        try:
            for mutant in chosen:
                patched(copy, mutant)
            failing = run_tests(copy, sorted({test for mutant in chosen for test in mutant.tests}), stop=False)
            if failing:
                raise RottenCheckError(f"tests fail without any defect: {failing}")
        except RottenCheckError as error:
            print(f"the check itself needs care: {error}", file=sys.stderr)
            return 2
        print(f"{'defect':56}{'':8}{'s':>6}  caught by")
        missed = 0
        for mutant in chosen:
            began = time.monotonic()
            caught_by = try_mutant(copy, mutant)
            missed += not caught_by
            verdict = "caught" if caught_by else "MISSED"
            print(f"{mutant.name:56}{verdict:8}{time.monotonic() - began:6.1f}  {caught_by}", flush=True)
    print(f"\n{len(chosen) - missed} of {len(chosen)} caught")
    return 1 if missed else 0


def copy_project(copy: Path) -> None:
    """What the tests need, so that the copy comes first on the import path."""
    ignored = shutil.ignore_patterns("__pycache__", "__snapshots__")
    for folder in ("aicalendar_tui", "tests"):
        shutil.copytree(ROOT / folder, copy / folder, ignore=ignored)
    shutil.copy(ROOT / "pyproject.toml", copy)


def patched(copy: Path, mutant: Mutant) -> dict[str, str]:
    """Each file's text with the defect in it. Raises RottenCheckError."""
    texts: dict[str, str] = {}
    for path, old, new in mutant.replacements:
        text = texts.get(path) or (copy / path).read_text("utf-8")
        if text.count(old) != 1:
            raise RottenCheckError(f"{mutant.name}: {path} has {text.count(old)} times, and not once:\n{old}")
        texts[path] = text.replace(old, new)
        compile(texts[path], path, "exec")
    return texts


def try_mutant(copy: Path, mutant: Mutant) -> str:
    """The test that caught it, '' when none did."""
    texts = patched(copy, mutant)
    before = {path: (copy / path).read_text("utf-8") for path in texts}
    for path, text in texts.items():
        (copy / path).write_text(text, "utf-8")
    try:
        return run_tests(copy, mutant.tests)
    finally:
        for path, text in before.items():
            (copy / path).write_text(text, "utf-8")


def run_tests(copy: Path, tests: Sequence[str], *, stop: bool = True) -> str:
    """The first test that failed, '' when all passed. Raises RottenCheckError for a run that was none."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--tb=no", "-rfE", *tests]
    # Without byte code: a file that is changed twice in a second would not be read again.
    environ = {**os.environ, "PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [*command, *(["-x"] if stop else [])], cwd=copy, env=environ, capture_output=True, text=True, check=False
    )
    if done.returncode == 0:
        return ""
    failed = [line for line in done.stdout.splitlines() if line.startswith("FAILED ")]
    if done.returncode != 1 or not failed:
        raise RottenCheckError(f"pytest ended with {done.returncode}:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return failed[0].removeprefix("FAILED ").partition(" - ")[0].rpartition("::")[2]


if __name__ == "__main__":
    sys.exit(main())
