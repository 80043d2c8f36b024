"""Sees where one scene ends and another begins: a switched camera, a re-aimed one, a spliced file."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from vcam.base.media import Picture

ROWS, COLUMNS = 18, 32
"""Cells that a picture is reduced to; each is the mean of what one line holds of it."""

ALIKE = 0.4
"""Pictures of one scene correlate at least this well; most do above 0.95."""

FLAT = 3.0
"""Standard deviation of the cells (of 255) below which a picture shows nothing but noise."""

Cells = NDArray[np.float32]


class SceneCut:
    """Compares each picture with the one before by the correlation of their coarse luma.

    Brightness and contrast do not count, so lights and exposure may change. Costs about 0.05 ms.
    """

    def __init__(self) -> None:
        self._last: tuple[Cells, float] | None = None

    @property
    def cells(self) -> Cells | None:
        """The newest picture's coarse luma less its mean, (ROWS, COLUMNS); None before the first."""
        return None if self._last is None else self._last[0]

    def observe(self, picture: Picture) -> bool:
        """Whether a new scene begins with `picture`. The first picture begins none."""
        cells = _cells(picture)
        cells -= cells.mean()
        spread = float(np.sqrt(np.mean(cells * cells)))
        last, self._last = self._last, (cells, spread)
        if last is None:
            return False
        other, before = last
        if min(spread, before) < FLAT:
            # A picture without content resembles nothing; two of them are one dark scene.
            return max(spread, before) >= 2 * FLAT
        return float(np.mean(cells * other)) / (spread * before) < ALIKE

    def reset(self) -> None:
        """Forget the last picture."""
        self._last = None


def sampled(picture: Picture) -> NDArray[np.uint8]:
    """About ROWS whole luma lines, evenly spread, sharing the picture's memory."""
    plane = picture.frame.planes[0]
    lines: NDArray[np.uint8] = np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)  # type: ignore[call-overload] # a buffer
    # A few whole lines: memory is read in order, and nothing is copied but the cells.
    step = max(1, plane.height // ROWS)
    return lines[step // 2 : plane.height : step, : plane.width]


def _cells(picture: Picture) -> Cells:
    cells = cv2.resize(sampled(picture), (COLUMNS, ROWS), interpolation=cv2.INTER_AREA)
    return np.asarray(cells, dtype=np.float32)
