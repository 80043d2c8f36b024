"""Masks all that lies outside one polygon."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from vcam.base.media import Kind, Region
from vcam.base.settings import Zone
from vcam.mask.cover import Style, cover
from vcam.mask.grid import Cells, whole_size
from vcam.mask.planes import Plane, Planes
from vcam.mask.shape import rectangles

EDGE = 16
"""Side in pixels of the squares along which the polygon is cut out: a macroblock, so that coding blends nothing."""

Squares = NDArray[np.bool_]


class Outside:
    """Covers whatever a zone does not hold, with the blocks of a picture that is masked whole.

    Squares that lie in the zone only in part are covered. Blocks are cut off at the zone's border, not made smaller
    there: what shows of them is the mean of the whole block.
    """

    def __init__(self, zone: Zone, style: Style) -> None:
        self._points = np.asarray(zone.points, dtype=np.float64)
        # as a picture that is masked whole: a blur so wide would look like a fault of the camera
        self._style: Style = "solid" if style == "solid" else "mosaic"
        self._size = (0, 0)
        self._where: tuple[Squares, Squares] = (np.empty((0, 0), np.bool_), np.empty((0, 0), np.bool_))
        self._regions: tuple[Region, ...] = ()

    def cover(self, planes: Planes, width: int, height: int) -> tuple[Region, ...]:
        """Mask `planes` in place. Regions must have been masked before; returns what is covered."""
        if (width, height) != self._size:
            self._lay(width, height)
        size = whole_size(width, height)
        copy = Planes(planes.luma.copy(), (planes.chroma[0].copy(), planes.chroma[1].copy()))
        cells = Cells(size, 0, 0, -(-width // size) * size, -(-height // size) * size)
        cover(copy, [(cells, None)], self._style)
        luma, chroma = self._where
        np.copyto(planes.luma, copy.luma, where=luma)
        for plane, covered in zip(planes.chroma, copy.chroma, strict=True):
            np.copyto(plane, covered, where=chroma)
        return self._regions

    def _lay(self, width: int, height: int) -> None:
        out = ~_held(self._points, width, height)
        self._size = (width, height)
        self._where = (
            _pixels(out, EDGE, width, height),
            _pixels(out, EDGE // 2, -(-width // 2), -(-height // 2)),
        )
        self._regions = tuple(
            cells.region(width, height, Kind.ZONE, 0, 1.0) for cells in rectangles(out, EDGE, EDGE)
        )


def _held(points: NDArray[np.float64], width: int, height: int) -> Squares:
    """Which squares lie wholly in the polygon."""
    rows, columns = -(-height // EDGE), -(-width // EDGE)
    drawn: Plane = np.zeros((rows * EDGE, columns * EDGE), np.uint8)
    cv2.fillPoly(drawn, [np.rint(points * (width, height)).astype(np.int32)], 1)
    # what lies beyond the picture's edges need not be held
    drawn[height:], drawn[:, width:] = 1, 1
    return np.asarray(drawn.reshape(rows, EDGE, columns, EDGE).all(axis=(1, 3)), dtype=np.bool_)


def _pixels(squares: Squares, side: int, width: int, height: int) -> Squares:
    return np.repeat(np.repeat(squares, side, axis=0), side, axis=1)[:height, :width]
