"""Switches off, one at a time, each rule of the design that is marked as needed; a trial must find what is lost.

    python -m tests.mutation.rules [--machine] [WORDS OF A RULE …]

With `--machine` the trial is the random schedules of `tests/property/test_sync_machine.py` in place of the test that
is named with the rule: slower, and told apart in the table by the promise that they find broken.
"""
# ruff: noqa: T201 - a script that prints its findings

import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.mutation.check import (
    CACHE_TESTS,
    GOOGLE_TESTS,
    PULL_TESTS,
    PUSH_TESTS,
    Mutant,
    RottenCheckError,
    copy_project,
    patched,
    try_mutant,
)

SERVICES = "aicalendar_tui/backend/services"
STORE = "aicalendar_tui/backend/store"
PULL, PUSH, EDIT, OUTBOX, SETTLE = (f"{SERVICES}/{name}.py" for name in ("pull", "push", "edit", "outbox", "settle"))
CALENDARS = f"{STORE}/calendars.py"
SQLITE = f"{STORE}/store.py"
CHANGE = "aicalendar_tui/backend/domain/change.py"
REBASE = "aicalendar_tui/backend/domain/rebase.py"
VIEWS = "aicalendar_tui/backend/cache/views.py"
KEEPER = "aicalendar_tui/launcher/keeper.py"
WORKER = "aicalendar_tui/worker/program.py"

SPLIT_TESTS = ("tests/unit/services/test_split.py",)
MOVE_TESTS = ("tests/unit/services/test_move.py",)
NEEDED = ("tests/unit/services/test_rules_that_are_needed.py",)
MACHINE = ("tests/property/test_sync_machine.py",)
SCHEDULES = os.environ.get("AICALENDAR_SCHEDULES", "150")

