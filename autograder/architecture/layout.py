"""Where the boxes of a drawing stand: rows by longest path,
few crossings, straight lines where there is room.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

Edge = tuple[int, int]

LANE = 18.0  # width of an edge that passes a row of boxes
GAP = 26.0  # between neighbours of a row
SWEEPS = 12


@dataclass(frozen=True)
class Layout:
    """The centre of each box, the rows' tops and heights,
    and for each edge the lanes by which it passes rows.
    """

    x: tuple[float, ...]  # of each box, its centre
    row: tuple[int, ...]  # of each box
    tops: tuple[float, ...]
    heights: tuple[float, ...]
    lanes: tuple[tuple[float, ...], ...]  # of each edge, its x in each row that it passes
    width: float
    height: float


@dataclass(frozen=True)
class _Grid:
    """Boxes and lanes as items of rows: the boxes first, then a lane for each row that an edge
    passes. `links` are the edges, cut into pieces of one row each.
    """

    boxes: int
    widths: Sequence[float]
    rows: Sequence[int]
    links: Sequence[Edge]
    lanes: Sequence[Sequence[int]]  # of each edge

    def is_lane(self, item: int) -> bool:
        """Whether an item is no box."""
        return item >= self.boxes


def lay_out(
    widths: Sequence[float], heights: Sequence[float], edges: Sequence[Edge], between: float
) -> Layout:
    """Place boxes that are listed in topological order; `between` is the space between rows."""
    grid = _grid(widths, edges)
    order = _ordered(grid)
    x = _moved_right(_placed(order, grid), grid)
    row_heights = [
        max((heights[item] for item in row if not grid.is_lane(item)), default=0.0) for row in order
    ]
    tops = [sum(row_heights[:r]) + r * between for r in range(len(order))]
    return Layout(
        x=tuple(x[: grid.boxes]),
        row=tuple(grid.rows[: grid.boxes]),
        tops=tuple(tops),
        heights=tuple(row_heights),
        lanes=tuple(tuple(x[i] for i in chain) for chain in grid.lanes),
        width=max((x[i] + grid.widths[i] / 2 for i in range(len(x))), default=0.0),
        height=tops[-1] + row_heights[-1] if order else 0.0,
    )


def _grid(widths: Sequence[float], edges: Sequence[Edge]) -> _Grid:
    rows = _rows(len(widths), edges)
    links: list[Edge] = []
    lanes: list[range] = []
    for source, target in edges:
        chain = range(len(rows), len(rows) + rows[target] - rows[source] - 1)
        rows += range(rows[source] + 1, rows[target])
        links += itertools.pairwise([source, *chain, target])
        lanes.append(chain)
    size = [*widths, *[LANE] * (len(rows) - len(widths))]
    return _Grid(len(widths), size, rows, links, lanes)


def _moved_right(x: Sequence[float], grid: _Grid) -> list[float]:
    """All of it moved so that it begins at 0."""
    sides = (centre - width / 2 for centre, width in zip(x, grid.widths, strict=True))
    left = min(sides, default=0.0)
    return [centre - left for centre in x]


def _rows(count: int, edges: Sequence[Edge]) -> list[int]:
    """Longest path from the start; what does not hang
    on the first box moves down to where it is used.
    """
    children: dict[int, list[int]] = {}
    parents: dict[int, list[int]] = {}
    for source, target in edges:
        children.setdefault(source, []).append(target)
        parents.setdefault(target, []).append(source)
    rows = [0] * count
    hangs = [place == 0 for place in range(count)]
    for place in range(count):
        for parent in parents.get(place, ()):
            rows[place] = max(rows[place], rows[parent] + 1)
            hangs[place] = hangs[place] or hangs[parent]
    for place in reversed(range(count)):
        if not hangs[place] and place in children:
            rows[place] = min(rows[child] for child in children[place]) - 1
    return rows


def _ordered(grid: _Grid) -> list[list[int]]:
    """The items of each row from left to right, by the barycentre rule;
    the best of several sweeps.
    """
    above = _neighbours((target, source) for source, target in grid.links)
    below = _neighbours(grid.links)
    order: list[list[int]] = [[] for _ in range(max(grid.rows, default=-1) + 1)]
    for item in _as_written(len(grid.rows), above, below):
        order[grid.rows[item]].append(item)
    best, fewest = [list(row) for row in order], _crossings(order, below)
    for sweep in range(SWEEPS):
        if fewest == 0:
            break
        upwards = sweep % 2 == 1
        _sweep(order, below if upwards else above, upwards)
        crossings = _crossings(order, below)
        if crossings < fewest:
            best, fewest = [list(row) for row in order], crossings
    return best


def _sweep(order: list[list[int]], near: Mapping[int, Sequence[int]], upwards: bool) -> None:
    """Sort each row by the mean place of its items' neighbours in the row before."""
    place = {item: float(i) for row in order for i, item in enumerate(row)}

    def wish(item: int) -> float:
        return _mean([place[n] for n in near.get(item, ())], place[item])

    for row in reversed(order) if upwards else order:
        row.sort(key={item: wish(item) for item in row}.__getitem__)
        place.update((item, float(i)) for i, item in enumerate(row))


def _as_written(
    count: int, above: Mapping[int, Sequence[int]], below: Mapping[int, Sequence[int]]
) -> Iterator[int]:
    """All items, from the ends upwards along the inputs of each as they are listed:
    so branches keep their order.
    """
    todo = [item for item in reversed(range(count)) if item not in below]
    seen: set[int] = set()
    while todo:
        item = todo.pop()
        if item not in seen:
            seen.add(item)
            yield item
            todo += reversed(above.get(item, ()))


