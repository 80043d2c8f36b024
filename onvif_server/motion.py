"""Whether something moves in front of the camera, by the tracks of its scenes."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass

from vcam.base.media import Kind, Region
from vcam.base.scene import Scene

SHARE = 0.25
"""An object has moved when its middle has by this share of its shorter side."""
ON_DELAY = 0.4
"""Seconds that an object must have been seen before it counts."""
HOLD = 5.0
"""Seconds without anything that moves before motion ends."""

_DRIFT = 10.0
"""Time constant in seconds within which what moves slowly, as a shadow does, is taken to stand."""
_SETTLE = 2.0
"""Seconds from the first scene on, within which objects are found and do not appear."""
_LOST = 2.0
"""Seconds after which a track that is not seen any more has ended."""
_MEMORY = 60.0
"""Seconds for which an object that is seen again in the place of another of its kind is taken for that one."""
_MANY = 256
"""Places of ended tracks that are remembered at the most."""
_FIXED = frozenset({Kind.ZONE, Kind.TEXT, Kind.SCREEN})
"""Kinds of regions that do not move."""


@dataclass(slots=True)
class _Object:
    """One track: since when it is seen, where it was taken to stand, and where it was last."""

    first: float
    x: float
    y: float
    region: Region
    last: float
    counted: bool


class Motion:
    """Follows the objects of one camera.

    Motion begins when an object that has been seen for `ON_DELAY` has moved by `SHARE` of its size, or has appeared
    where none of its kind was within the last minute; it ends `HOLD` after the last such instant. A picture that is
    masked whole tells nothing. Times are of a monotonic clock, in seconds.
    """

    def __init__(self) -> None:
        self.moving = False
        self._objects: dict[int, _Object] = {}
        self._places: deque[_Object] = deque(maxlen=_MANY)
        self._began = math.inf
        self._moved = -math.inf

    def see(self, scene: Scene, now: float) -> bool:
        """Whether something moves, now that `scene` has been seen."""
        if any(region.kind is Kind.WHOLE for region in scene.regions):
            return self.moving
        self._began = min(self._began, now)
        for region in scene.regions:
            if region.kind not in _FIXED and self._look(region, now):
                self._moved = now
        self._end(now)
        self.moving = now - self._moved < HOLD
        return self.moving

    def _look(self, region: Region, now: float) -> bool:
        """Whether one object has moved or appeared."""
        x, y = (region.x1 + region.x2) / 2, (region.y1 + region.y2) / 2
        known = self._objects.get(region.track)
        if known is None:
            there = now - self._began < _SETTLE or self._was_there(region, x, y, now)
            self._objects[region.track] = _Object(now, x, y, region, now, there)
            return False
        size = min(region.x2 - region.x1, region.y2 - region.y1)
        far = math.hypot(x - known.x, y - known.y) > SHARE * size
        relax = 1.0 if far else 1 - math.exp((known.last - now) / _DRIFT)
        known.x += (x - known.x) * relax
        known.y += (y - known.y) * relax
        known.region, known.last = region, now
        if now - known.first < ON_DELAY:
            return False
        appeared, known.counted = not known.counted, True
        return far or appeared

    def _was_there(self, region: Region, x: float, y: float, now: float) -> bool:
        return any(
            place.region.kind is region.kind
            and now - place.last < _MEMORY
            and place.region.x1 <= x <= place.region.x2
            and place.region.y1 <= y <= place.region.y2
            for place in (*self._places, *self._objects.values())
        )

    def _end(self, now: float) -> None:
        for track in [track for track, each in self._objects.items() if now - each.last > _LOST]:
            self._places.append(self._objects.pop(track))