RULES = (
    Mutant(
        "the supervisor restarts what dies",
        ((KEEPER, '        self._loop.call_in(self._key("backoff"), wait, self._try_again)\n', ""),),
        ("tests/integration/launcher/test_supervisor_runs_services.py",),
    ),
    Mutant(
        "writes are IMMEDIATE",
        (
            (
                SQLITE,
                '            with self._database.atomic("IMMEDIATE"):\n                yield',
                "            with self._database.atomic():\n                yield",
            ),
        ),
        ("tests/integration/store/test_store_transactions.py",),
    ),
    Mutant(
        "no row is saved whole that others count in",
        (
            (
                CALENDARS,
                "            synced_seq=synced_seq,\n            synced_at=now,\n",
                "            synced_seq=synced_seq,\n            dirty_seq=synced_seq,\n            synced_at=now,\n",
            ),
        ),
        PULL_TESTS,
    ),
    Mutant(
        "dirty_seq is read again after the lock",
        (
            (
                PULL,
                "            if state.dirty_seq <= state.synced_seq:\n                break\n",
                "            break\n",
            ),
        ),
        PULL_TESTS,
    ),
    Mutant(
        "a pull overwrites no newer pushed row",
        ((PULL, "unless_pushed_after=write_sequence", "unless_pushed_after=None"),),
        PULL_TESTS,
    ),
    Mutant(
        "the calendar stays dirty where a row was protected",
        ((PULL, "            if written.protected:\n", "            if False:\n"),),
        NEEDED,
    ),
    Mutant(
        "insert: tried is committed before the request",
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
        "patch: tried is committed before the request",
        (
            (
                PUSH,
                "                    _put_step(unit, change, number, replace(step, tried=True, sent=rebased.send))\n",
                "                    pass\n",
            ),
        ),
        PUSH_TESTS,
    ),
    Mutant(
        "only untried steps are coalesced",
        (
            (
                CHANGE,
                "    if earlier.tried or earlier.done:\n        return None\n    if later.verb",
                "    if earlier.done:\n        return None\n    if later.verb",
            ),
        ),
        ("tests/unit/domain/test_change.py",),
    ),
    Mutant(
        "only untried steps are taken back by undo",
        ((OUTBOX, "    if earlier.tried or earlier.done:\n        return False\n", ""),),
        PUSH_TESTS,
    ),
    Mutant(
        "one action is one change, taken back as a unit",
        ((SETTLE, "        if counters:\n", "        if False:\n"),),
        ("tests/unit/services/test_settle.py",),
    ),
    Mutant(
        "order is kept per event, and waits behind conflicts",
        (
            (
                PUSH,
                "                return change\n            blocked |= change.event_ids\n",
                "                return change\n",
            ),
        ),
        PUSH_TESTS,
    ),
    Mutant(
        "insert has our own id",
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
        "409: the step becomes a patch of what was sent",
        ((PUSH, "        except Duplicate:\n", "        except ZeroDivisionError:\n"),),
        PUSH_TESTS,
    ),
    Mutant(
        "each patch is compared; what both changed is a conflict",
        ((PUSH, "if rebased.conflicts:\n", "if False:\n"),),
        PUSH_TESTS,
    ),
    Mutant(
        "If-Match is that of the mirror just compared",
        (
            (
                PUSH,
                "                    rebased.send,\n                    etag=mirror.etag,",
                "                    rebased.send,\n"
                '                    etag=remote.get_event(step.calendar_id, mirror.event_id)["etag"],',
            ),
        ),
        PUSH_TESTS,
    ),
    Mutant(
        "412: fetch, and compare again",
        (
            (
                PUSH,
                "                fresh = True\n                continue\n"
                "            except NotFound:\n                if restores",
                '                raise _Stopped("conflict", BOTH_CHANGED) from None\n'
                "            except NotFound:\n                if restores",
            ),
        ),
        PUSH_TESTS,
    ),
    Mutant(
        "start and end are compared as one",
        ((REBASE, "TIME_UNIT if name in TIME_FIELDS else name, [])", "name, [])"),),
        ("tests/unit/domain/test_rebase.py",),
    ),
    Mutant(
        "404 on a delete is done",
        ((PUSH, "                pass  # gone already: that is what was wanted\n", "                raise\n"),),
        NEEDED,
    ),
    Mutant(
        "gone at Google is a conflict, and not done",
        (
            (
                PUSH,
                "                if mirror is None or (is_cancelled(mirror.resource) and not restores):\n"
                '                    raise _Stopped("conflict", GONE)\n',
                "                if mirror is None or (is_cancelled(mirror.resource) and not restores):\n"
                "                    unit.delete_change(change.change_id)\n"
                "                    return\n",
            ),
        ),
        PUSH_TESTS,
    ),
    Mutant(
        "what Google refuses is kept and shown",
        (
            (
                PUSH,
                '            raise _Stopped("rejected", str(error) or error.reason) from error\n',
                "            with self.store.write() as unit:\n"
                "                unit.delete_change(change.change_id)\n"
                "            raise _TakenBack from error\n",
            ),
        ),
        PUSH_TESTS,
    ),
    Mutant(
        "undo of what is sent is the inverse change",
        (
            (
                EDIT,
                "                change_id = enqueue(unit, user_id=user_id, steps=steps, label=entry.label,"
                " now=self.clock.epoch())\n",
                "                if undone or unit.changes_of(user_id, steps[0].event_id):\n"
                "                    change_id = enqueue(unit, user_id=user_id, steps=steps, label=entry.label,"
                " now=self.clock.epoch())\n",
            ),
        ),
        ("tests/unit/services/test_edit.py",),
    ),
    Mutant(
        "the new series is inserted before the old one ends",
        ((EDIT, "    return [*created, *ended], [*restored,", "    return [*ended, *created], [*restored,"),),
        SPLIT_TESTS,
    ),
    Mutant(
        "an instance is compared and patched, not its series",
        (
            (
                PUSH,
                "row = unit.mirror_instance(owner, step.calendar_id, step.event_id, step.original_start)",
                "row = unit.mirror(owner, step.calendar_id, step.event_id)",
            ),
        ),
        PUSH_TESTS,
    ),
    Mutant(
        "a move that is 404 looks at the destination",
        (
            (
                PUSH,
                "        except NotFound:\n            # A former try may have arrived",
                "        except ZeroDivisionError:\n            # A former try may have arrived",
            ),
        ),
        MOVE_TESTS,
    ),
    Mutant(
        "another account: insert there, then delete here",
        ((EDIT, "    return [*created, delete], [restore,", "    return [delete, *created], [restore,"),),
        MOVE_TESTS,
    ),
    Mutant(
        "a tried insert is moved, never re-addressed",
        (
            (
                CHANGE,
                '    if earlier.tried or earlier.done:\n        return None\n    if later.verb == "move":\n'
                "        return _redirect(earlier, later)\n",
                '    if later.verb == "move" and not earlier.done:\n        return _redirect(earlier, later)\n'
                "    if earlier.tried or earlier.done:\n        return None\n",
            ),
        ),
        MOVE_TESTS,
    ),
    Mutant(
        "If-Match leaves with each patch",
        (
            (
                "aicalendar_tui/backend/google/calendar.py",
                '        request.headers["If-Match"] = etag\n        return self._fetch("patch", request)',
                '        return self._fetch("patch", request)',
            ),
        ),
        GOOGLE_TESTS,
    ),
    Mutant(
        "a cached view counts only with the database's revision",
        ((VIEWS, "return value if revision == str(current).encode() else None", "return value"),),
        CACHE_TESTS,
    ),
    Mutant(
        "a late fill never replaces a newer one",
        ((VIEWS, "tonumber(stored_number) > tonumber(number) then return 0 end", "false then return 0 end"),),
        ("tests/integration/cache",),
    ),
    Mutant(
        "beat is a thread of the worker",
        ((WORKER, "EmbeddedService(app, thread=True,", "EmbeddedService(app, thread=False,"),),
        ("tests/integration/worker/test_killed_worker.py",),
    ),
)

