"""The mirror's rows, a full sync on its way into them, the outbox and the ledgers."""

from typing import Any

import pytest
from msgspec.structs import replace

from aicalendar_tui.backend.domain.change import Change, Step, UndoEntry
from aicalendar_tui.backend.domain.channel import Channel
from aicalendar_tui.backend.domain.event import Resource
from aicalendar_tui.backend.domain.task import Task
from aicalendar_tui.backend.store.store import PeeweeStore

SERIES = {"recurringEventId": "s", "originalStartTime": {"date": "2026-11-23"}}


def event(event_id: str, etag: str = "1", **fields: Any) -> Resource:
    """A row to be."""
    return {"id": event_id, "etag": etag, "status": "confirmed", **fields}


def ids(store: PeeweeStore, calendar_id: str = "home") -> list[str]:
    """What the live generation of the calendar has, tombstones too."""
    with store.read() as unit:
        generation = unit._generation("ana", calendar_id)
        rows = unit._sql("SELECT event_id FROM event WHERE generation = ? ORDER BY event_id", (generation,))
    return [row[0] for row in rows]


def test_protocol_25_known_etag_writes_nothing(store: PeeweeStore) -> None:
    """Told by the families that changed."""
    with store.write() as unit:
        assert {"a", "b"} == unit.put_events("ana", "home", [event("a"), event("b")]).family_ids
        assert {"b"} == unit.put_events("ana", "home", [event("a"), event("b", "2")]).family_ids


def test_last_of_several_resources_with_one_id_counts(store: PeeweeStore) -> None:
    """An event may be on two pages."""
    with store.write() as unit:
        unit.put_events("ana", "home", [event("a", "1", summary="old"), event("a", "2", summary="new")])
        row = unit.mirror("ana", "home", "a")
    assert row is not None
    assert ("2", "new") == (row.etag, row.resource["summary"])


def test_row_that_was_pushed_after_the_sequence_was_read_is_protected(store: PeeweeStore) -> None:
    """Unless it is that very row; then nothing is doubtful."""
    with store.write() as unit:
        sequence = unit.write_sequence("ana", "home")
        unit.put_events("ana", "home", [event("a", "5")], pushed=True)
        older = unit.put_events("ana", "home", [event("a", "4"), event("b")], unless_pushed_after=sequence)
        same = unit.put_events("ana", "home", [event("a", "5")], unless_pushed_after=sequence)
        later = unit.put_events(
            "ana", "home", [event("a", "6")], unless_pushed_after=unit.write_sequence("ana", "home")
        )
    assert [(1, {"b"}), (0, set()), (0, {"a"})] == [(w.protected, w.family_ids) for w in (older, same, later)]


def test_protocol_21_bare_tombstone_keeps_series_and_original_start(store: PeeweeStore) -> None:
    """Or the cancelled instance would come back."""
    with store.write() as unit:
        unit.put_events("ana", "home", [event("s"), event("s_1", **SERIES)])
        written = unit.put_events("ana", "home", [{"id": "s_1", "etag": "2", "status": "cancelled"}])
        row = unit.mirror_instance("ana", "home", "s", "2026-11-23")
    assert {"s"} == written.family_ids
    assert row is not None
    assert ("cancelled", "s") == (row.resource["status"], row.resource["recurringEventId"])


def test_deleted_series_takes_its_exceptions_along(store: PeeweeStore) -> None:
    """Those of other series stay."""
    other = {**SERIES, "recurringEventId": "t"}
    with store.write() as unit:
        unit.put_events("ana", "home", [event("s"), event("s_1", **SERIES), event("t"), event("t_1", **other)])
        unit.put_events("ana", "home", [{"id": "s", "etag": "2", "status": "cancelled"}])
    assert ["s", "t", "t_1"] == ids(store)


def test_calendars_do_not_share_rows(store: PeeweeStore) -> None:
    """The same event may be in two of them."""
    with store.write() as unit:
        unit.put_events("ana", "home", [event("a", summary="home")])
        unit.put_events("ana", "work", [event("a", summary="work")])
        rows = [unit.mirror("ana", calendar_id, "a") for calendar_id in ("home", "work", "nowhere")]
    assert ["home", "work", None] == [row and row.resource["summary"] for row in rows]


