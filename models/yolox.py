"""YOLOX-nano, finds persons, vehicles and screens (Ge and others, 2021, arXiv:2107.08430); trained on COCO."""

from __future__ import annotations

from functools import lru_cache
from typing import ClassVar

import numpy as np

from models.boxes import Floats, Found, settle
from models.detector import Decoder
from models.runtime import Pixels
from vcam.base.media import Kind

_STRIDES = (8, 16, 32)
_IOU = 0.5
_PERSON = (0,)
_VEHICLES = (2, 3, 5, 7)
"""COCO's car, motorcycle, bus and truck."""
_DISPLAYS = (62, 63)
"""COCO's tv, which monitors and signboards are to it too, and laptop..."""
_DISPLAY_GAIN = 4 / 3
"""...whose scores are raised by so much: switched off or seen from aside they score less than persons do."""
_PHONES = (67,)
"""COCO's cell phone. It is not raised: below the threshold, dark face masks are taken for phones."""


@lru_cache(maxsize=8)
def _grid(height: int, width: int) -> tuple[Floats, Floats]:
    """Column and row (n, 2) and stride (n, 1) of every cell, all strides after one another."""
    cells: list[Floats] = []
    strides: list[Floats] = []
    for stride in _STRIDES:
        rows, columns = np.mgrid[: height // stride, : width // stride]
        cells.append(np.stack((columns.ravel(), rows.ravel()), axis=1).astype(np.float32))
        strides.append(np.full((rows.size, 1), stride, np.float32))
    return np.concatenate(cells), np.concatenate(strides)


class YoloX(Decoder):
    """Persons, vehicles and screens."""

    name: ClassVar[str] = "yolox_nano"
    kinds: ClassVar[tuple[Kind, ...]] = (Kind.PERSON, Kind.VEHICLE, Kind.SCREEN)
    outputs: ClassVar[tuple[str, ...]] = ("output",)

    def detect(self, batch: Pixels, threshold: float) -> list[Found]:
        """See `Detector.detect`."""
        return [self._single(batch[index : index + 1], threshold) for index in range(batch.shape[0])]

    def _single(self, picture: Pixels, threshold: float) -> Found:
        # the exported network mixes up the pictures of a batch, so they go one by one
        output = self._bank.run(picture)["output"][0]
        with np.errstate(over="ignore", invalid="ignore"):
            return self._decode(output, picture.shape[1], picture.shape[2], threshold)

    def _decode(self, output: Floats, height: int, width: int, threshold: float) -> Found:
        classes = output[:, 5:]
        displays = classes[:, _DISPLAYS].max(axis=1) * _DISPLAY_GAIN
        screens = np.maximum(displays, classes[:, _PHONES].max(axis=1))
        best = np.stack((classes[:, _PERSON].max(axis=1), classes[:, _VEHICLES].max(axis=1), screens), axis=1)
        scores = np.minimum(best * output[:, 4:5], 1)
        # "not below": a NaN must not pass unseen
        rows, labels = np.nonzero(~(scores < threshold))
        cells, strides = _grid(height, width)
        centre = (output[rows, :2] + cells[rows]) * strides[rows]
        half = np.exp(output[rows, 2:4]) * (strides[rows] / 2)
        boxes = np.concatenate((centre - half, centre + half), axis=1)
        found = labels.astype(np.int8)
        return settle(boxes, scores[rows, labels], found, limit=_IOU, cells=scores.size, who=self.name)
