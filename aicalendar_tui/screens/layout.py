"""Where entries go: pure arithmetic on rows, columns and days, with no screen in sight.

Timed entries become blocks of rows, side by side where they overlap; entries of whole days become bars in lanes.
Nothing is ever drawn over something else: what has no room is counted, so that a view can say "+3".
"""

from collections.abc import Iterable, Sequence

from msgspec import Struct

DAY_MINUTES = 24 * 60
NARROWEST_COLUMN = 3
"""Cells: a bar and two letters still say something."""


class Block(Struct, frozen=True):
    """Rows `[top, bottom)` of one day, at least one."""

    top: int
    bottom: int


class Placement(Struct, frozen=True):
    """Column `column` of `columns`, and `span` of them wide."""

    column: int
    span: int
    columns: int

    def cells(self, width: int) -> tuple[int, int]:
        """`[left, right)` within a day that is `width` cells wide."""
        return self.column * width // self.columns, (self.column + self.span) * width // self.columns


class Hidden(Struct, frozen=True):
    """How many blocks had no column of their own, and where they would have been."""

    top: int
    bottom: int
    count: int


class Columns(Struct, frozen=True):
    """A day's blocks side by side; `placements` runs parallel to the blocks given, None for a hidden one."""

    placements: tuple[Placement | None, ...]
    hidden: tuple[Hidden, ...] = ()


