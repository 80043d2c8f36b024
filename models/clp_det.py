"""clp_det, a plate detector: a single-shot network with square priors (in the manner of arXiv:1905.00641).

It stands in until our own plate detector exists. The layout of its outputs was found by measuring: two priors
a cell at strides 8, 16 and 32, offsets in tenths of the prior's side, log of sides in fifths.
"""

from __future__ import annotations

from functools import lru_cache
from typing import ClassVar

import numpy as np

from models.boxes import Floats, Found, settle
from models.detector import Decoder
from models.runtime import Pixels
from vcam.base.media import Kind

_PRIORS = ((8, (24, 48)), (16, (96, 192)), (32, (384, 768)))
"""Stride of each level, and the sides of its priors in pixels."""
_CENTRE, _SIDES = 0.1, 0.2
_IOU = 0.3


@lru_cache(maxsize=8)
def _priors(height: int, width: int) -> Floats:
    """Centre x, centre y and side of every prior, shape (n, 3), in pixels."""
    levels: list[Floats] = []
    for stride, sides in _PRIORS:
        rows, columns = np.mgrid[: height // stride, : width // stride]
        centres = (np.stack((columns.ravel(), rows.ravel()), axis=1) + 0.5) * stride
        level = np.empty((len(centres), len(sides), 3), np.float32)
        level[:, :, :2] = centres[:, None]
        level[:, :, 2] = sides
        levels.append(level.reshape(-1, 3))
    return np.concatenate(levels)


class ClpDet(Decoder):
    """Plates."""

    name: ClassVar[str] = "clp_det"
    kinds: ClassVar[tuple[Kind, ...]] = (Kind.PLATE,)
    outputs: ClassVar[tuple[str, ...]] = ("loc", "conf")

    def detect(self, batch: Pixels, threshold: float) -> list[Found]:
        """See `Detector.detect`."""
        outputs = self._bank.run(batch)
        priors = _priors(batch.shape[1], batch.shape[2])
        with np.errstate(over="ignore", invalid="ignore"):
            return [
                self._decode(places, scores[:, 1], priors, threshold)
                for places, scores in zip(outputs["loc"], outputs["conf"], strict=True)
            ]

    def _decode(self, places: Floats, scores: Floats, priors: Floats, threshold: float) -> Found:
        # "not below": a NaN must not pass unseen
        rows = np.flatnonzero(~(scores < threshold))
        prior, place = priors[rows], places[rows]
        side = prior[:, 2:]
        centre = prior[:, :2] + place[:, :2] * (_CENTRE * side)
        half = np.exp(place[:, 2:] * _SIDES) * (side / 2)
        boxes = np.concatenate((centre - half, centre + half), axis=1)
        labels = np.zeros(len(rows), np.int8)
        return settle(boxes, scores[rows], labels, limit=_IOU, cells=len(priors), who=self.name)
