"""Decodes what YOLO networks say that Ultralytics' exporter and its kin write as ONNX.

Three layouts are in use, n being candidates and c classes. "v8" (v8, v9, v11): (1, 4 + c, n), boxes as centre and
sides, class scores; "v5" (v5, v7): (1, n, 5 + c), the same with the probability of an object before the classes;
"end" (v10, and any export with suppression inside): (1, n, 6), boxes as corners, score, class. All lengths are pixels
of the network's picture, all scores probabilities. Pictures are RGB from 0 to 1; a network of fixed size gets them in
its upper left corner and grey beside.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal

import numpy as np

from models.boxes import Floats, Found, settle
from models.detector import Bank
from models.manifest import Input
from models.runtime import Pixels, Runtime
from vcam.base.errors import DetectError
from vcam.base.media import Kind

Layout = Literal["v8", "v5", "end"]

CONVENTION = Input(order="rgb", scale=255.0)
"""How these networks want their picture."""

_GREY = 114
"""What lies beside a picture that does not fill the network's; it was so when these networks were trained."""
_ANCHORS = 3
"""Boxes a cell in the layout "v5"."""
_STRIDES = ((8, 16, 32), (4, 8, 16, 32), (8, 16, 32, 64), (16, 32))
"""Strides of the levels of the networks in use."""
_IOU = 0.5


def forms(shape: Sequence[int], width: int, height: int) -> dict[Layout, int]:
    """Every layout that an output of this shape can have for a picture of `width` x `height`, with its classes.

    The number of classes is 0 where the shape does not tell it.
    """
    if len(shape) != 3 or shape[0] != 1:
        return {}
    _, rows, columns = shape
    cells = {sum((width // s) * (height // s) for s in strides) for strides in _STRIDES}
    found: dict[Layout, int] = {}
    if columns in cells and rows > 4:
        found["v8"] = rows - 4
    if rows in {_ANCHORS * count for count in cells} and columns > 5:
        found["v5"] = columns - 5
    if columns == 6:
        found["end"] = 0
    return found


def layout_of(shape: Sequence[int], width: int, height: int) -> tuple[Layout, int] | None:
    """Layout and number of classes of an output of this shape; None when it has none of the layouts, or two.

    An output of six columns whose rows are all cells of all levels is "v5" with one class.
    """
    found = forms(shape, width, height)
    if len(found) > 1:
        found.pop("end", None)
    return next(iter(found.items())) if len(found) == 1 else None


class Yolo:
    """Things of one kind, by the classes `classes` of the network whose path `file` tells."""

    def __init__(
        self,
        runtime: Runtime,
        name: str,
        file: Callable[[], Path],
        *,
        layout: Layout,
        output: str,
        kind: Kind,
        classes: Sequence[int],
        size: tuple[int, int] | None,
    ) -> None:
        """`name` is for messages; `size` is width and height of a network that takes pictures of no other size."""
        self.kinds = (kind,)
        self._bank = Bank(runtime, name, (output,), convention=CONVENTION, file=file)
        self._name = name
        self._layout: Layout = layout
        self._output = output
        self._classes = np.array(classes, np.intp)
        self._size = size

    def detect(self, batch: Pixels, threshold: float) -> list[Found]:
        """See `Detector.detect`. For a network of fixed size, pictures may be smaller than that."""
        return [self._single(batch[index : index + 1], threshold) for index in range(batch.shape[0])]

    def _single(self, picture: Pixels, threshold: float) -> Found:
        padded = self._padded(picture)
        output = self._bank.run(padded)[self._output]
        height, width = padded.shape[1:3]
        if self._layout not in forms(output.shape, width, height):
            raise DetectError(f"Detector {self._name} answers in the shape {output.shape}", mend=self._mend)
        with np.errstate(over="ignore", invalid="ignore"):
            boxes, scores = self._decode(output[0])
            # "not below": a NaN must not pass unseen
            rows = np.flatnonzero(~(scores < threshold))
            labels = np.zeros(len(rows), np.int8)
            try:
                return settle(boxes[rows], scores[rows], labels, limit=_IOU, cells=len(scores), who=self._name)
            except DetectError as error:
                raise DetectError(error.what, mend=self._mend) from None

    @property
    def _mend(self) -> str:
        return "Take it out of mask.models; check or export it anew"

    def _padded(self, picture: Pixels) -> Pixels:
        if self._size is None or picture.ndim != 4:
            return picture
        width, height = self._size
        if picture.shape[1] > height or picture.shape[2] > width:
            raise DetectError(f"{self._name} wants pictures of at most {width}x{height}")
        if picture.shape[1:3] == (height, width):
            return picture
        padded = np.full((1, height, width, 3), _GREY, np.uint8)
        padded[:, : picture.shape[1], : picture.shape[2]] = picture
        return padded

    def _decode(self, output: Floats) -> tuple[Floats, Floats]:
        """Boxes as corners, and the best score of the classes that count, of every candidate."""
        if self._layout == "end":
            classes = output[:, 5]
            scores = np.where(np.isin(np.round(classes), self._classes), output[:, 4], np.float32(0))
            return output[:, :4], np.where(np.isfinite(classes), scores, np.float32(np.nan))
        if self._layout == "v8":
            scores = output[4 + self._classes].max(axis=0)
            centre, sides = output[:2].T, output[2:4].T
        else:
            scores = output[:, 5 + self._classes].max(axis=1) * output[:, 4]
            centre, sides = output[:, :2], output[:, 2:4]
        return np.concatenate((centre - sides / 2, centre + sides / 2), axis=1), scores
