"""How much of a box other boxes cover, on a grid of 64 x 64 cells laid over it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from vcam.base.media import Region
from vcam.track.box import Box

COVERED = 0.7
"""Least share of a label or of a judge's box that must be covered."""

_CELLS = 64


def cover(box: Sequence[float], boxes: Iterable[Sequence[float]]) -> float:
    """Share from 0 to 1 of the grid's cells over `box` that lie under the union of `boxes`.

    Edges of `boxes` are rounded to the nearest cell border, halves to the even one. Of each only the first four
    numbers count: x1, y1, x2, y2. `box` must have an area.
    """
    x1, y1, x2, y2 = box[:4]
    across, down = _CELLS / (x2 - x1), _CELLS / (y2 - y1)
    grid = np.zeros((_CELLS, _CELLS), np.bool_)
    for other in boxes:
        left, right = _cell((other[0] - x1) * across), _cell((other[2] - x1) * across)
        top, bottom = _cell((other[1] - y1) * down), _cell((other[3] - y1) * down)
        if right > left and bottom > top:
            grid[top:bottom, left:right] = True
    return float(grid.mean())


def _cell(place: float) -> int:
    return round(min(max(place, 0), _CELLS))


def covered(box: Sequence[float], boxes: Iterable[Sequence[float]]) -> bool:
    """Whether enough of `box` is covered."""
    return cover(box, boxes) >= COVERED


def boxes_of(regions: Iterable[Region]) -> list[Box]:
    """The boxes of `regions`."""
    return [(region.x1, region.y1, region.x2, region.y2) for region in regions]


def area_share(boxes: Iterable[Sequence[float]], width: int, height: int) -> float:
    """Share from 0 to 1 of a picture of `width` x `height` under the union of `boxes`, to the whole pixel."""
    canvas = np.zeros((height, width), np.bool_)
    for box in boxes:
        x1, y1, x2, y2 = (max(0, round(edge)) for edge in box[:4])
        canvas[y1:y2, x1:x2] = True
    return float(np.count_nonzero(canvas) / canvas.size)
