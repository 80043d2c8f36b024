"""Boxes as arrays: what detectors return, and the few operations that everybody needs on them.

A box is a row `x1, y1, x2, y2` of float32; arrays of boxes have shape (n, 4).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vcam.base.errors import DetectError

Floats = NDArray[np.float32]
Indices = NDArray[np.intp]

_FEW = 300
_ABSURD = 1 / 3
"""More boxes than this share of a network's cells, and than a few, is no detection but a broken network."""
_HUGE = 100_000.0
"""Furthest place in pixels that a network may report in earnest."""
_CANDIDATES = 1_500
"""At most so many of the best boxes enter the suppression, which keeps its cost bounded."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a detector found in one picture.

    `boxes` (n, 4) in pixels of the analysed picture, `scores` (n,) from 0 to 1, both float32, `labels` (n,)
    indices into the detector's `kinds`. Best score first.
    """

    boxes: Floats
    scores: Floats
    labels: NDArray[np.int8]

    def __len__(self) -> int:
        return len(self.scores)


def areas(boxes: Floats) -> Floats:
    """Area of each box; 0 for boxes turned inside out."""
    sides = np.maximum(boxes[:, 2:] - boxes[:, :2], 0.0)
    return np.asarray(sides[:, 0] * sides[:, 1], dtype=np.float32)


def overlaps(first: Floats, second: Floats) -> Floats:
    """Area that each of `first` (n, 4) shares with each of `second` (m, 4), shape (n, m)."""
    # one axis at a time: arrays of pairs would be walked two numbers at a time
    across, down = (
        np.minimum(first[:, at + 2, None], second[:, at + 2]) - np.maximum(first[:, at, None], second[:, at])
        for at in (0, 1)
    )
    return np.asarray(np.maximum(across, 0.0) * np.maximum(down, 0.0), dtype=np.float32)


def iou(first: Floats, second: Floats) -> Floats:
    """Intersection over union of each of `first` (n, 4) with each of `second` (m, 4), shape (n, m)."""
    shared = overlaps(first, second)
    union = areas(first)[:, None] + areas(second)[None, :] - shared
    return np.asarray(shared / np.maximum(union, 1e-6), dtype=np.float32)


def suppress(boxes: Floats, scores: Floats, limit: float) -> Indices:
    """Greedy non-maximum suppression: indices of the boxes to keep, best score first.

    A box goes when its IoU with a kept, better one exceeds `limit`.
    """
    order = np.argsort(-scores, kind="stable")[:_CANDIDATES]
    if len(order) < 2:
        return order
    clash = iou(boxes[order], boxes[order]) > limit
    alive = np.ones(len(order), dtype=np.bool_)
    for rank in range(len(order)):
        if alive[rank]:
            alive[rank + 1 :] &= ~clash[rank, rank + 1 :]
    return order[alive]


def widen(boxes: Floats, left_right: float, up: float, down: float) -> Floats:
    """Boxes moved outward by these shares of their own width (`left_right`, each side) and height."""
    width = boxes[:, 2] - boxes[:, 0]
    height = boxes[:, 3] - boxes[:, 1]
    return np.stack(
        (
            boxes[:, 0] - left_right * width,
            boxes[:, 1] - up * height,
            boxes[:, 2] + left_right * width,
            boxes[:, 3] + down * height,
        ),
        axis=1,
    )


def settle(
    boxes: NDArray[np.floating],
    scores: NDArray[np.floating],
    labels: NDArray[np.int8],
    *,
    limit: float,
    cells: int,
    who: str,
) -> Found:
    """Check the candidates of one picture and suppress duplicates label by label, `limit` being the IoU.

    Raises DetectError when a number is not finite, when boxes are absurdly many for a network of so many `cells`,
    absurdly large or far away, or have no area.
    """
    mend = "Run 'make install' to renew weights"
    if len(scores) > max(_FEW, cells * _ABSURD):
        raise DetectError(f"Detector {who} reports {len(scores)} boxes in one picture", mend=mend)
    boxes, scores = boxes.astype(np.float32, copy=False), scores.astype(np.float32, copy=False)
    if not (np.isfinite(boxes).all() and np.isfinite(scores).all()):
        raise DetectError(f"Detector {who} reports boxes that are not finite", mend=mend)
    # Such a box covers nothing, and what it should have covered would stay open.
    if (np.abs(boxes) > _HUGE).any() or (boxes[:, 2:] <= boxes[:, :2]).any():
        raise DetectError(f"Detector {who} reports a box of an impossible place or size", mend=mend)
    kept: list[Indices] = []
    for label in np.unique(labels):
        members = np.flatnonzero(labels == label)
        kept.append(members[suppress(boxes[members], scores[members], limit)])
    index = np.concatenate(kept) if kept else np.zeros(0, dtype=np.intp)
    index = index[np.argsort(-scores[index], kind="stable")]
    return Found(boxes[index], scores[index], labels[index])
