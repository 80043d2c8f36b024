"""Which faces and plates that one detector alone sees are borne out by what else is known of the picture.

Where two detectors look at every picture at full size, a face that YuNet sees and CenterFace does not see even weakly
is mostly a lantern, a leaf or a letter, unless a person is there; and a plate where no vehicle is mostly a sign.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.boxes import Floats, iou
from models.centerface import CenterFace
from models.passes import Pass, Size
from models.platenet import PlateNet
from models.yunet import YuNet
from vcam.base.media import Kind

_SAME: Final = 0.3
"""Least overlap (IoU) of two detectors' boxes of one face."""
_BESIDE: Final = 0.1
"""What belongs to a person or vehicle may have its middle beside the box of that by this share of the width..."""
_BEYOND: Final = 0.15
"""...or, a face above it and a plate below it, by this share of the height."""


class Witness:
    """What bears out faces and plates in a stream: faces by other detectors, persons and vehicles seen last."""

    def __init__(self, passes: Iterable[Pass], always: Collection[str]) -> None:
        """Of the stream's `passes`, every picture gets those named in `always`.

        Without CenterFace among these, or where nobody looks for persons and vehicles, everything is believed.
        """
        every = list(passes)
        full = [one for one in every if one.name in always and one.detector == CenterFace.name]
        self._objects = frozenset(one.name for one in every if one.family == "object")
        self._full = full[0] if full and self._objects else None
        self._looked = False
        self._persons: Floats = np.zeros((0, 4), np.float32)
        self._vehicles: Floats = np.zeros((0, 4), np.float32)

    def saw(self, passes: Collection[str], boxes: Floats, kinds: NDArray[np.object_]) -> None:
        """The `passes` of these names saw `boxes` (n, 4) of these `kinds` (n,) in the next picture."""
        self._looked = self._full is not None and self._full.name in passes
        if not self._objects.isdisjoint(passes):
            self._persons = boxes[kinds == Kind.PERSON]
            self._vehicles = boxes[kinds == Kind.VEHICLE]

    def believes(
        self, kind: Kind, boxes: Floats, detectors: NDArray[np.object_], size: Size
    ) -> NDArray[np.bool_]:
        """Which of the `boxes` (n, 4) of `kind`, seen by `detectors` (n,) in that picture, of `size`, count.

        Of faces those do not that YuNet alone sees where no person was, if they are of a size that CenterFace sees
        well and it has looked; of plates those that our detector sees where no vehicle was.
        """
        believed = np.ones(len(boxes), np.bool_)
        if self._full is None or not self._looked:
            return believed
        if kind is Kind.PLATE:
            alone = detectors == PlateNet.name
            believed[alone] = within(boxes[alone], self._vehicles, 0.0, _BEYOND)
        if kind is not Kind.FACE:
            return believed
        scale = self._full.size(*size)[0] / size[0]
        sides = (boxes[:, 2:] - boxes[:, :2]).max(axis=1, initial=0.0)
        alone = (detectors == YuNet.name) & (sides * scale <= self._full.ceiling)
        seen = iou(boxes[alone], boxes[detectors != YuNet.name]).max(axis=1, initial=0.0) >= _SAME
        believed[alone] = seen | within(boxes[alone], self._persons, _BEYOND, 0.0)
        return believed


def within(boxes: Floats, owners: Floats, above: float, below: float) -> NDArray[np.bool_]:
    """Which of `boxes` (n, 4) have their middle in one of `owners` (m, 4), which are widened to both sides and by the
    shares `above` and `below` of their height.
    """
    wide, high = owners[:, 2] - owners[:, 0], owners[:, 3] - owners[:, 1]
    across = (boxes[:, 0, None] + boxes[:, 2, None]) / 2
    down = (boxes[:, 1, None] + boxes[:, 3, None]) / 2
    inside = (across >= owners[:, 0] - _BESIDE * wide) & (across <= owners[:, 2] + _BESIDE * wide)
    inside &= (down >= owners[:, 1] - above * high) & (down <= owners[:, 3] + below * high)
    return np.asarray(inside.any(axis=1), dtype=np.bool_)
