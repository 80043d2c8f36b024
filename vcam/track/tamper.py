"""Sees that somebody has covered a camera or aims it elsewhere.

What the camera usually shows is learnt as coarse detail: the cells of `vcam.track.scene` less their neighbourhood's
mean. Detail outlasts a change of light and exposure. It moves when the camera is turned, and is gone when the lens is
covered. A lens out of focus keeps coarse detail but loses fine detail, which is measured beside.

A room that goes wholly dark counts as covered: no picture can tell the two apart. A camera that was told to look
elsewhere is not judged while it turns; what it then shows is usual, unless it shows nothing.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np

from vcam.base.media import TICKS, Picture
from vcam.base.scene import Tampering
from vcam.track.scene import Cells, sampled

STEP = TICKS // 4
"""Ticks between pictures that are looked at."""
LEARNING = 5.0
"""Seconds in which the usual picture is first learnt."""
FORGETTING = 60.0
"""Seconds in which the usual picture follows slow changes, such as daylight."""
RECENT = 2.0
"""Seconds over which the present picture is averaged, so that what moves through it fades."""
AFTER = 4.0
"""Seconds that something must hold before it is told."""
ENDS = 2.0
"""Seconds that the usual picture must be back before that is told."""
ACCEPTED = 120.0
"""Seconds after which a new view is the usual one."""
TURNING = 30.0
"""Seconds in which a camera that was told to look elsewhere may turn and come to rest."""
ALIKE, UNLIKE = 0.5, 0.3
"""Correlation of detail at which the usual picture is back, and below which it is gone."""
FADED, GONE = 0.25, 0.1
"""Share of the usual coarse detail below which another picture shows nothing, and below which any shows nothing."""
BLURRED = 0.25
"""Share of the usual fine detail, each against its picture's contrast, below which a lens is out of focus."""
LEAST = 1.5
"""Standard deviation of detail (of 255) below which a usual picture says nothing."""

_Sign = Literal["usual", "covered", "moved"]


@dataclass(slots=True)
class _Look:
    """An average of what pictures showed: coarse luma less its mean, and fine detail in grey levels."""

    cells: Cells
    fine: float

    def follow(self, cells: Cells, fine: float, share: float) -> None:
        self.cells += (cells - self.cells) * np.float32(share)
        self.fine += (fine - self.fine) * share

    @property
    def detail(self) -> Cells:
        near = self.cells - np.asarray(cv2.blur(self.cells, (5, 5)), np.float32)
        # What runs across the whole picture, such as kerbs and ceilings, looks alike wherever a camera is turned.
        detail: Cells = near - near.mean(axis=0, keepdims=True) - near.mean(axis=1, keepdims=True) + near.mean()
        return detail

    @property
    def focus(self) -> float:
        return self.fine / max(float(self.cells.std()), 1.0)


class Tamper:
    """Compares what one camera shows with what it usually shows. Time is the pictures' `pts`, which must grow."""

    def __init__(self) -> None:
        self._usual: _Look | None = None
        self._now: _Look | None = None
        self._last = 0
        self._learnt = 0.0
        self._state: _Sign = "usual"
        self._sign: _Sign = "usual"
        self._held = 0.0
        self._turning = 0.0

    def aim(self) -> None:
        """The camera has been told to look elsewhere."""
        self._turning = TURNING

    def observe(self, picture: Picture, cells: Cells) -> Tampering | None:
        """Take in one picture and its cells; what is to be told, when that has changed."""
        if self._now is None or self._usual is None:
            fine = _fine(picture)
            self._now, self._usual = _Look(cells.copy(), fine), _Look(cells.copy(), fine)
            self._last = picture.pts
            return None
        if picture.pts - self._last < STEP:
            return None
        # A gap, while the camera was away, counts as one step: nothing is known of it.
        passed = min((picture.pts - self._last) / TICKS, 1.0)
        self._last = picture.pts
        fine = _fine(picture)
        self._now.follow(cells, fine, _share(passed, RECENT))
        if self._learnt < LEARNING or not _telling(self._usual):
            self._learnt += passed
            self._usual.follow(cells, fine, max(_share(passed, LEARNING), passed / max(self._learnt, passed)))
            return None
        if self._turning > 0.0:
            self._turn(self._now, self._usual, passed)
            return None
        self._hold(_judge(self._now, self._usual, self._state), passed)
        if self._sign == self._state == "usual":
            self._usual.follow(cells, fine, _share(passed, FORGETTING))
        return self._change(picture.time)

    def _turn(self, now: _Look, usual: _Look, passed: float) -> None:
        self._turning -= passed
        if self._turning <= 0.0 and not _nothing(now, usual):
            self._usual = _Look(now.cells.copy(), now.fine)

    def _hold(self, sign: _Sign, passed: float) -> None:
        if sign == self._sign:
            self._held += passed
        else:
            self._sign, self._held = sign, 0.0

    def _change(self, time: int) -> Tampering | None:
        if self._sign == self._state:
            if self._state != "moved" or self._held < ACCEPTED or self._now is None:
                return None
            self._usual = _Look(self._now.cells.copy(), self._now.fine)
            self._sign, self._held = "usual", 0.0
        elif self._held < (ENDS if self._sign == "usual" else AFTER):
            return None
        self._state = self._sign
        return Tampering(time, covered=self._state == "covered", moved=self._state == "moved")


def _judge(now: _Look, usual: _Look, state: _Sign) -> _Sign:
    mine, other = now.detail, usual.detail
    strength, normal = float(mine.std()), float(other.std())
    alike = float(np.mean(mine * other)) / max(strength * normal, 1e-3)
    # What has begun ends only when the usual picture is clearly back.
    begun = state != "usual"
    if _nothing(now, usual, 1.3 if begun else 1.0):
        return "covered"
    if alike >= (ALIKE if begun else UNLIKE):
        return "usual"
    return "covered" if strength < FADED * normal else "moved"


def _nothing(now: _Look, usual: _Look, slack: float = 1.0) -> bool:
    """Whether no picture at all is to be seen, wherever the camera looks."""
    gone = float(now.detail.std()) < GONE * slack * float(usual.detail.std())
    return gone or now.focus < BLURRED * slack * usual.focus


def _telling(look: _Look) -> bool:
    return float(look.detail.std()) >= LEAST


def _share(passed: float, seconds: float) -> float:
    return 1.0 - math.exp(-passed / seconds)


def _fine(picture: Picture) -> float:
    """Mean difference of neighbours on the sampled lines, in grey levels."""
    lines = sampled(picture)
    step = max(1, lines.shape[1] // 320)
    coarse = lines[:, ::step].astype(np.int16)
    return float(np.abs(np.diff(coarse, axis=1)).mean())
