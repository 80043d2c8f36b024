"""Which faces that one detector alone sees are borne out by what else is known of the picture.

Where two detectors look at every picture at full size, a face that YuNet sees and CenterFace does not see even weakly
is mostly a lantern, a leaf or a letter, unless a person is there.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.boxes import Floats, iou
from models.centerface import CenterFace
from models.passes import Pass, Size
from models.yunet import YuNet
from vcam.base.media import Kind

_SAME: Final = 0.3
"""Least overlap (IoU) of two detectors' boxes of one face."""
_BESIDE: Final = 0.1
"""A face's middle may lie beside the box of its person by this share of the person's width..."""
_ABOVE: Final = 0.15
"""...or above it by this share of the height."""


class Witness:
    """What bears out the faces of one stream: the other detectors' faces, and the persons that were seen last."""

    def __init__(self, passes: Iterable[Pass], always: Collection[str]) -> None:
        """Of the stream's `passes`, every picture gets those named in `always`.

        Without CenterFace among these, or where nobody looks for persons, every face is believed.
        """
        every = list(passes)
        full = [one for one in every if one.name in always and one.detector == CenterFace.name]
        self._objects = frozenset(one.name for one in every if one.family == "object")
        self._full = full[0] if full and self._objects else None
        self._looked = False
        self._persons: Floats = np.zeros((0, 4), np.float32)

    def saw(self, passes: Collection[str], boxes: Floats, kinds: NDArray[np.object_]) -> None:
        """The `passes` of these names saw `boxes` (n, 4) of these `kinds` (n,) in the next picture."""
        self._looked = self._full is not None and self._full.name in passes
        if not self._objects.isdisjoint(passes):
            self._persons = boxes[kinds == Kind.PERSON]

    def believes(self, boxes: Floats, detectors: NDArray[np.object_], size: Size) -> NDArray[np.bool_]:
        """Which of the faces `boxes` (n, 4), seen by `detectors` (n,) in that picture, of `size`, count.

        Those do not that YuNet alone sees where no person was, if they are of a size that CenterFace sees well and it
        has looked.
        """
        believed = np.ones(len(boxes), np.bool_)
        if self._full is None or not self._looked:
            return believed
        scale = self._full.size(*size)[0] / size[0]
        sides = (boxes[:, 2:] - boxes[:, :2]).max(axis=1, initial=0.0)
        alone = (detectors == YuNet.name) & (sides * scale <= self._full.ceiling)
        believed[alone] = borne_out(boxes[alone], boxes[detectors != YuNet.name], self._persons)
        return believed


def borne_out(boxes: Floats, others: Floats, persons: Floats) -> NDArray[np.bool_]:
    """Which of the faces `boxes` (n, 4) are among the `others` too, or have their middle in one of `persons`."""
    seen = iou(boxes, others).max(axis=1, initial=0.0) >= _SAME
    wide, high = persons[:, 2] - persons[:, 0], persons[:, 3] - persons[:, 1]
    across = (boxes[:, 0, None] + boxes[:, 2, None]) / 2
    down = (boxes[:, 1, None] + boxes[:, 3, None]) / 2
    inside = (across >= persons[:, 0] - _BESIDE * wide) & (across <= persons[:, 2] + _BESIDE * wide)
    inside &= (down >= persons[:, 1] - _ABOVE * high) & (down <= persons[:, 3])
    return np.asarray(seen | inside.any(axis=1), dtype=np.bool_)