def _neighbours(links: Iterable[Edge]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for item, other in links:
        found.setdefault(item, []).append(other)
    return found


def _mean(values: Sequence[float], otherwise: float) -> float:
    return sum(values) / len(values) if values else otherwise


def _crossings(order: Sequence[Sequence[int]], below: Mapping[int, Sequence[int]]) -> int:
    """How often lines cross between neighbouring rows."""
    total = 0
    for row, following in itertools.pairwise(order):
        place = {item: i for i, item in enumerate(following)}
        ends = [end for item in row for end in sorted(place[n] for n in below.get(item, ()))]
        counts = [0] * (len(following) + 1)
        for seen, end in enumerate(ends):
            total += seen - sum(counts[: end + 1])
            counts[end] += 1
    return total


def _placed(order: Sequence[Sequence[int]], grid: _Grid) -> list[float]:
    """X of each item: near its neighbours, lanes as straight as can be, in order and apart."""
    size, pull = grid.widths, _pull(grid)
    x = _side_by_side(order, size)
    for sweep in range(2 * SWEEPS):
        for row in order if sweep % 2 == 0 else reversed(order):
            wanted = [_centre(pull.get(item, ()), x, x[item]) for item in row]
            weights = [sum(weight for _, weight in pull.get(item, ())) or 0.1 for item in row]
            places = _apart(wanted, weights, [size[item] for item in row])
            for item, value in zip(row, places, strict=True):
                x[item] = value
    _straightened(x, order, grid)
    return x


def _pull(grid: _Grid) -> dict[int, list[tuple[int, float]]]:
    """The neighbours of each item, and how strongly they draw it."""
    pull: dict[int, list[tuple[int, float]]] = {}
    for source, target in grid.links:
        # a straight trunk, skips beside it
        weight = (4.0, 1.0, 8.0)[grid.is_lane(source) + grid.is_lane(target)]
        pull.setdefault(source, []).append((target, weight))
        pull.setdefault(target, []).append((source, weight))
    return pull


def _side_by_side(order: Sequence[Sequence[int]], size: Sequence[float]) -> list[float]:
    """X of each item where the rows are packed around 0."""
    x = [0.0] * len(size)
    for row in order:
        total = 0.0
        for item in row:
            x[item] = total + size[item] / 2
            total += size[item] + GAP
        for item in row:
            x[item] -= total / 2
    return x


def _straightened(x: list[float], order: Sequence[Sequence[int]], grid: _Grid) -> None:
    """Give all items of a straight run the same x where their neighbours leave room."""
    side: dict[int, tuple[int | None, int | None]] = {}
    for row in order:
        for left, item, right in zip([None, *row[:-1]], row, [*row[1:], None], strict=True):
            side[item] = (left, right)

    def room(item: int) -> tuple[float, float]:
        left, right = side[item]
        low, high = -1e9, 1e9
        if left is not None:
            low = x[left] + (grid.widths[left] + grid.widths[item]) / 2 + GAP
        if right is not None:
            high = x[right] - (grid.widths[right] + grid.widths[item]) / 2 - GAP
        return low, high

    for _ in range(3):
        for run in sorted(_runs(grid), key=len, reverse=True):
            lows, highs = zip(*map(room, run), strict=True)
            if max(lows) <= min(highs):
                mean = sum(x[item] for item in run) / len(run)
                middle = min(max(mean, *lows), *highs)
                for item in run:
                    x[item] = middle


def _runs(grid: _Grid) -> list[list[int]]:
    """Lanes from end to end, and boxes each of which is the only box called on the one before."""
    of_a_sort = [
        (source, target)
        for source, target in grid.links
        if grid.is_lane(source) == grid.is_lane(target)
    ]
    below, above = _neighbours(of_a_sort), _neighbours((b, a) for a, b in of_a_sort)
    follows: dict[int, int] = {}
    for source, targets in below.items():
        if len(set(targets)) == 1 and len(set(above[targets[0]])) == 1:
            follows[source] = targets[0]
    runs = []
    for start in sorted(set(follows) - set(follows.values())):
        run = [start]
        while run[-1] in follows:
            run.append(follows[run[-1]])
        runs.append(run)
    return runs


def _centre(pull: Sequence[tuple[int, float]], x: Sequence[float], otherwise: float) -> float:
    total = sum(weight for _, weight in pull)
    return sum(weight * x[item] for item, weight in pull) / total if total else otherwise


def _apart(
    wanted: Sequence[float], weights: Sequence[float], sizes: Sequence[float]
) -> list[float]:
    """The places nearest to those wanted at which neighbours stand apart:
    least squares, by pooling violators.
    """
    offsets = [0.0]
    for left, right in itertools.pairwise(sizes):
        offsets.append(offsets[-1] + (left + right) / 2 + GAP)
    pools: list[tuple[float, float, int]] = []  # mean, weight, how many
    for want, weight, offset in zip(wanted, weights, offsets, strict=False):
        mean, total, count = want - offset, weight, 1
        while pools and pools[-1][0] > mean:
            other, heavy, more = pools.pop()
            mean = (mean * total + other * heavy) / (total + heavy)
            total, count = total + heavy, count + more
        pools.append((mean, total, count))
    placed = [mean for mean, _, count in pools for _ in range(count)]
    return [place + offset for place, offset in zip(placed, offsets, strict=False)]
