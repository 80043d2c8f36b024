"""Never-zones: what lies in them for good, a face on a poster or on a screen, stays clear; who stands before it not.

A picture cannot tell one from the other, so the tracks must. A visitor is a track that was ever seen to reach out
of the zone. While a visitor touches the zone, nothing in it is left clear. A visitor that is lost there may go on
under another number: whatever it lay over counts as a visitor from then on, and so does whatever begins in the zone
soon after. What is first seen inside, and stays, cannot be known for a visitor.
"""

from __future__ import annotations

from collections.abc import Sequence

from vcam.base.media import TICKS, Picture, Region
from vcam.base.settings import Zone
from vcam.mask.polygon import Box, Place, place

WARY = 10
"""Seconds after the loss of a visitor, or after a picture that nobody looked at, in which what begins is one too."""


class Guard:
    """Watches one never-zone, picture by picture in order of time."""

    def __init__(self, zone: Zone) -> None:
        self._zone = zone
        self._wary_until = 0
        self._known: set[int] = set()
        self._marked: set[int] = set()
        """Tracks that count as visitors though they were never seen outside."""
        self._visitors: dict[int, Box] = {}
        """Visitors that touch the zone, and where they were last."""

    def blind(self, picture: Picture) -> None:
        """Nobody knows what `picture` shows."""
        self._wary_until = picture.pts + WARY * TICKS

    def clear(self, picture: Picture, regions: Sequence[Region]) -> frozenset[int]:
        """Tracks among `regions`, those of `picture`, that need no mask as far as this zone goes."""
        corners = [(x * picture.width, y * picture.height) for x, y in self._zone.points]
        here = {one.track: one for one in regions if place(corners, _box(one)) is not Place.OUTSIDE}
        tracks = {one.track for one in regions}
        lost = [box for track, box in self._visitors.items() if track not in tracks]
        if lost:
            self._wary_until = max(self._wary_until, picture.pts + WARY * TICKS)
        self._marked &= tracks
        for track, region in here.items():
            began = track not in self._known and picture.pts < self._wary_until
            if began or any(_meet(_box(region), box) for box in lost):
                self._marked.add(track)
        self._known = tracks
        self._visitors = {
            track: _box(region)
            for track, region in here.items()
            if track in self._marked or not _stayed(corners, region)
        }
        return frozenset() if self._visitors else frozenset(here)


def _box(region: Region) -> Box:
    return region.x1, region.y1, region.x2, region.y2


def _stayed(corners: Sequence[tuple[float, float]], region: Region) -> bool:
    """Whether the region, and all places where its track was ever seen, lie inside."""
    inside = region.reach is not None and place(corners, region.reach) is Place.INSIDE
    return inside and place(corners, _box(region)) is Place.INSIDE


def _meet(first: Box, second: Box) -> bool:
    return first[0] < second[2] and second[0] < first[2] and first[1] < second[3] and second[1] < first[3]
