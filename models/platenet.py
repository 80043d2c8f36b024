"""PlateNet, our own plate detector: anchor-free, one box a cell (in the manner of arXiv:1904.01355).

Trained by `models.train` from random weights. A cell at stride 8, 16 or 32 says how likely a plate's centre lies in
it, where in strides from the cell's middle, and the logarithms of the plate's sides over 4 and 1.5 strides.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import ClassVar

import numpy as np

from models.boxes import Floats, Found, settle
from models.detector import Decoder
from models.runtime import Pixels
from vcam.base.media import Kind

_STRIDES = (8, 16, 32)
_PRIOR = (4.0, 1.5)
"""Width and height in strides of the box whose logarithms are zero."""
_IOU = 0.3


@lru_cache(maxsize=8)
def _cells(height: int, width: int) -> Floats:
    """Middle x and y and stride of every cell, shape (n, 3), in pixels."""
    levels: list[Floats] = []
    for stride in _STRIDES:
        rows, columns = np.mgrid[: height // stride, : width // stride]
        level = np.empty((rows.size, 3), np.float32)
        level[:, 0] = (columns.ravel() + 0.5) * stride
        level[:, 1] = (rows.ravel() + 0.5) * stride
        level[:, 2] = stride
        levels.append(level)
    return np.concatenate(levels)


class PlateNet(Decoder):
    """Plates."""

    name: ClassVar[str] = "plates"
    kinds: ClassVar[tuple[Kind, ...]] = (Kind.PLATE,)
    outputs: ClassVar[tuple[str, ...]] = ("score8", "box8", "score16", "box16", "score32", "box32")

    def detect(self, batch: Pixels, threshold: float) -> list[Found]:
        """See `Detector.detect`."""
        outputs = self._bank.run(batch)
        cells = _cells(batch.shape[1], batch.shape[2])
        with np.errstate(over="ignore", invalid="ignore"):
            return [self._decode(outputs, index, cells, threshold) for index in range(len(batch))]

    def _decode(self, outputs: Mapping[str, Floats], index: int, cells: Floats, threshold: float) -> Found:
        scores = np.concatenate([outputs[f"score{stride}"][index].ravel() for stride in _STRIDES])
        # "not below": a NaN must not pass unseen
        rows = np.flatnonzero(~(scores < threshold))
        places = [outputs[f"box{stride}"][index].reshape(4, -1) for stride in _STRIDES]
        place = np.concatenate(places, axis=1)[:, rows].T
        cell = cells[rows]
        stride = cell[:, 2:]
        centre = cell[:, :2] + place[:, :2] * stride
        half = np.exp(place[:, 2:]) * stride * (np.array(_PRIOR, np.float32) / 2)
        boxes = np.concatenate((centre - half, centre + half), axis=1)
        labels = np.zeros(len(rows), np.int8)
        return settle(boxes, scores[rows], labels, limit=_IOU, cells=len(cells), who=self.name)
