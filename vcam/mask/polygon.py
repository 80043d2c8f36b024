"""Where a box lies with regard to a polygon, by geometry alone."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum, auto

Point = tuple[float, float]
Box = tuple[float, float, float, float]
"""x1, y1, x2, y2."""


class Place(Enum):
    """How a box lies."""

    INSIDE = auto()
    """The whole box, its border included, is inside."""
    ACROSS = auto()
    """The outline meets the box."""
    OUTSIDE = auto()
    """They share no point."""


def place(corners: Sequence[Point], box: Box) -> Place:
    """Where `box` lies to the polygon of these corners, in the same unit. Parts covered twice count as outside.

    Where the outline does not meet the box, all of it is on one side: the side of its middle (Shimrat's rule of
    crossings, CACM algorithm 112).
    """
    edges = list(zip(corners, [*corners[1:], corners[0]], strict=True))
    if any(_meets(start, end, box) for start, end in edges):
        return Place.ACROSS
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    crossings = sum(
        (a[1] > y) is not (b[1] > y) and x < a[0] + (y - a[1]) / (b[1] - a[1]) * (b[0] - a[0]) for a, b in edges
    )
    return Place.INSIDE if crossings % 2 else Place.OUTSIDE


def _meets(start: Point, end: Point, box: Box) -> bool:
    """Whether the straight line from `start` to `end` has a point in `box`: Liang and Barsky's clipping."""
    enter, leave = 0.0, 1.0
    for axis in (0, 1):
        way = end[axis] - start[axis]
        low, high = box[axis] - start[axis], box[axis + 2] - start[axis]
        if way == 0:
            if low > 0 or high < 0:
                return False
            continue
        first, last = sorted((low / way, high / way))
        enter, leave = max(enter, first), min(leave, last)
    return enter <= leave
