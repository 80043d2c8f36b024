"""Counts pictures that still show a face or plate, against the scene's known positions.

A picture is *unmasked* when
- its number is known, and in any face or plate at least `VISIBLE` of which is in view, more than
  `SHOWN` of the box (30%, so that less than 70% is covered) still has the detail of the scene's own rendering; or
- its number cannot be read, it is not masked whole, and no picture within `NEAR` seconds has a number that can be
  read: then nothing is known of it, and it counts. With such a neighbour its time stamp gives its number, and it is
  judged like any other.

Detail is what remains when a blur is taken away. It is compared in cells by normalised correlation, which a change of
brightness or contrast does not alter, encoding lowers little, and a mosaic, blur or solid cover destroys.
"""

from __future__ import annotations

import bisect
import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from vcam.base.media import Kind
from vcam.demo.scene import FPS, LENGTH, Scene, Truth
from vcam.demo.stamp import read_index

VISIBLE: Final = 0.75
"""Least share of a face or plate in view for it to be judged."""
SHOWN: Final = 0.3
"""Largest share of a box that may show its detail."""
NEAR: Final = 2.0
"""Farthest neighbour in seconds from which a picture's number may be counted."""

_ALIKE: Final = 0.6
"""Correlation above which a cell shows the original's detail."""
_PLAIN: Final = 1.5
"""Standard deviation of detail, in grey levels, under which a cell has nothing to show."""
_CELLS: Final[dict[Kind, tuple[int, int]]] = {Kind.FACE: (4, 4), Kind.PLATE: (2, 5)}
"""Rows and columns of cells of a box."""
_TILE: Final = 60
"""Side in pixels of the tiles by which a picture is judged to be masked whole."""
_WHOLE: Final = 0.03
"""Largest share of tiles that may show the background's detail in a picture masked whole."""

Grey = NDArray[np.uint8]
Detail = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one picture shows. `index` is None when its number is not known, `read` whether it could be read."""

    index: int | None
    read: bool
    masked: int
    shown: tuple[Kind, ...]
    whole: bool

    @property
    def unmasked(self) -> bool:
        """Whether the picture counts as unmasked."""
        return bool(self.shown) or (self.index is None and not self.whole)

    @property
    def what(self) -> str:
        """The picture's number, and what it shows."""
        return f"{self.index}: {', '.join(self.shown)}" if self.shown else "number not known"


@dataclass(frozen=True, slots=True)
class Count:
    """What a stream shows. Faces and plates in view count once a picture: `regions_masked` those covered."""

    frames: int
    unmasked_frames: int
    regions_masked: int
    regions_shown: int
    unreadable_frames: int
    whole_frames: int
    unmasked_at: tuple[str, ...] = ()
    """What each unmasked picture shows, by the picture's number in the loop."""


def detail(picture: NDArray[np.uint8], sigma: float) -> Detail:
    """What a Gaussian blur of `sigma` pixels takes away from a grey picture."""
    grey = picture.astype(np.float32)
    return np.asarray(grey - cv2.GaussianBlur(grey, (0, 0), sigma), np.float32)


def likeness(seen: Detail, original: Detail) -> float | None:
    """Normalised correlation of two details, from -1 to 1; None where the original is plain."""
    energy = float((original * original).mean())
    if energy < _PLAIN * _PLAIN:
        return None
    other = float((seen * seen).mean())
    return float((seen * original).mean()) / float(np.sqrt(energy * max(other, 1e-6)))


def grey_of(picture: NDArray[np.uint8]) -> Grey:
    """A BGR picture in grey."""
    return np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), np.uint8)


