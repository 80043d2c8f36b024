"""Which detector looks at what size, and when: the plan of passes.

The passes are spread over a cycle of one second, so that the work is spread too: tracks cover the time between
passes, and pictures are held back for long enough to have been passed by all of them. A pass has slots at fractions
of the cycle; a picture gets the passes whose slots fall into its share of the time line, however many pictures there
are in a second.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from models.detector import STRIDE
from vcam.base.media import Kind

CYCLE = 1.0
"""Seconds in which every pass runs at least once."""

UPSCALE = 1.5
"""Pictures are never enlarged more than this: finer detail is not there to be seen, but false faces are."""

_STEPS = 25.0
"""Steps a second to which slots are rounded."""

_MIDDLE = (0.48,)
"""The slot of the picture in the middle of a still's second."""

_LEAST = 2.0
"""Fewer looks a second are not worth their cost beside the passes with slots."""

Size = tuple[int, int]
"""Width and height in pixels."""

Family = Literal["face", "plate", "object", "motion", "text"]

KINDS: Mapping[Family, frozenset[Kind]] = {
    "face": frozenset({Kind.FACE}),
    "plate": frozenset({Kind.PLATE}),
    "object": frozenset({Kind.PERSON, Kind.VEHICLE, Kind.HEAD, Kind.PLATE_BAND, Kind.SCREEN}),
    "motion": frozenset({Kind.MOTION}),
    "text": frozenset({Kind.TEXT}),
}
"""What each family of passes can find."""


@dataclass(frozen=True, slots=True)
class Pass:
    """One detector at one analysis size.

    `side` is the long side of the analysed picture in pixels. `squeeze` narrows it in width. `slots` are fractions
    of the cycle. A `proving` pass sees well enough that a picture without a finding counts as looked at.
    `threshold` overrides the manifest's. Boxes with a side longer than `ceiling` analysed pixels must score `strong`.
    `upscale` bounds enlargement, and in what is enlarged scores must reach `enlarged`. Instead of slots a pass may
    have a `budget` of the pictures' pixels a second: small pictures are then looked at more often than large ones,
    at one cost for every camera. A `mirrored` pass looks at the picture with left and right exchanged: what a
    network barely misses, it often sees there.
    """

    name: str
    family: Family
    detector: str
    side: int
    slots: tuple[float, ...]
    proving: bool = False
    squeeze: float = 1.0
    threshold: float | None = None
    ceiling: float = math.inf
    strong: float = 0.0
    upscale: float = UPSCALE
    enlarged: float = 0.0
    budget: float = 0.0
    mirrored: bool = False

    def size(self, width: int, height: int) -> tuple[int, int]:
        """Width and height at which a picture of `width` x `height` is analysed: multiples of 32.

        What is looked at as it is, neither enlarged nor squeezed, is not shrunk by rounding either: small faces would
        be lost for nothing.
        """
        scale = min(self.side / max(width, height), self.upscale)
        across, down = _round(width * scale * self.squeeze), _round(height * scale)
        if scale == self.squeeze == 1:
            return _round_up(width), _round_up(height)
        return across, down

    def every(self, size: Size) -> float:
        """Seconds until a picture of `size` is passed again, at the longest."""
        return longest_gap([self], _STEPS) if self.slots else 1 / max(self.rate(size), 1 / CYCLE)

    def rate(self, size: Size) -> float:
        """How often in a second pictures of `size` are passed; 0 when the budget does not allow twice."""
        rate = self.budget / (size[0] * size[1])
        return rate if rate >= _LEAST else 0.0


def _round(length: float) -> int:
    return max(1, round(length / STRIDE)) * STRIDE


def _round_up(length: float) -> int:
    return max(1, math.ceil(length / STRIDE - 1e-9)) * STRIDE