def row_of(minute: int, minutes_per_row: int) -> int:
    """The row that starts nearest to `minute`; halfway counts as before: a row takes what begins in its first half.

    The same rounding for starts and ends keeps entries that touch from overlapping.
    """
    return -((minutes_per_row - 2 * minute) // (2 * minutes_per_row))


def block_of(start: int, end: int, minutes_per_row: int) -> Block:
    """The rows for minutes `[start, end)` of a day, clipped to the day."""
    rows = -(-DAY_MINUTES // minutes_per_row)
    top = min(max(0, row_of(start, minutes_per_row)), rows - 1)
    return Block(top, min(rows, max(top + 1, row_of(end, minutes_per_row))))


def arrange_columns(blocks: Sequence[Block], *, limit: int) -> Columns:
    """Blocks that overlap go side by side in at most `limit` columns, each as wide as the free space to its right.

    Earlier blocks go left, longer ones first among those that start together.
    """
    limit = max(1, limit)
    placements: list[Placement | None] = [None] * len(blocks)
    hidden: list[Hidden] = []
    for cluster in _clusters(blocks):
        columns: list[list[int]] = []
        without: list[int] = []
        for index in cluster:
            block = blocks[index]
            for column in columns:
                if blocks[column[-1]].bottom <= block.top:
                    column.append(index)
                    break
            else:
                if len(columns) < limit:
                    columns.append([index])
                else:
                    without.append(index)
        for number, column in enumerate(columns):
            for index in column:
                span = _free_span(blocks, columns, number, blocks[index])
                placements[index] = Placement(number, span, len(columns))
        if without:
            top = min(blocks[index].top for index in without)
            bottom = max(blocks[index].bottom for index in without)
            hidden.append(Hidden(top, bottom, len(without)))
    return Columns(tuple(placements), tuple(hidden))


def _clusters(blocks: Sequence[Block]) -> Iterable[list[int]]:
    """Indices of blocks that are connected by overlaps, each group in drawing order."""
    order = sorted(range(len(blocks)), key=lambda index: (blocks[index].top, -blocks[index].bottom, index))
    cluster: list[int] = []
    end = 0
    for index in order:
        if cluster and blocks[index].top >= end:
            yield cluster
            cluster = []
        end = max(end, blocks[index].bottom) if cluster else blocks[index].bottom
        cluster.append(index)
    if cluster:
        yield cluster


def _free_span(blocks: Sequence[Block], columns: list[list[int]], number: int, block: Block) -> int:
    for other in range(number + 1, len(columns)):
        if any(_overlap(blocks[index], block) for index in columns[other]):
            return other - number
    return len(columns) - number


def _overlap(one: Block, other: Block) -> bool:
    return one.top < other.bottom and other.top < one.bottom


class Bar(Struct, frozen=True):
    """Days `[first, last)`, counted from the first day shown."""

    first: int
    last: int


def arrange_lanes(bars: Sequence[Bar]) -> tuple[int, ...]:
    """The lane of each bar, such that no two bars share a day of a lane; longer bars that start together go first."""
    lanes = [0] * len(bars)
    ends: list[int] = []
    for index in sorted(range(len(bars)), key=lambda i: (bars[i].first, -bars[i].last, i)):
        bar = bars[index]
        lane = next((lane for lane, end in enumerate(ends) if end <= bar.first), len(ends))
        if lane == len(ends):
            ends.append(0)
        ends[lane] = bar.last
        lanes[index] = lane
    return tuple(lanes)


class Week(Struct, frozen=True):
    """What a row of days shows: lanes of bars, single entries in the rows that are left, and what is left out.

    `lanes` runs parallel to the bars (None: hidden); `rows` holds, for each day, the row of each single entry
    (None: hidden); `more` counts for each day what is hidden, written in the last row of the day.
    """

    lanes: tuple[int | None, ...]
    rows: tuple[tuple[int | None, ...], ...]
    more: tuple[int, ...]


def arrange_week(bars: Sequence[Bar], singles: Sequence[int], *, rows: int) -> Week:
    """Bars first, then each day's singles (given as a count per day), in `rows` rows; the last one says "+n"."""
    days = len(singles)
    lanes: list[int | None] = [lane if lane < rows else None for lane in arrange_lanes(bars)]
    full: set[int] = set()
    while True:
        for day in range(days):
            taken = {
                lane
                for bar, lane in zip(bars, lanes, strict=True)
                if lane is not None and bar.first <= day < bar.last
            }
            crowded = any(lane is None and bar.first <= day < bar.last for bar, lane in zip(bars, lanes, strict=True))
            if crowded or singles[day] > rows - len(taken):
                full.add(day)
        pushed = [
            index
            for index, bar in enumerate(bars)
            if lanes[index] is not None
            and lanes[index] == rows - 1
            and any(bar.first <= day < bar.last for day in full)
        ]
        if not pushed:
            break
        for index in pushed:
            lanes[index] = None
    placed: list[tuple[int | None, ...]] = []
    more: list[int] = []
    for day in range(days):
        taken = {
            lane for bar, lane in zip(bars, lanes, strict=True) if lane is not None and bar.first <= day < bar.last
        }
        usable = rows - 1 if day in full else rows
        free = [row for row in range(usable) if row not in taken]
        shown = [free[n] if n < len(free) else None for n in range(singles[day])]
        placed.append(tuple(shown))
        without = sum(lane is None and bar.first <= day < bar.last for bar, lane in zip(bars, lanes, strict=True))
        more.append(without + shown.count(None))
    return Week(tuple(lanes), tuple(placed), tuple(more))


def share_width(width: int, weights: Sequence[int]) -> list[int]:
    """`width` cells divided in proportion to the weights; equal weights get equal cells, what is left stays free."""
    total = sum(weights)
    unit = {weight: width * weight // total for weight in set(weights)}
    shares = [unit[weight] for weight in weights]
    heavy = max(weights)
    count = sum(weight == heavy for weight in weights)
    while width - sum(shares) >= count:
        shares = [share + (weight == heavy) for share, weight in zip(shares, weights, strict=True)]
    return shares


HEAT_MINUTES = (1, 60, 180, 300, 420)
"""From how many busy minutes on a day has the first step of heat, the second, …"""


def heat_step(minutes: int) -> int:
    """0 for a free day, 1 to 5 for a busier and busier one."""
    return sum(minutes >= least for least in HEAT_MINUTES)


def share_rows(height: int, needs: Sequence[int]) -> list[int]:
    """`height` rows divided evenly, at least one each; what is left goes, row by row, to whoever lacks most."""
    shares = [max(1, height // len(needs))] * len(needs)
    for _ in range(height - sum(shares)):
        lacking = [need - share for need, share in zip(needs, shares, strict=True)]
        if len(set(shares)) > 1:  # nobody gets a second one before everybody had a first
            lacking = [lack if share == min(shares) else -height for lack, share in zip(lacking, shares, strict=True)]
        shares[lacking.index(max(lacking))] += 1
    return shares


def first_row_shown(*, rows: int, height: int, work: tuple[int, int], focus: int | None) -> int:
    """Where a day of `rows` rows starts in a window of `height`: the working hours `[work)` in view, more before
    than after where there is room, and `focus` (the present, the cursor) a little below the top edge at least.
    """
    if height >= rows:
        return 0
    start, end = work
    slack = height - (end - start)
    top = start - max(0, slack // 3)
    if focus is not None:
        margin = min(3, height // 4)
        if focus >= top + height - margin:
            top = focus - height + margin + 1
        if focus < top + margin:
            top = focus - margin
    return min(max(0, top), rows - height)
