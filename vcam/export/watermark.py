"""An invisible mark in the luma of a viewing copy, which outlives another encoding, scaling and cropping."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from recorder.secret import kept
from vcam.export.pattern import ROWS, SIDE, layout, sign


def open_key(folder: Path) -> bytes:
    """The institution's key of marks among its `folder` of keys, made when it is not there. Raises RecordError."""
    return kept(folder / "mark.key", 32)


STRENGTH = 2
"""Levels of luma by which a chip is pushed either way."""


class InvisibleMark:
    """The mark `number` (32 bits) for pictures of one size. `key` is the institution's secret.

    A chip is about 1/90 of the picture's height wide; its sign turns every second, which nobody sees at two levels
    of 255 but which tells it from whatever stands still.
    """

    def __init__(self, key: bytes, number: int, width: int, height: int) -> None:
        tile = layout(key).tile(number)
        rows = (np.arange(height) * ROWS // height) % SIDE
        columns = (np.arange(width) * ROWS // height) % SIDE
        up = tile[rows][:, columns] > 0
        self._up = np.where(up, STRENGTH, 0).astype(np.uint8)
        self._down = np.where(up, 0, STRENGTH).astype(np.uint8)

    def apply(self, luma: npt.NDArray[np.uint8], seconds: float) -> None:
        """Put the mark into `luma` (height, width) in place, `seconds` into the video. Else raises ValueError."""
        if luma.shape != self._up.shape:
            raise ValueError(f"luma of {luma.shape} instead of {self._up.shape}")
        up, down = (self._up, self._down) if sign(seconds) > 0 else (self._down, self._up)
        marked = cv2.add(luma, up)
        luma[...] = cv2.subtract(marked, down, dst=marked)
