"""Which detection of a picture belongs to which track."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from vcam.track.box import Box

Floats = NDArray[np.float64]


def boxes_of(boxes: Sequence[Box]) -> Floats:
    """`boxes` as float64 (n, 4)."""
    return np.asarray(boxes, dtype=np.float64).reshape(-1, 4)


def overlaps(first: Floats, second: Floats) -> Floats:
    """Intersection over union of each of `first` (n, 4) with each of `second` (m, 4), shape (n, m)."""
    low = np.maximum(first[:, None, :2], second[None, :, :2])
    high = np.minimum(first[:, None, 2:], second[None, :, 2:])
    shared = np.prod(np.maximum(high - low, 0), axis=2)
    whole = _areas(first)[:, None] + _areas(second)[None, :] - shared
    return np.asarray(shared / np.maximum(whole, 1e-9), dtype=np.float64)


def costs(predicted: Floats, seen: Floats, gates: Floats, ratio: float, least: Floats) -> tuple[Floats, Floats]:
    """Cost of joining each predicted box (n, 4) with each seen box (m, 4), infinite where they cannot be joined.

    They can when their sizes differ by at most `ratio` and their IoU exceeds `least` (n), or their centres lie
    within `gates` (n) mean sizes. Returns costs and IoU, both (n, m).
    """
    iou = overlaps(predicted, seen)
    size_p = np.sqrt(np.maximum(_areas(predicted), 1))[:, None]
    size_s = np.sqrt(np.maximum(_areas(seen), 1))[None, :]
    centre_p = (predicted[:, None, :2] + predicted[:, None, 2:]) / 2
    centre_s = (seen[None, :, :2] + seen[None, :, 2:]) / 2
    distance = np.linalg.norm(centre_p - centre_s, axis=2) / ((size_p + size_s) / 2)
    change = np.abs(np.log(size_p / size_s))
    possible = (change <= np.log(ratio)) & ((distance <= gates[:, None]) | (iou > least[:, None]))
    cost = 1 - iou + distance + change / 2
    return np.where(possible, cost, np.inf), iou


def assign(cost: Floats, rows: set[int], columns: set[int]) -> list[tuple[int, int]]:
    """Pairs of `rows` and `columns`, cheapest first, each used once; what is used is taken out of both sets."""
    pairs = []
    row_of, column_of = np.nonzero(np.isfinite(cost))
    order = np.argsort(cost[row_of, column_of], kind="stable")
    for at in order:
        row, column = int(row_of[at]), int(column_of[at])
        if row in rows and column in columns:
            pairs.append((row, column))
            rows.discard(row)
            columns.discard(column)
    return pairs


def _areas(boxes: Floats) -> Floats:
    return np.asarray(np.prod(np.maximum(boxes[:, 2:] - boxes[:, :2], 0), axis=1), dtype=np.float64)
