"""Follows a box that a reviewer drew through the pictures before and after it.

Median flow (Kalal, Mikolajczyk and Matas, "Forward-Backward Error", ICPR 2010): points on a grid in the box are moved
by optical flow and back again; of those that come back best the median tells how the box moves and grows. It stops
where too few come back, and never guesses on.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import cv2
import numpy as np
import numpy.typing as npt

from vcam.track.box import Box

Luma = npt.NDArray[np.uint8]
_Points = npt.NDArray[np.float32]

_GRID = 10
"""Points along each side of the box."""
_BACK = 2.0
"""Pixels by which the median point may miss where it came from."""
_LEAST = 12
"""Points that must come back for the box to be followed on."""
_GROWTH = 0.003
"""Share of its size by which the box grows each picture, for what flow does not see."""
_SMALLEST = 4.0
_INSIDE = 0.4
"""Share of the box that is left in the picture when it counts as gone: the rest would stick to the background."""
_WINDOW = (15, 15)
_LEVELS = 3
_CRITERIA = (3, 20, 0.03)
"""Stop after 20 rounds or at 0.03 pixels."""


def follow(first: Luma, box: Box, others: Iterable[Luma]) -> Iterator[Box]:
    """The box in each of `others`, which follow on `first` one by one, until it is lost or has left the picture.

    All are (height, width). Pictures given in reverse are followed backward.
    """
    before = first
    for after in others:
        moved = _moved(before, after, box)
        if moved is None:
            return
        box = moved
        yield box
        before = after


def _moved(before: Luma, after: Luma, box: Box) -> Box | None:
    height, width = before.shape
    x1, y1, x2, y2 = max(box[0], 0.0), max(box[1], 0.0), min(box[2], width - 1.0), min(box[3], height - 1.0)
    inside = (x2 - x1) * (y2 - y1) / ((box[2] - box[0]) * (box[3] - box[1]))
    if x2 - x1 < _SMALLEST or y2 - y1 < _SMALLEST or inside < _INSIDE:
        return None
    columns, rows = np.meshgrid(np.linspace(x1, x2, _GRID), np.linspace(y1, y2, _GRID))
    start = np.stack([columns.ravel(), rows.ravel()], axis=1).astype(np.float32)
    there, seen = _flow(before, after, start)
    back, again = _flow(after, before, there)
    missed = np.linalg.norm(back - start, axis=1)
    good = seen & again & (missed <= max(_BACK, float(np.median(missed))))
    if good.sum() < _LEAST or float(np.median(missed[good])) > _BACK:
        return None
    start, there = start[good], there[good]
    by_x, by_y = (float(each) for each in np.median(there - start, axis=0))
    scale = _scale(start, there) + _GROWTH
    across, down = (box[2] - box[0]) * (scale - 1) / 2, (box[3] - box[1]) * (scale - 1) / 2
    return box[0] + by_x - across, box[1] + by_y - down, box[2] + by_x + across, box[3] + by_y + down


def _flow(before: Luma, after: Luma, start: _Points) -> tuple[_Points, npt.NDArray[np.bool_]]:
    placed = start.reshape(-1, 1, 2)
    there, status, _ = cv2.calcOpticalFlowPyrLK(
        before, after, placed, placed.copy(), winSize=_WINDOW, maxLevel=_LEVELS, criteria=_CRITERIA
    )
    return np.asarray(there, np.float32).reshape(-1, 2), np.asarray(status).ravel() == 1


def _scale(start: _Points, there: _Points) -> float:
    """Median of how distances between points have changed; a jump is noise."""
    half = len(start) // 2
    was = np.linalg.norm(start[:half] - start[half : 2 * half], axis=1)
    now = np.linalg.norm(there[:half] - there[half : 2 * half], axis=1)
    far = was > 1
    if not far.any():
        return 1.0
    return float(np.clip(np.median(now[far] / was[far]), 0.9, 1.1))
