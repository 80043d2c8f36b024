"""Lets a mask fade out into the picture around it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from vcam.mask.cover import GREY, Style, means
from vcam.mask.grid import SMALLEST, Cells
from vcam.mask.planes import Plane, Planes

Shares = NDArray[np.float32]


def soften(planes: Planes, shapes: Sequence[Sequence[Cells]], masks: Iterable[Cells], style: Style) -> None:
    """Blend the means of the blocks around each of `shapes` into the picture, less with the distance.

    A shape is rectangles of blocks of one size, whole or half; its ring is one block wide and lies wholly outside it:
    the share of the mean falls from 1 at its rim to 0 a block further out (Euclidean distance). Nothing is written to
    a pixel of `masks`, so no ring weakens any mask. Call it when all masks are laid.
    """
    height, width = planes.luma.shape
    kept = np.zeros((-(-height // SMALLEST), -(-width // SMALLEST)), np.bool_)
    for cells in masks:
        kept[cells.y1 // SMALLEST : cells.y2 // SMALLEST, cells.x1 // SMALLEST : cells.x2 // SMALLEST] = True
    for shape in shapes:
        around = _around(shape, width, height)
        shares = _shares(shape, around, kept)
        _blend(planes.luma, around, shares, 0, style)
        for plane in planes.chroma:
            # The edges of all masks are even, so a chroma sample is masked where its first luma pixel is.
            _blend(plane, around, shares[::2, ::2], 1, style)


def _around(shape: Sequence[Cells], width: int, height: int) -> Cells:
    """Whole blocks that reach at least one block further than `shape` on every side, cut at the picture's edges."""
    size = shape[0].size
    wide = Cells(
        size,
        max(min(cells.x1 for cells in shape) - size, 0),
        max(min(cells.y1 for cells in shape) - size, 0),
        max(cells.x2 for cells in shape) + size,
        max(cells.y2 for cells in shape) + size,
    ).whole
    return replace(wide, x2=min(wide.x2, width), y2=min(wide.y2, height))


def _shares(shape: Sequence[Cells], around: Cells, kept: NDArray[np.bool_]) -> Shares:
    """Share of the mean in each luma pixel of `around`: 0 at a block's distance from `shape`, and where kept."""
    high, wide = around.y2 - around.y1, around.x2 - around.x1
    outside = np.ones((high, wide), np.uint8)
    for cells in shape:
        outside[cells.y1 - around.y1 : cells.y2 - around.y1, cells.x1 - around.x1 : cells.x2 - around.x1] = 0
    away = cv2.distanceTransform(outside, cv2.DIST_L2, 5)
    shares = np.maximum(1 - away / around.size, 0, dtype=np.float32)
    inside = kept[around.y1 // SMALLEST :, around.x1 // SMALLEST :]
    inside = inside[: -(-high // SMALLEST), : -(-wide // SMALLEST)]
    shares[np.repeat(np.repeat(inside, SMALLEST, axis=0), SMALLEST, axis=1)[:high, :wide]] = 0
    return shares


def _blend(plane: Plane, around: Cells, shares: Shares, shift: int, style: Style) -> None:
    view = plane[around.y1 >> shift : around.y2 >> shift, around.x1 >> shift : around.x2 >> shift]
    if style == "solid":
        full = np.full(view.shape, GREY, np.uint8)
    else:
        size = around.size >> shift
        high, wide = view.shape
        full = np.repeat(np.repeat(means(view, size), size, axis=0), size, axis=1)[:high, :wide]
    shares = np.ascontiguousarray(shares)
    view[:] = cv2.blendLinear(view, full, 1 - shares, shares)