def test_more_ids_than_one_statement_takes(store: PeeweeStore) -> None:
    """All are found."""
    resources = [event(f"e{number}") for number in range(1_234)]
    with store.write() as unit:
        unit.put_events("ana", "home", resources)
        assert set() == unit.put_events("ana", "home", resources).family_ids
        families = unit.families("ana", "home", [resource["id"] for resource in resources] + ["nobody"])
    assert (1_235, []) == (len(families), families["nobody"])


def test_staged_rows_are_not_live_until_the_swap(store: PeeweeStore) -> None:
    """Then the old ones are not."""
    with store.write() as unit:
        unit.put_events("ana", "home", [event("old")])
        stage = unit.begin_stage("ana", "home", fingerprint="f")
        unit.put_events("ana", "home", [event("new")], generation=stage.generation)
    assert ["old"] == ids(store)
    with store.write() as unit:
        unit.swap_stage("ana", "home", stage)
    assert ["new"] == ids(store)


def test_interrupted_stage_goes_on_with_what_was_noted_at_its_beginning(store: PeeweeStore) -> None:
    """Sequence and dirtiness of the first request, not of the last."""
    with store.write() as unit:
        first = unit.begin_stage("ana", "home", fingerprint="f")
        unit.keep_page_token("ana", "home", "page-2")
        unit.mark_dirty("ana", "home")
        unit.put_events("ana", "home", [event("a")], pushed=True)
        assert replace(first, page_token="page-2") == unit.begin_stage("ana", "home", fingerprint="f")
        assert first.generation != unit.begin_stage("ana", "home", fingerprint="other").generation


def test_stage_without_a_page_token_begins_afresh(store: PeeweeStore) -> None:
    """It stopped before its first page was kept."""
    with store.write() as unit:
        first = unit.begin_stage("ana", "home", fingerprint="f")
        assert first.generation != unit.begin_stage("ana", "home", fingerprint="f").generation


def test_abandoned_stage_can_t_be_swapped_in(store: PeeweeStore) -> None:
    """Its rows may be swept already."""
    with store.write() as unit:
        stage = unit.begin_stage("ana", "home", fingerprint="f")
        unit.abandon_stage("ana", "home")
    with pytest.raises(RuntimeError), store.write() as unit:
        unit.swap_stage("ana", "home", stage)


def test_sweep_removes_what_is_neither_live_nor_staged_in_batches(store: PeeweeStore) -> None:
    """And nothing else."""
    with store.write() as unit:
        unit.put_events("ana", "home", [event(f"old{number}") for number in range(25)])
        unit.put_events("ana", "work", [event("work")])
        stage = unit.begin_stage("ana", "home", fingerprint="f")
        unit.put_events("ana", "home", [event("new")], generation=stage.generation)
        assert not unit.sweep_generations(limit=10)
        unit.swap_stage("ana", "home", stage)
        staged = unit.begin_stage("ana", "home", fingerprint="f")
        unit.put_events("ana", "home", [event("next")], generation=staged.generation)
        batches = 1
        while unit.sweep_generations(limit=10):
            batches += 1
        assert [("new",), ("next",), ("work",)] == unit._sql("SELECT event_id FROM event ORDER BY event_id")
    assert 3 == batches


def test_pushed_rows_are_found_by_their_stamp(store: PeeweeStore) -> None:
    """Whatever was pulled in between."""
    with store.write() as unit:
        unit.put_events("ana", "home", [event("a")], pushed=True)
        sequence = unit.write_sequence("ana", "home")
        unit.put_events("ana", "home", [event("b")], pushed=True)
        unit.put_events("ana", "home", [event("c")])
        unit.put_events("ana", "work", [event("d")], pushed=True)
        assert ["b"] == unit.pushed_since("ana", "home", sequence)


def test_deleted_calendar_is_gone_with_everything(store: PeeweeStore) -> None:
    """Its channels are left to be stopped; one of the same name begins anew."""
    with store.write() as unit:
        unit.put_events("ana", "home", [event("a")])
        unit.put_channel(Channel(channel_id="c", user_id="ana", calendar_id="home", token_hash="x", state="active"))
        unit.delete_calendar("ana", "home")
        assert (None, None) == (unit.calendar("ana", "home"), unit.mirror("ana", "home", "a"))
        assert ["retiring"] == [channel.state for channel in unit.channels("ana")]
        unit.put_calendar("ana", "home", {"id": "home"}, 0)
        assert (None, None) == (unit.mirror("ana", "home", "a"), unit.sync_state("ana", "home").sync_token)


