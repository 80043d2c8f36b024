"""Covers rectangles of blocks in place: mosaic, blur or solid."""

from __future__ import annotations

from typing import Literal

import cv2
import numpy as np

from vcam.mask.grain import Offsets
from vcam.mask.grid import Cells
from vcam.mask.planes import Plane, Planes

Style = Literal["mosaic", "blur", "solid"]

GREY = 128
"""Value of every plane under a solid mask: medium grey."""

_SMALL = 65_536
"""Up to so many pixels cv2.resize takes means the faster way; beyond, whole rows do."""


def cover(planes: Planes, cells: Cells, style: Style, offsets: Offsets | None = None) -> None:
    """Replace all pixels of `cells` in every plane by what their blocks' means (or a constant) give.

    With `offsets` the means' contrast is halved and the offsets are added before they are shown.
    """
    size, half = cells.size, cells.size >> 1
    luma = planes.luma[cells.y1 : cells.y2, cells.x1 : cells.x2]
    part = np.s_[cells.y1 >> 1 : cells.y2 >> 1, cells.x1 >> 1 : cells.x2 >> 1]
    first, second = planes.chroma[0][part], planes.chroma[1][part]
    if not luma.size:
        return
    if style == "solid":
        luma[:], first[:], second[:] = GREY, GREY, GREY
        return
    # There are as many blocks in chroma as in luma, so the means of all three planes are one array.
    small = np.empty((3, -(-luma.shape[0] // size), -(-luma.shape[1] // size)), np.uint8)
    _average(luma, size, small[0])
    _average(first, half, small[1])
    _average(second, half, small[2])
    if offsets is not None:
        small = _disguised(small, offsets[:, : small.shape[1], : small.shape[2]])
    if style == "blur":
        _blur(luma, size, small[0])
        _blur(first, half, small[1])
        _blur(second, half, small[2])
        return
    lines = small.repeat(half, axis=2)
    _paint(luma, size, lines[0].repeat(2, axis=1))
    _paint(first, half, lines[1])
    _paint(second, half, lines[2])


def _blur(view: Plane, size: int, small: Plane) -> None:
    full = (small.shape[1] * size, small.shape[0] * size)
    # Interpolated between the means alone, so it tells no more than the mosaic does.
    view[:] = cv2.resize(small, full, interpolation=cv2.INTER_LINEAR)[: view.shape[0], : view.shape[1]]


def _paint(view: Plane, size: int, lines: Plane) -> None:
    high, wide = view.shape
    if lines.shape[1] > wide:
        lines = lines[:, :wide]
    if len(lines) * size > high:
        # The last row of blocks is cut off by the picture's bottom edge.
        whole = len(lines) - 1
        view[whole * size :] = lines[whole]
        view, lines = view[: whole * size], lines[:whole]
    # Whole rows of memory at a time; splitting the first axis copies nothing, so the view's own pixels are written.
    view.reshape(len(lines), size, wide)[:] = lines[:, None]


def _disguised(small: Plane, offsets: Offsets) -> Plane:
    """The means at half their contrast around grey, which leaves room for the offsets, and the offsets added."""
    flat = (-1, small.shape[2])
    sums = cv2.addWeighted(small.reshape(flat), 0.5, offsets.reshape(flat), 1.0, GREY / 2, dtype=cv2.CV_8U)
    return np.asarray(sums, dtype=np.uint8).reshape(small.shape)


def means(view: Plane, size: int) -> Plane:
    """Rounded mean of each block of `size` pixels a side; blocks cut off by the right and bottom edge count too."""
    small = np.empty((-(-view.shape[0] // size), -(-view.shape[1] // size)), np.uint8)
    _average(view, size, small)
    return small


def _average(view: Plane, size: int, out: Plane) -> None:
    high, wide = view.shape
    if high % size == 0 and wide % size == 0 and view.size <= _SMALL:
        cv2.resize(view, (wide // size, high // size), dst=out, interpolation=cv2.INTER_AREA)
        return
    columns = np.arange(0, wide, size)
    widths = np.minimum(columns + size, wide) - columns
    for row, line in enumerate(out):
        band = view[row * size : (row + 1) * size]
        sums = np.add.reduceat(cv2.reduce(band, 0, cv2.REDUCE_SUM, dtype=cv2.CV_32S)[0], columns)
        counts = widths * len(band)
        line[:] = (sums + counts // 2) // counts