PASSES: tuple[Pass, ...] = (
    Pass(
        "yunet:960",
        "face",
        "yunet",
        960,
        (0.0, 0.24, 0.48, 0.72),
        True,
        threshold=0.25,
        enlarged=0.4,
        ceiling=96,
        strong=0.7,
    ),
    Pass("centerface:640", "face", "centerface", 640, (0.24,), ceiling=192, strong=0.5),
    Pass(
        "centerface:full",
        "face",
        "centerface",
        1920,
        (),
        threshold=0.33,
        upscale=1.0,
        budget=2.5e6,
        ceiling=192,
        strong=0.5,
    ),
    Pass(
        "yunet:often",
        "face",
        "yunet",
        960,
        (),
        threshold=0.6,
        upscale=1.0,
        budget=1.5e6,
        ceiling=96,
        strong=0.7,
    ),
    Pass("plate:1280", "plate", "plates", 1280, (0.36,), True, 0.75, threshold=0.56, upscale=1.0),
    Pass("plate:640", "plate", "plates", 640, (0.0, 0.72), True, 0.75, threshold=0.65, enlarged=0.75),
    Pass("object:416", "object", "yolox_nano", 416, (0.0, 0.48), proving=True, threshold=0.5),
    Pass("motion:320", "motion", "motion", 320, tuple(n / 6 for n in range(6)), True, threshold=0.5),
    Pass("text:960", "text", "ppocr_det", 960, (0.4, 0.9), proving=True),
)
"""Every pass there is.

The cheap proving pass comes four times a second: that finds more than one costly pass does, keeps tracks tight, and
leaves room for a late answer. The others see what it does not: masked and large faces, far plates. They come with it
where they look at smaller pictures, which are made from the one that it looks at.
"""

STILL_PASSES: tuple[Pass, ...] = (
    Pass(
        "centerface:still",
        "face",
        "centerface",
        1920,
        _MIDDLE,
        threshold=0.33,
        upscale=1.0,
        ceiling=192,
        strong=0.5,
    ),
    Pass("centerface:960", "face", "centerface", 960, _MIDDLE, threshold=0.4, ceiling=192, strong=0.5),
    Pass(
        "centerface:640:mirrored",
        "face",
        "centerface",
        640,
        _MIDDLE,
        threshold=0.4,
        ceiling=192,
        strong=0.5,
        mirrored=True,
    ),
    Pass("yunet:1280", "face", "yunet", 1280, _MIDDLE, threshold=0.4, upscale=1.0, ceiling=96, strong=0.7),
    Pass(
        "yunet:960:mirrored",
        "face",
        "yunet",
        960,
        _MIDDLE,
        threshold=0.3,
        enlarged=0.4,
        ceiling=96,
        strong=0.7,
        mirrored=True,
    ),
    Pass("plate:960", "plate", "plates", 960, _MIDDLE, squeeze=0.75, threshold=0.6, upscale=1.0),
    Pass("plate:480", "plate", "plates", 480, _MIDDLE, squeeze=0.75, threshold=0.65, enlarged=0.75),
    Pass(
        "plate:1280:mirrored",
        "plate",
        "plates",
        1280,
        _MIDDLE,
        squeeze=0.75,
        threshold=0.56,
        upscale=1.0,
        mirrored=True,
    ),
    Pass(
        "plate:640:mirrored",
        "plate",
        "plates",
        640,
        _MIDDLE,
        squeeze=0.75,
        threshold=0.65,
        enlarged=0.75,
        mirrored=True,
    ),
)
"""Passes that a still picture gets besides: nothing hurries, and no later look makes good what was missed."""


def chosen(kinds: Iterable[Kind], passes: Iterable[Pass] = PASSES) -> tuple[Pass, ...]:
    """Those of `passes` that `kinds` need."""
    wanted = frozenset(kinds)
    return tuple(one for one in passes if KINDS[one.family] & wanted)


def due(passes: Iterable[Pass], index: int, fps: float, size: Size) -> tuple[Pass, ...]:
    """The passes due on picture `index` of a stream of `size` at `fps`; on the first, all that prove anything.

    Picture `index` answers for the time from its own to the next one's. Slots are counted in whole pictures from the
    start, so that no slot is lost or taken twice at any rate.
    """
    if index == 0:
        return tuple(one for one in passes if one.proving or _hits(one, 0, fps, size))
    return tuple(one for one in passes if _hits(one, index, fps, size))


def _hits(one: Pass, index: int, fps: float, size: Size) -> bool:
    if one.budget:
        rate = min(one.rate(size) / fps, 1.0)
        return math.floor((index + 1) * rate + 1e-9) > math.floor(index * rate + 1e-9)
    period = CYCLE * fps
    for slot in one.slots:
        # the first turn of this slot at or after the picture's time, in pictures
        turn = max(0, math.ceil(index / period - slot - 1e-9))
        if math.floor((turn + slot) * period + 1e-9) == index:
            return True
    return False


def longest_gap(passes: Iterable[Pass], fps: float) -> float:
    """Longest time in seconds between two pictures that get one of `passes`, at `fps`, by their slots alone."""
    slots = sorted(slot for one in passes for slot in one.slots)
    gaps = [later - earlier for earlier, later in zip(slots, [*slots[1:], slots[0] + 1.0], strict=True)]
    return max(1, math.ceil(max(gaps) * CYCLE * fps - 1e-6)) / fps