def test_relisted_calendar_keeps_our_own_fields(store: PeeweeStore) -> None:
    """What the user chose is not Google's to forget."""
    with store.write() as unit:
        unit.set_shown("ana", "home", False)
        unit.set_live_wanted("ana", "home", True)
        unit.mark_dirty("ana", "home")
        before = unit.sync_state("ana", "home")
        assert unit.put_calendar("ana", "home", {"id": "home", "summary": "New"}, 5)
        assert not unit.put_calendar("ana", "home", {"id": "home", "summary": "New"}, 5)
        calendar = unit.calendar("ana", "home")
        assert before == unit.sync_state("ana", "home")
    assert calendar is not None
    assert ("New", False, True, 5) == (calendar.summary, calendar.shown, calendar.live_wanted, calendar.position)


def test_queued_flips_once(store: PeeweeStore) -> None:
    """Until it is cleared."""
    with store.write() as unit:
        assert [True, False, False] == [unit.mark_dirty("ana", "home") for _ in range(3)]
        unit.clear_queued("ana", "home")
        assert unit.mark_dirty("ana", "home")
        assert not unit.mark_dirty("ana", "nowhere")


def test_outbox_keeps_order_and_every_field(store: PeeweeStore) -> None:
    """Steps too, as they were given."""
    step = Step(
        verb="patch", calendar_id="home", event_id="e", fields={"a": None}, base={"a": [1]}, tried=True, sent={}
    )
    with store.write() as unit:
        added = [unit.add_change(Change(user_id="ana", steps=(step,), label=label, created_at=7)) for label in "ab"]
        unit.add_change(Change(user_id="bob", steps=(step,)))
        assert added == unit.changes("ana") == unit.changes_of("ana", "e")
        unit.put_steps(added[0].change_id, [replace(step, done=True)])
        assert added[1:] == unit.changes_of("ana", "e")
        unit.set_change_state(added[1].change_id, "conflict", reason="why", attempts=3)
        assert {"waiting": 1, "conflict": 1, "rejected": 0, "open_tasks": 0} == unit.counts("ana")
        unit.delete_change(added[0].change_id)
        assert unit.change(added[0].change_id) is None


def test_change_ids_are_never_given_twice(store: PeeweeStore) -> None:
    """An undo entry or a worker may still hold the old one."""
    change = Change(user_id="ana", steps=())
    with store.write() as unit:
        first = unit.add_change(change).change_id
        unit.delete_change(first)
        assert first < unit.add_change(change).change_id


def test_new_edit_ends_what_could_be_redone(store: PeeweeStore) -> None:
    """Of that user."""
    entry = UndoEntry(user_id="ana", label="a", forward=(), inverse=())
    with store.write() as unit:
        for user_id in ("ana", "bob"):
            unit.add_undo(replace(entry, user_id=user_id))
            unit.set_undone(unit.undo_entries(user_id, undone=False)[0].undo_id, True, change_id=4)
        unit.add_undo(replace(entry, label="b"))
        assert [] == unit.undo_entries("ana", undone=True)
        assert ["b"] == [undo.label for undo in unit.undo_entries("ana", undone=False, limit=9)]
        assert [4] == [undo.change_id for undo in unit.undo_entries("bob", undone=True)]


def test_unknown_task_is_none_and_stays_unknown(store: PeeweeStore) -> None:
    """Not pending."""
    with store.write() as unit:
        unit.update_task("nobody", state="done")
        assert unit.task("nobody") is None


def test_tasks_come_open_ones_first_then_the_newest(store: PeeweeStore) -> None:
    """And old finished ones are forgotten."""
    with store.write() as unit:
        for number, state in enumerate(("done", "running", "failed", "queued")):
            unit.put_task(
                Task(
                    task_id=str(number),
                    user_id="ana",
                    name="calendar.pull",
                    state=state,
                    queued_at=number,
                    finished_at=number if state in ("done", "failed") else None,
                )
            )
        assert ["3", "1", "2", "0"] == [task.task_id for task in unit.tasks("ana")]
        unit.forget_tasks(2)
        assert ["3", "1", "2"] == [task.task_id for task in unit.tasks("ana")]
