"""Polygons that are masked, as rectangles of whole blocks."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from vcam.base.media import Kind, Region
from vcam.base.settings import Zone
from vcam.mask.grid import Cells, block_size, whole_size
from vcam.mask.shape import rectangles


def rasterise(zones: Sequence[Zone], width: int, height: int, blocks: int) -> tuple[Cells, ...]:
    """Every block that a zone touches in a picture of that size, as few rectangles that do not overlap in a zone."""
    found: list[Cells] = []
    for zone in zones:
        points = np.asarray(zone.points, dtype=np.float64) * (width, height)
        (x1, y1), (x2, y2) = points.min(axis=0), points.max(axis=0)
        box = Region(float(x1), float(y1), float(x2), float(y2), Kind.ZONE, 0)
        size = min(block_size(box, blocks), whole_size(width, height))
        found += rectangles(_touched(points, width, height, size), size, size)
    return tuple(found)


def _touched(points: NDArray[np.float64], width: int, height: int, size: int) -> NDArray[np.bool_]:
    rows, columns = -(-height // size), -(-width // size)
    drawn = np.zeros((rows * size, columns * size), np.uint8)
    corners = np.rint(points).astype(np.int32)
    cv2.fillPoly(drawn, [corners], 1)
    # A line three pixels wide makes up for the corners' rounding: rather a block too many than one too few.
    cv2.polylines(drawn, [corners], isClosed=True, color=1, thickness=3)
    drawn[height:] = 0
    drawn[:, width:] = 0
    return np.asarray(drawn.reshape(rows, size, columns, size).any(axis=(1, 3)), dtype=np.bool_)
