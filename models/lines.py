"""Joins pieces of text into lines, so that a line is one box whatever its gaps."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from models.boxes import Floats

_GAP = 1.0
"""Widest gap between pieces of one line, as a share of the lower one's height..."""
_LEVEL = 0.6
"""...of which they must share at least so much..."""
_ALIKE = 1.6
"""...and how much higher than that the other one may be."""


def join(boxes: Floats, scores: Floats) -> tuple[Floats, Floats]:
    """Boxes (m, 4) around the lines that `boxes` (n, 4) are pieces of, and the best score in each (m).

    Lines are thought to run along the picture's axis.
    """
    if len(boxes) < 2:
        return boxes, scores
    line = _groups(_neighbours(boxes))
    count = int(line.max()) + 1
    low, high = np.full((count, 2), np.inf, np.float32), np.full((count, 2), -np.inf, np.float32)
    best = np.zeros(count, np.float32)
    np.minimum.at(low, line, boxes[:, :2])
    np.maximum.at(high, line, boxes[:, 2:])
    np.maximum.at(best, line, scores)
    return np.concatenate((low, high), axis=1), best


def _neighbours(boxes: Floats) -> NDArray[np.bool_]:
    """Which pieces lie beside one another in one line, shape (n, n)."""
    x1, y1, x2, y2 = boxes.T
    height = y2 - y1
    lower = np.minimum(height[:, None], height[None, :])
    shared = np.minimum(y2[:, None], y2[None, :]) - np.maximum(y1[:, None], y1[None, :])
    gap = np.maximum(x1[:, None], x1[None, :]) - np.minimum(x2[:, None], x2[None, :])
    alike = np.maximum(height[:, None], height[None, :]) <= _ALIKE * lower
    return np.asarray((gap <= _GAP * lower) & (shared >= _LEVEL * lower) & alike)


def _groups(near: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Number of the group of each piece, groups being what is joined by neighbours, shape (n,), from 0."""
    group = np.arange(len(near))
    while True:
        # each takes the smallest number among its neighbours, itself included, until nothing changes
        least = np.where(near, group[None, :], len(near)).min(axis=1)
        if np.array_equal(least, group):
            return np.unique(group, return_inverse=True)[1]
        group = least
