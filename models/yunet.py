"""YuNet, a face detector (Wu, Peng, Yu: "YuNet: A Tiny Millisecond-level Face Detector", 2023)."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from models.boxes import Floats, Found, settle
from models.detector import Decoder
from models.runtime import Outputs, Pixels
from vcam.base.media import Kind

_STRIDES = (8, 16, 32)
_IOU = 0.3


class YuNet(Decoder):
    """Faces. The score is the geometric mean of class and objectness."""

    name: ClassVar[str] = "yunet"
    kinds: ClassVar[tuple[Kind, ...]] = (Kind.FACE,)
    outputs: ClassVar[tuple[str, ...]] = tuple(
        f"{head}_{stride}" for head in ("cls", "obj", "bbox") for stride in (8, 16, 32)
    )

    def detect(self, batch: Pixels, threshold: float) -> list[Found]:
        """See `Detector.detect`."""
        outputs = self._bank.run(batch)
        # the exported network lays the pictures of a batch end to end
        with np.errstate(over="ignore", invalid="ignore"):
            return [self._decode(outputs, batch.shape, index, threshold) for index in range(batch.shape[0])]

    def _decode(self, outputs: Outputs, shape: tuple[int, ...], index: int, threshold: float) -> Found:
        pictures, width = shape[0], shape[2]
        boxes: list[Floats] = []
        scores: list[Floats] = []
        total = 0
        for stride in _STRIDES:
            classes, objects, places = (
                outputs[f"{head}_{stride}"].reshape(pictures, -1, depth)[index]
                for head, depth in (("cls", 1), ("obj", 1), ("bbox", 4))
            )
            total += len(classes)
            square = classes[:, 0] * objects[:, 0]
            # "not below" instead of "above": a NaN is not below anything, and must reach the check in settle
            cells = np.flatnonzero(~(square < threshold * threshold))
            rows, columns = np.divmod(cells, width // stride)
            offset = places[cells]
            centre = (offset[:, :2] + np.stack((columns, rows), axis=1)) * stride
            half = np.exp(offset[:, 2:]) * (stride / 2)
            boxes.append(np.concatenate((centre - half, centre + half), axis=1).astype(np.float32))
            scores.append(np.sqrt(np.abs(square[cells])))
        score = np.concatenate(scores)
        labels = np.zeros(len(score), np.int8)
        return settle(np.concatenate(boxes), score, labels, limit=_IOU, cells=total, who=self.name)
