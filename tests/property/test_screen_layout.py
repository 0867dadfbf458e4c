"""The layout keeps its promises for any calendar."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from aicalendar_tui.screens.layout import (
    Bar,
    Block,
    arrange_columns,
    arrange_lanes,
    arrange_week,
    block_of,
    first_row_shown,
    share_rows,
    share_width,
)

blocks = st.lists(
    st.tuples(st.integers(0, 47), st.integers(1, 12)).map(lambda pair: Block(pair[0], min(48, pair[0] + pair[1]))),
    max_size=25,
)
bars = st.lists(
    st.tuples(st.integers(0, 6), st.integers(1, 7)).map(lambda pair: Bar(pair[0], min(7, pair[0] + pair[1]))),
    max_size=12,
)


@given(blocks, st.integers(1, 8), st.integers(3, 60))
def test_no_two_blocks_share_a_cell(day: list[Block], limit: int, width: int) -> None:
    """Side by side means: no cell belongs to two events."""
    cells: Counter[tuple[int, int]] = Counter()
    for block, placement in zip(day, arrange_columns(day, limit=limit).placements, strict=True):
        if placement is not None:
            left, right = placement.cells(width)
            cells.update((row, x) for row in range(block.top, block.bottom) for x in range(left, right))
    assert max(cells.values(), default=1) == 1


@given(blocks, st.integers(1, 8))
def test_every_block_is_placed_or_counted(day: list[Block], limit: int) -> None:
    """ "+n" says exactly how many have no place."""
    columns = arrange_columns(day, limit=limit)
    placed = sum(placement is not None for placement in columns.placements)
    assert len(day) == placed + sum(hidden.count for hidden in columns.hidden)


@given(blocks, st.integers(1, 8))
def test_a_placed_block_has_room_to_be_seen(day: list[Block], limit: int) -> None:
    """With three cells a column, every placed block gets three cells at least."""
    for placement in arrange_columns(day, limit=limit).placements:
        if placement is not None:
            left, right = placement.cells(3 * limit)
            assert 3 <= right - left
            assert 0 <= left < right <= 3 * limit


@given(blocks)
def test_a_block_without_neighbours_takes_the_whole_width(day: list[Block]) -> None:
    """Free space is used."""
    for block, placement in zip(day, arrange_columns(day, limit=30).placements, strict=True):
        alone = sum(block.top < other.bottom and other.top < block.bottom for other in day) == 1
        if alone:
            assert placement is not None
            assert (0, 40) == placement.cells(40)


@given(st.integers(-100, 1500), st.integers(0, 3000), st.sampled_from([15, 30, 60]))
def test_a_block_lies_within_the_day_and_is_never_empty(start: int, length: int, minutes_per_row: int) -> None:
    """Whatever the times say."""
    block = block_of(start, start + length, minutes_per_row)
    assert 0 <= block.top < block.bottom <= 1440 // minutes_per_row


@given(st.integers(0, 1380), st.integers(30, 600), st.integers(30, 600))
def test_entries_that_touch_do_not_overlap_on_the_grid(start: int, first: int, second: int) -> None:
    """The end of one and the start of the next are rounded alike."""
    middle = start + first
    if middle + second <= 1440:
        assert block_of(start, middle, 30).bottom <= block_of(middle, middle + second, 30).top


@given(bars)
def test_no_two_bars_share_a_day_of_a_lane(week: list[Bar]) -> None:
    """Lanes are disjoint."""
    taken: Counter[tuple[int, int]] = Counter()
    for bar, lane in zip(week, arrange_lanes(week), strict=True):
        taken.update((lane, day) for day in range(bar.first, bar.last))
    assert max(taken.values(), default=1) == 1


@given(bars, st.lists(st.integers(0, 9), min_size=7, max_size=7), st.integers(0, 8))
def test_a_week_shows_or_counts_everything_without_overlap(week: list[Bar], singles: list[int], rows: int) -> None:
    """Each row of each day holds one thing at most; the line "+n" has a row for itself; nothing is forgotten."""
    plan = arrange_week(week, singles, rows=rows)
    taken: Counter[tuple[int, int]] = Counter()
    for bar, lane in zip(week, plan.lanes, strict=True):
        if lane is not None:
            assert 0 <= lane < rows
            taken.update((day, lane) for day in range(bar.first, bar.last))
    for day, places in enumerate(plan.rows):
        assert singles[day] == len(places)
        taken.update((day, row) for row in places if row is not None)
        hidden = places.count(None)
        hidden += sum(
            lane is None and bar.first <= day < bar.last for bar, lane in zip(week, plan.lanes, strict=True)
        )
        assert hidden == plan.more[day]
        if hidden and rows:
            taken[day, rows - 1] += 1
    assert max(taken.values(), default=1) == 1
    assert all(0 <= row < rows for _day, row in taken)


@given(st.integers(7, 300), st.lists(st.sampled_from([4, 5]), min_size=1, max_size=9))
def test_shares_fit_into_the_width(width: int, weights: list[int]) -> None:
    """Equal weights get equal widths, and the sum is never too much."""
    shares = share_width(width, weights)
    assert sum(shares) <= width
    assert len(set(zip(weights, shares, strict=True))) == len(set(weights))


@given(st.integers(1, 80), st.lists(st.integers(1, 30), min_size=1, max_size=6))
def test_weeks_share_all_rows_evenly(height: int, needs: list[int]) -> None:
    """No line stays empty at the bottom, nobody gets two more than another, and the fullest comes first."""
    shares = share_rows(height, needs)
    assert max(height, len(needs)) == sum(shares)
    assert max(shares) - min(shares) <= 1
    short = [need for need, share in zip(needs, shares, strict=True) if share == min(shares)]
    more = [need for need, share in zip(needs, shares, strict=True) if share > min(shares)]
    assert not more or max(short) <= min(more)


@given(st.integers(1, 60), st.one_of(st.none(), st.integers(0, 47)))
def test_the_first_row_keeps_the_window_full_and_the_focus_in_it(height: int, focus: int | None) -> None:
    """No rows after midnight, and the cursor is in view."""
    top = first_row_shown(rows=48, height=height, work=(18, 36), focus=focus)
    assert 0 <= top <= max(0, 48 - height)
    if focus is not None:
        assert top <= focus < top + max(height, 1)
