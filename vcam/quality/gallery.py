"""The worst misses as small pictures, for a report that people look at. They show people unmasked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from av.video.frame import VideoFrame

from vcam.base.errors import EncodeError
from vcam.track.box import Box, overlap

_KEPT = 12
"""Pictures kept of each place."""
_SIDE = 200
"""Long side of a picture in pixels."""
_AROUND = 0.75
"""How much of the miss's surroundings is shown on each side, in its own sides."""
_APART = 1.0
"""Seconds after which a miss in the same place is another one."""
_ALIKE = 0.3
_MISSED, _MASKED = (40, 40, 230), (250, 250, 250)
"""Outlines, in BGR, of what should be covered and of what is."""


@dataclass(frozen=True, slots=True)
class Spot:
    """Something missed: a few words on it, its box, how grave it is beside others, and when, in seconds (clips)."""

    caption: str
    box: Box
    weight: float
    time: float | None = None

    def same(self, other: Spot) -> bool:
        """Whether both are the same object in pictures that follow each other."""
        if self.time is None or other.time is None:
            return False
        return abs(self.time - other.time) < _APART and overlap(self.box, other.box) >= _ALIKE


@dataclass(frozen=True, slots=True)
class Miss:
    """A spot that is kept, in which set or clip, and its JPEG."""

    place: str
    spot: Spot
    jpeg: bytes


class Gallery:
    """Keeps the gravest misses of each place, each object of a clip once in a while."""

    def __init__(self) -> None:
        self._places: dict[str, list[Miss]] = {}

    @property
    def misses(self) -> list[Miss]:
        """All that are kept, place by place, gravest first."""
        return [miss for place in self._places.values() for miss in place]

    def add(self, place: str, spot: Spot, frame: VideoFrame, masks: Iterable[Sequence[float]]) -> None:
        """Show `spot` in the masked `frame` if it is grave enough. Raises EncodeError."""
        here = self._places.get(place, [])
        rivals = [miss for miss in here if miss.spot.same(spot)]
        full = len(here) - len(rivals) >= _KEPT
        if any(rival.spot.weight >= spot.weight for rival in rivals):
            return
        if full and here[-1].spot.weight >= spot.weight:
            return
        kept = [miss for miss in here if miss not in rivals]
        kept.append(Miss(place, spot, _crop(frame, spot.box, masks)))
        self._places[place] = sorted(kept, key=lambda miss: -miss.spot.weight)[:_KEPT]


def _crop(frame: VideoFrame, box: Box, masks: Iterable[Sequence[float]]) -> bytes:
    x1, y1, x2, y2 = box
    across, down = _AROUND * (x2 - x1), _AROUND * (y2 - y1)
    left, right = max(0, int(x1 - across)), min(frame.width, int(x2 + across) + 1)
    top, bottom = max(0, int(y1 - down)), min(frame.height, int(y2 + down) + 1)
    whole = np.asarray(frame.to_ndarray(format="bgr24"), np.uint8)
    scale = _SIDE / max(right - left, bottom - top, 1)
    size = max(1, round((right - left) * scale)), max(1, round((bottom - top) * scale))
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    small = np.ascontiguousarray(cv2.resize(whole[top:bottom, left:right], size, interpolation=way))
    for mask, colour in [*((mask, _MASKED) for mask in masks), (box, _MISSED)]:
        corners = [
            round((edge - base) * scale) for edge, base in zip(mask[:4], (left, top, left, top), strict=True)
        ]
        cv2.rectangle(small, (corners[0], corners[1]), (corners[2] - 1, corners[3] - 1), colour, 1)
    done, data = cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, 80])
    if not done:
        raise EncodeError("A picture of a miss cannot be encoded", mend="Leave them out by --no-crops")
    return data.tobytes()
