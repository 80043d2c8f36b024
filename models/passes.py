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

Family = Literal["face", "plate", "object", "text"]

KINDS: Mapping[Family, frozenset[Kind]] = {
    "face": frozenset({Kind.FACE}),
    "plate": frozenset({Kind.PLATE}),
    "object": frozenset({Kind.PERSON, Kind.VEHICLE, Kind.HEAD, Kind.PLATE_BAND, Kind.SCREEN}),
    "text": frozenset({Kind.TEXT}),
}
"""What each family of passes can find."""


@dataclass(frozen=True, slots=True)
class Pass:
    """One detector at one analysis size.

    `side` is the long side of the analysed picture in pixels. `squeeze` narrows it in width. `slots` are fractions
    of the cycle. A `proving` pass sees well enough that a picture without a finding counts as looked at.
    `threshold` overrides the manifest's. Boxes with a side longer than `ceiling` analysed pixels must score `strong`.
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

    def size(self, width: int, height: int) -> tuple[int, int]:
        """Width and height at which a picture of `width` x `height` is analysed: multiples of 32."""
        scale = min(self.side / max(width, height), UPSCALE)
        return _round(width * scale * self.squeeze), _round(height * scale)


def _round(length: float) -> int:
    return max(1, round(length / STRIDE)) * STRIDE


PASSES: tuple[Pass, ...] = (
    Pass("yunet:960", "face", "yunet", 960, (0.0, 0.24, 0.48, 0.72), proving=True, ceiling=96, strong=0.7),
    Pass("centerface:640", "face", "centerface", 640, (0.12,)),
    Pass("centerface:320", "face", "centerface", 320, (0.6,)),
    Pass("plate:1280", "plate", "clp_det", 1280, (0.16,), True, squeeze=0.75, ceiling=192, strong=0.6),
    Pass("plate:640", "plate", "clp_det", 640, (0.48, 0.84), True, squeeze=0.75, ceiling=128, strong=0.6),
    Pass("object:640", "object", "yolox_nano", 640, (0.08, 0.56), proving=True),
    Pass("text:960", "text", "ppocr_det", 960, (0.4, 0.9), proving=True),
)
"""Every pass there is.

The cheap proving pass comes four times a second: that finds more than one costly pass does, keeps tracks tight, and
leaves room for a late answer. The others see what it does not: masked and large faces, far plates.
"""


def chosen(kinds: Iterable[Kind]) -> tuple[Pass, ...]:
    """The passes that `kinds` need."""
    wanted = frozenset(kinds)
    return tuple(one for one in PASSES if KINDS[one.family] & wanted)


def due(passes: Iterable[Pass], index: int, fps: float) -> tuple[Pass, ...]:
    """The passes due on picture `index` of a stream at `fps`; on the first, all that prove anything.

    Picture `index` answers for the time from its own to the next one's. Slots are counted in whole pictures from the
    start, so that no slot is lost or taken twice at any rate.
    """
    if index == 0:
        return tuple(one for one in passes if one.proving or _hits(one, 0, fps))
    return tuple(one for one in passes if _hits(one, index, fps))


def _hits(one: Pass, index: int, fps: float) -> bool:
    period = CYCLE * fps
    for slot in one.slots:
        # the first turn of this slot at or after the picture's time, in pictures
        turn = max(0, math.ceil(index / period - slot - 1e-9))
        if math.floor((turn + slot) * period + 1e-9) == index:
            return True
    return False


def longest_gap(passes: Iterable[Pass], fps: float) -> float:
    """Longest time in seconds between two pictures that get one of `passes`, at `fps`."""
    slots = sorted(slot for one in passes for slot in one.slots)
    gaps = [later - earlier for earlier, later in zip(slots, [*slots[1:], slots[0] + 1.0], strict=True)]
    return max(1, math.ceil(max(gaps) * CYCLE * fps - 1e-6)) / fps
