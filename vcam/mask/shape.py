"""Shapes that are no rectangles, as rectangles of blocks."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from vcam.base.media import Region
from vcam.mask.grid import Cells, step_of

Shape = Literal["box", "ellipse"]


def ellipse(region: Region, cells: Cells, width: int, height: int) -> list[Cells]:
    """Those of `cells` that the ellipse inscribed in `region` touches, as few rectangles that do not overlap.

    Where the region reaches the edge of a picture of that size the face is cut and may be at its widest there, so
    from the region's middle to that edge nothing is rounded off. The rectangle in the middle with 1/sqrt(2) of the
    region's sides always lies inside: of a detector's box widened by half its size that is the detector's own.
    """
    step = step_of(cells.size)
    columns = _reach(region.x1, region.x2, width, np.arange(cells.x1, cells.x2, step), step)
    rows = _reach(region.y1, region.y2, height, np.arange(cells.y1, cells.y2, step), step)
    touched = np.add.outer(rows * rows, columns * columns) <= 1.0
    return rectangles(touched, step, cells.size, cells.x1, cells.y1)


def _reach(low: float, high: float, length: int, starts: NDArray[np.int64], size: int) -> NDArray[np.float64]:
    """How far from the middle of an axis the nearest point of each block lies, in the ellipse's half lengths."""
    high = max(high, low + 1.0)
    middle = (low + high) / 2
    before = np.maximum(middle - starts - size, 0.0)
    after = np.maximum(starts - middle, 0.0)
    if low <= 0:
        before[:] = 0.0
    if high >= length:
        after[:] = 0.0
    return np.asarray((before + after) / ((high - low) / 2))


def rectangles(touched: NDArray[np.bool_], step: int, size: int, left: int = 0, top: int = 0) -> list[Cells]:
    """The squares of `step` pixels set in `touched`, whose first one begins at (`left`, `top`), in rectangles.

    What covers them has blocks of `size`.
    """
    done: list[Cells] = []
    growing: dict[tuple[int, int], int] = {}
    for row in range(len(touched) + 1):
        runs = _runs(touched[row]) if row < len(touched) else []
        for (first, last), since in list(growing.items()):
            if (first, last) not in runs:
                edges = (left + first * step, top + since * step, left + last * step, top + row * step)
                done.append(Cells(size, *edges))
                del growing[first, last]
        for run in runs:
            growing.setdefault(run, row)
    return done


def _runs(line: NDArray[np.bool_]) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(line.astype(np.int8), prepend=0, append=0))
    return [(int(left), int(right)) for left, right in edges.reshape(-1, 2)]
