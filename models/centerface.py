"""CenterFace, a face detector good at small faces (Xu, Yan, Sun, Yang, 2019, arXiv:1911.03599)."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from models.boxes import Found, settle
from models.detector import Decoder
from models.runtime import Outputs, Pixels
from vcam.base.media import Kind

_STRIDE = 4
_IOU = 0.3
_HEAT, _SIZE, _OFFSET = "537", "538", "539"
"""Names of the exported outputs: centre heat map, log of height and width, offset in y and x, each at stride 4."""


class CenterFace(Decoder):
    """Faces, as peaks of a heat map."""

    name: ClassVar[str] = "centerface"
    kinds: ClassVar[tuple[Kind, ...]] = (Kind.FACE,)
    outputs: ClassVar[tuple[str, ...]] = (_HEAT, _SIZE, _OFFSET)

    def detect(self, batch: Pixels, threshold: float) -> list[Found]:
        """See `Detector.detect`."""
        outputs = self._bank.run(batch)
        with np.errstate(over="ignore", invalid="ignore"):
            return [self._decode(outputs, index, threshold) for index in range(batch.shape[0])]

    def _decode(self, outputs: Outputs, index: int, threshold: float) -> Found:
        heat = outputs[_HEAT][index, 0]
        # "not below": a NaN must not pass unseen
        rows, columns = np.nonzero(~(heat < threshold))
        size = np.exp(outputs[_SIZE][index][:, rows, columns]) * (_STRIDE / 2)
        offset = outputs[_OFFSET][index][:, rows, columns]
        y = (rows + offset[0] + 0.5) * _STRIDE
        x = (columns + offset[1] + 0.5) * _STRIDE
        boxes = np.stack((x - size[1], y - size[0], x + size[1], y + size[0]), axis=1).astype(np.float32)
        labels = np.zeros(len(rows), np.int8)
        return settle(boxes, heat[rows, columns], labels, limit=_IOU, cells=heat.size, who=self.name)
