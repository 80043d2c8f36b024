"""Sees where one scene ends and another begins: a switched camera, a re-aimed one, a spliced file."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vcam.base.media import Picture

ROWS, COLUMNS = 18, 32
"""Cells that a picture is reduced to; each is the mean of 4 x 4 samples."""

ALIKE = 0.4
"""Pictures of one scene correlate at least this well; most do above 0.95."""

FLAT = 3.0
"""Standard deviation of the cells (of 255) below which a picture shows nothing but noise."""

_SAMPLES = 4


class SceneCut:
    """Compares each picture with the one before by the correlation of their coarse luma.

    Brightness and contrast do not count, so lights and exposure may change. Costs about 0.1 ms.
    """

    def __init__(self) -> None:
        self._last: NDArray[np.float32] | None = None

    def observe(self, picture: Picture) -> bool:
        """Whether a new scene begins with `picture`. The first picture begins none."""
        last, self._last = self._last, _cells(picture)
        if last is None:
            return False
        spread, before = float(self._last.std()), float(last.std())
        if min(spread, before) < FLAT:
            # A picture without content resembles nothing; two of them are one dark scene.
            return max(spread, before) >= 2 * FLAT
        together = float(np.mean((self._last - self._last.mean()) * (last - last.mean())))
        return together / (spread * before) < ALIKE

    def reset(self) -> None:
        """Forget the last picture."""
        self._last = None


def _cells(picture: Picture) -> NDArray[np.float32]:
    plane = picture.frame.planes[0]
    lines = np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)  # type: ignore[call-overload] # a buffer
    rows = np.linspace(0, plane.height - 1, ROWS * _SAMPLES).astype(np.intp)
    columns = np.linspace(0, plane.width - 1, COLUMNS * _SAMPLES).astype(np.intp)
    samples = lines[rows[:, None], columns].reshape(ROWS, _SAMPLES, COLUMNS, _SAMPLES)
    return np.asarray(samples.mean(axis=(1, 3)), dtype=np.float32)