class Judge:
    """Holds pictures of a masked stream of `scene` against the scene."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._background = detail(grey_of(scene.background), _TILE / 12)

    def judge(self, picture: Grey, expected: int | None = None) -> Verdict:
        """Judge one decoded picture: grey (H, W) of the scene's size. `expected` is its number by its time stamp."""
        found = read_index(picture)
        if found is None and self.is_whole(picture):
            return Verdict(None, False, 0, (), True)
        index = expected if found is None else found
        if index is None:
            return Verdict(None, False, 0, (), False)
        original = grey_of(self._scene.render(index))
        judged = [truth for truth in self._scene.truth(index) if truth.visible >= VISIBLE]
        shown = tuple(truth.kind for truth in judged if self.share_shown(picture, original, truth) > SHOWN)
        return Verdict(index, found is not None, len(judged) - len(shown), shown, False)

    def share_shown(self, picture: Grey, original: Grey, truth: Truth) -> float:
        """Share of the cells of a face or plate, from 0 to 1, that show its detail.

        What nearer things hide of it may be shown: that share is taken off.
        """
        x1, y1, x2, y2 = (round(side) for side in (truth.x1, truth.y1, truth.x2, truth.y2))
        sigma = max(1.2, (y2 - y1) / (20 if truth.kind is Kind.FACE else 10))
        seen, real = (detail(whole[y1:y2, x1:x2], sigma) for whole in (picture, original))
        rows, columns = _CELLS[truth.kind]
        alike: list[bool] = []
        for top, bottom in _spans(y2 - y1, rows):
            for left, right in _spans(x2 - x1, columns):
                same = likeness(seen[top:bottom, left:right], real[top:bottom, left:right])
                if same is not None:
                    alike.append(same > _ALIKE)
        return sum(alike) / len(alike) - (1 - truth.visible) if alike else 0.0

    def is_whole(self, picture: Grey) -> bool:
        """Whether a picture is masked whole: hardly any tile shows the detail of the scene's background."""
        seen = detail(picture, _TILE / 12)
        height, width = picture.shape
        if (height, width) != self._background.shape:
            return False
        alike: list[bool] = []
        for top in range(0, height - _TILE + 1, _TILE):
            for left in range(0, width - _TILE + 1, _TILE):
                area = np.s_[top : top + _TILE, left : left + _TILE]
                same = likeness(seen[area], self._background[area])
                if same is not None:
                    alike.append(same > _ALIKE)
        return sum(alike) <= _WHOLE * len(alike)


def _spans(length: int, parts: int) -> list[tuple[int, int]]:
    ends = [round(length * part / parts) for part in range(parts + 1)]
    return [(start, end) for start, end in itertools.pairwise(ends) if end > start]


def expectations(seen: Sequence[tuple[int | None, float | None]]) -> list[int | None]:
    """For each picture of a stream its number by its time stamp, counted from the nearest that could be read.

    `seen` holds each picture's number, None when it cannot be read, and its time in seconds.
    """
    known = [(time, index) for index, time in seen if index is not None and time is not None]
    times = [time for time, _ in known]
    out: list[int | None] = []
    for _, time in seen:
        place = bisect.bisect(times, time) if time is not None else 0
        near = [
            (abs(at - time), at, index)
            for at, index in known[max(0, place - 1) : place + 1]
            if time is not None
        ]
        distance, at, index = min(near, default=(math.inf, 0.0, 0))
        out.append(
            (index + round((time - at) * FPS)) % LENGTH if time is not None and distance <= NEAR else None
        )
    return out


def tally(verdicts: list[Verdict]) -> Count:
    """The verdicts on a stream's pictures, counted."""
    return Count(
        frames=len(verdicts),
        unmasked_frames=sum(verdict.unmasked for verdict in verdicts),
        regions_masked=sum(verdict.masked for verdict in verdicts),
        regions_shown=sum(len(verdict.shown) for verdict in verdicts),
        unreadable_frames=sum(not verdict.read for verdict in verdicts),
        whole_frames=sum(verdict.whole for verdict in verdicts),
        unmasked_at=tuple(verdict.what for verdict in verdicts if verdict.unmasked),
    )
