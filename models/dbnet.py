"""PP-OCR's text detector, a network with differentiable binarisation (Liao and others, 2019, arXiv:1911.08947).

Its answer is a map of the probability that a pixel lies in the shrunken core of a line of text.
"""

from __future__ import annotations

from typing import ClassVar

import cv2
import numpy as np

from models.boxes import Floats, Found, settle
from models.detector import Decoder
from models.lines import join
from models.runtime import Pixels
from vcam.base.errors import DetectError
from vcam.base.media import Kind

_MAP = "sigmoid_0.tmp_0"
_CORE = 0.3
"""Probability from which a pixel belongs to a core, whatever the threshold of the lines."""
_GROWTH = 2.0
"""A core of area A and outline L grows back to its line by A * 2 / L on every side: lines must not stick out."""
_THIN = 3.0
"""Cores with a short side of less, in pixels, are noise."""
_HIGH = 80.0
"""What is higher than this, in pixels, is a line only when it is long..."""
_LONG = 2.5
"""...by so many heights: persons, cars and tables are taken for single letters, lines of that size have several."""
_IOU = 0.9


class DbNet(Decoder):
    """Lines of text, as boxes along the picture's axes. The score is the mean over a line's core."""

    name: ClassVar[str] = "ppocr_det"
    kinds: ClassVar[tuple[Kind, ...]] = (Kind.TEXT,)
    outputs: ClassVar[tuple[str, ...]] = (_MAP,)

    def detect(self, batch: Pixels, threshold: float) -> list[Found]:
        """See `Detector.detect`."""
        maps = self._bank.run(batch)[_MAP]
        return [self._decode(maps[index, 0], threshold) for index in range(batch.shape[0])]

    def _decode(self, heat: Floats, threshold: float) -> Found:
        if not np.isfinite(heat.sum()):
            raise DetectError(
                f"Detector {self.name} reports values that are not finite",
                mend="Run 'make install' to renew weights",
            )
        cores = (heat >= _CORE).astype(np.uint8)
        outlines, _ = cv2.findContours(cores, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
        lines = [line for outline in outlines if (line := _line(heat, outline, threshold)) is not None]
        rows = np.array(lines, np.float32).reshape(-1, 5)
        boxes, scores = join(rows[:, :4], rows[:, 4])
        labels = np.zeros(len(scores), np.int8)
        return settle(boxes, scores, labels, limit=_IOU, cells=heat.size, who=self.name)


def _line(
    heat: Floats, outline: cv2.typing.MatLike, threshold: float
) -> tuple[float, float, float, float, float] | None:
    """Box and score of the line whose core lies within `outline`, or None when it is noise."""
    centre, (width, height), angle = cv2.minAreaRect(outline)
    # the outline runs through the middle of the core's outermost pixels
    width, height = width + 1, height + 1
    if min(width, height) < _THIN:
        return None
    x, y, across, down = cv2.boundingRect(outline)
    inside = np.zeros((down, across), np.uint8)
    cv2.drawContours(inside, [outline], 0, 1, cv2.FILLED, offset=(-x, -y))
    score = cv2.mean(heat[y : y + down, x : x + across], inside)[0]
    if score < threshold:
        return None
    edge = width * height * _GROWTH / (width + height)
    low, long = sorted((width + edge, height + edge))
    if low > _HIGH and long < _LONG * low:
        return None
    corners = cv2.boxPoints((centre, (width + edge, height + edge), angle)) + 0.5
    (x1, y1), (x2, y2) = corners.min(axis=0), corners.max(axis=0)
    return float(x1), float(y1), float(x2), float(y2), score
