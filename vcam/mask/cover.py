"""Covers rectangles of blocks and halves of blocks in place: mosaic, blur or solid."""

from __future__ import annotations

from collections.abc import Iterable
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


def cover(planes: Planes, layers: Iterable[tuple[Cells, Offsets | None]], style: Style) -> None:
    """Replace all pixels of each layer's cells in every plane by what their blocks' means (or a constant) give.

    Means are those of the planes as they are given, of whole blocks, whatever layers lie on one another and however
    much of a block is covered. Where they do, the later one shows. With offsets (those of all the blocks that its
    cells are part of) a layer's means get half their contrast and the offsets are added before they are shown.
    """
    held = [(cells, cells.whole, offsets) for cells, offsets in layers]
    for number, plane in enumerate((planes.luma, *planes.chroma)):
        shift = min(number, 1)
        shown = [
            None
            if style == "solid"
            else _shown(plane, whole, shift, None if offsets is None else offsets[number])
            for _, whole, offsets in held
        ]
        for (cells, _, _), small in zip(held, shown, strict=True):
            _paint(plane, cells, shift, style, small)


def _shown(plane: Plane, whole: Cells, shift: int, offsets: Offsets | None) -> Plane:
    """One value for each block."""
    small = means(_view(plane, whole, shift), whole.size >> shift)
    return small if offsets is None else _disguised(small, offsets[: small.shape[0], : small.shape[1]])


def _view(plane: Plane, cells: Cells, shift: int) -> Plane:
    return plane[cells.y1 >> shift : cells.y2 >> shift, cells.x1 >> shift : cells.x2 >> shift]


def _paint(plane: Plane, cells: Cells, shift: int, style: Style, small: Plane | None) -> None:
    view = _view(plane, cells, shift)
    if not view.size:
        return
    if small is None:
        view[:] = GREY
        return
    size = cells.size >> shift
    left, top = (cells.x1 >> shift) % size, (cells.y1 >> shift) % size
    high, wide = view.shape
    if style == "blur":
        full = (small.shape[1] * size, small.shape[0] * size)
        # Interpolated between the means alone, so it tells no more than the mosaic does.
        smooth = cv2.resize(small, full, interpolation=cv2.INTER_LINEAR)
        view[:] = smooth[top : top + high, left : left + wide]
        return
    lines = small.repeat(size, axis=1)[:, left : left + wide]
    if top:
        cut = size - top
        view[:cut] = lines[0]
        view, lines, high = view[cut:], lines[1:], max(high - cut, 0)
    whole = high // size
    # Whole rows of memory at a time; splitting the first axis copies nothing, so the view's own pixels are written.
    view[: whole * size].reshape(whole, size, wide)[:] = lines[:whole, None]
    view[whole * size :] = lines[whole : whole + 1]


def _disguised(small: Plane, offsets: Offsets) -> Plane:
    """The means at half their contrast around grey, which leaves room for the offsets, and the offsets added."""
    sums = cv2.addWeighted(small, 0.5, offsets, 1.0, GREY / 2, dtype=cv2.CV_8U)
    return np.asarray(sums, dtype=np.uint8)


def means(view: Plane, size: int) -> Plane:
    """Rounded mean of each block of `size` pixels a side; blocks cut off by the right and bottom edge count too."""
    high, wide = view.shape
    if high % size == 0 and wide % size == 0 and view.size <= _SMALL:
        return np.asarray(
            cv2.resize(view, (wide // size, high // size), interpolation=cv2.INTER_AREA), dtype=np.uint8
        )
    columns = np.arange(0, wide, size)
    widths = np.minimum(columns + size, wide) - columns
    small = np.empty((-(-high // size), len(columns)), np.uint8)
    for row in range(len(small)):
        band = view[row * size : (row + 1) * size]
        sums = np.add.reduceat(cv2.reduce(band, 0, cv2.REDUCE_SUM, dtype=cv2.CV_32S)[0], columns)
        counts = widths * len(band)
        small[row] = (sums + counts // 2) // counts
    return small