PROCESS_RULES = ("the supervisor restarts what dies", "beat is a thread of the worker", "writes are IMMEDIATE")
"""What no schedule in one process can show."""


def main() -> int:
    """See the module."""
    by_machine = "--machine" in sys.argv
    words = [word for word in sys.argv[1:] if not word.startswith("--")]
    chosen = [rule for rule in RULES if not words or any(word in rule.name for word in words)]
    if by_machine:
        chosen = [rule for rule in chosen if rule.name not in PROCESS_RULES and rule.replacements[0][0] != VIEWS]
    missed = 0
    with tempfile.TemporaryDirectory(prefix="aic-rules-") as name:
        copy = Path(name)
        copy_project(copy)
        print(f"{'rule, switched off':58}{'':8}{'s':>6}  found by")
        for rule in chosen:
            began = time.monotonic()
            try:
                found = try_machine(copy, rule) if by_machine else try_mutant(copy, rule)
            except RottenCheckError as error:
                print(f"the check itself needs care: {error}", file=sys.stderr)
                return 2
            missed += not found
            verdict = "found" if found else "MISSED"
            print(f"{rule.name:58}{verdict:8}{time.monotonic() - began:6.1f}  {found}", flush=True)
    print(f"\n{len(chosen) - missed} of {len(chosen)} found")
    return 1 if missed else 0


def try_machine(copy: Path, rule: Mutant) -> str:
    """What the random schedules say of the code without that rule; '' when nothing."""
    texts = patched(copy, rule)
    before = {path: (copy / path).read_text("utf-8") for path in texts}
    for path, text in texts.items():
        (copy / path).write_text(text, "utf-8")
    try:
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--tb=short", *MACHINE]
        environ = {
            **os.environ,
            "PYTHONPATH": str(copy),
            "PYTHONDONTWRITEBYTECODE": "1",
            "AICALENDAR_SCHEDULES": SCHEDULES,
        }
        done = subprocess.run(
            [*command, "--hypothesis-seed=1"], cwd=copy, env=environ, capture_output=True, text=True, check=False
        )
    finally:
        for path, text in before.items():
            (copy / path).write_text(text, "utf-8")
    if done.returncode == 0:
        return ""
    told = re.search(r"^E +(\w*Error[^\n]*)", done.stdout, re.MULTILINE)
    if done.returncode != 1 or told is None:
        raise RottenCheckError(f"pytest ended with {done.returncode}:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return told[1][:110]


if __name__ == "__main__":
    sys.exit(main())
