"""The steps of the pipeline as they are when they fail: each is the real one, with the run's troubles on top."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from models.passes import KINDS, PASSES
from tests.faults.camera import Given
from tests.faults.clip import Truths
from tests.faults.stage import Stage
from tests.faults.trouble import Troubles
from vcam.base.errors import DetectError, EncodeError, WeightsError
from vcam.base.media import Analysis, Detection, Kind, MaskedUnit, Picture, Region
from vcam.base.settings import Zone
from vcam.encode.encoder import Encoder
from vcam.mask.masker import Masker
from vcam.screen import Analysing
from vcam.track.box import Box

HUNG: Final = 4.0
"""Seconds of a run after which the analyst counts as hung, in place of `vcam.live.HUNG`."""

NEAR: Final = 1.0
"""Seconds of the run, before or after, within which somebody must have looked for a picture to show anything."""

MARGIN: Final = 0.2
"""Share of a box's width and height by which `Knowing` widens it on each side."""


class Broken(Exception):
    """A defect, as nobody foresaw it."""


@dataclass(frozen=True, slots=True)
class Look:
    """The analyst looked at `given` with `passes`, truly answered, and had its answer at `at` seconds of the run."""

    given: Given
    passes: frozenset[str]
    at: float


class Knowing:
    """An analyst that knows what the camera gave: it tells the truth of each picture, at no cost.

    Which passes come when is the product's own plan. With it, what is left uncovered is no detector's doing.
    """

    def __init__(self, plan: Analysing, truths: Mapping[int, Truths]) -> None:
        self._plan = plan
        self._truths = truths

    @property
    def families(self) -> dict[str, frozenset[str]]:
        return dict(self._plan.families)

    @property
    def always(self) -> frozenset[str]:
        return self._plan.always

    def period(self, family: str, fps: float) -> float:
        return self._plan.period(family, fps)

    def plan(self, index: int, fps: float, size: tuple[int, int]) -> tuple[str, ...]:
        return self._plan.plan(index, fps, size)

    def load(self, width: int, height: int) -> None:
        """It needs no networks."""

    def analyse(self, picture: Picture, passes: tuple[str, ...], tracked: Sequence[Region]) -> Analysis:
        """See `Analysing`."""
        sought = {one.family for one in PASSES if one.name in passes}
        found = [
            _widened(one.box, one.kind)
            for one in self._truths[picture.time]
            if any(one.kind in KINDS[family] for family in sought)
        ]
        return Analysis(picture.index, picture.pts, frozenset(passes), tuple(found))


def _widened(box: Box, kind: Kind) -> Detection:
    """A tight box, as an analyst widens it."""
    x1, y1, x2, y2 = box
    across, down = MARGIN * (x2 - x1), MARGIN * (y2 - y1)
    return Detection(x1 - across, y1 - down, x2 + across, y2 + down, 0.9, kind)


class SickAnalyst:
    """An analyst (`vcam.screen.Analysing`) in trouble. `looks` is what it did in truth.

    An answer that lies, that never came or that was about something else is no look.
    """

    def __init__(self, analyst: Analysing, stage: Stage, troubles: Troubles, given: dict[int, Given]) -> None:
        self._analyst = analyst
        self._stage = stage
        self._troubles = troubles
        self._given = given
        self.looks: list[Look] = []
        self._old: list[Analysis] = []

    @property
    def families(self) -> dict[str, frozenset[str]]:
        return dict(self._analyst.families)

    @property
    def always(self) -> frozenset[str]:
        return self._analyst.always

    def period(self, family: str, fps: float) -> float:
        return self._analyst.period(family, fps)

    def plan(self, index: int, fps: float, size: tuple[int, int]) -> tuple[str, ...]:
        return self._analyst.plan(index, fps, size)

    def blind(self, given: Given) -> str:
        """The family for which nobody has yet looked near `given`; empty when all have been looked for."""
        near = [
            look.passes
            for look in reversed(self.looks)
            if look.given.epoch == given.epoch and abs(look.given.at - given.at) <= NEAR
        ]
        for family, passes in self.families.items():
            if not any(passes & seen for seen in near):
                return family
        return ""

    def load(self, width: int, height: int) -> None:
        if self._troubles.here("weights missing"):
            raise WeightsError("Weights are missing on purpose")

    def analyse(self, picture: Picture, passes: tuple[str, ...], tracked: Sequence[Region]) -> Analysis:
        """See `Analysing`."""
        given = self._given[picture.time]
        troubles = self._troubles
        if troubles.here("analyst dies"):
            raise Broken
        if troubles.here("detector hangs"):
            self._stage.sleep(10 * HUNG)
        if troubles.here("weights missing"):
            raise WeightsError("Weights are missing on purpose")
        if troubles.here("detector fails"):
            raise DetectError("The detector is broken on purpose")
        if fault := troubles.here("one pass fails"):
            names = sorted(frozenset[str]().union(*self.families.values()) | set(passes))
            if names[int(fault.size * len(names))] in passes:
                raise DetectError("One pass is broken on purpose")
        if fault := troubles.here("late answer"):
            self._stage.sleep(HUNG * 0.9 * fault.size)
        if fault := troubles.here("slow analyst"):
            self._stage.sleep(0.8 * fault.size)
        answer = self._analyst.analyse(picture, passes, tracked)
        return self._spoilt(answer, given)

    def _spoilt(self, answer: Analysis, given: Given) -> Analysis:
        troubles = self._troubles
        spoilt = answer
        if fault := troubles.here("boxes not finite"):
            bad = (math.nan, math.inf, -math.inf)[int(fault.size * 3)]
            spoilt = replace(answer, detections=(*answer.detections, Detection(bad, 5, 50, 50, 0.9, Kind.FACE)))
        if fault := troubles.here("boxes absurd"):
            boxes = (
                (50.0, 50.0, 10.0, 10.0),
                (-1e12, -1e12, 1e12, 1e12),
                (9e9, 9e9, 9.1e9, 9.1e9),
                (5.0, 5.0, 5.0, 5.0),
            )
            box = boxes[int(fault.size * len(boxes))]
            # It says this of everything that it should have found.
            spoilt = replace(
                answer, detections=tuple(Detection(*box, 0.9, Kind.FACE) for _ in (*answer.detections, 0))
            )
        if troubles.here("flood of boxes"):
            flood = [
                Detection(x, y, x + 9, y + 9, 0.4, Kind.FACE)
                for x in range(0, 600, 12)
                for y in range(0, 340, 12)
            ]
            spoilt = replace(answer, detections=(*answer.detections, *flood))
        if (fault := troubles.here("answer to an earlier picture")) and self._old:
            spoilt = self._old[int(fault.size * len(self._old))]
        if troubles.here("answer of another stream"):
            spoilt = replace(answer, pts=answer.pts - 4_000, index=max(0, answer.index - 1), detections=())
        self._old.append(answer)
        return self._said(answer, given) if spoilt is answer else spoilt

    def _said(self, answer: Analysis, given: Given) -> Analysis:
        self.looks.append(Look(given, answer.passes, self._stage.monotonic()))
        return answer


def sick_masker(troubles: Troubles) -> type[Masker]:
    """`vcam.screen.Masker` in trouble."""

    class SickMasker(Masker):
        def apply(
            self, picture: Picture, regions: Sequence[Region], zones: Sequence[Zone] = ()
        ) -> tuple[Region, ...]:
            self._fail()
            if troubles.here("masker breaks half-way"):
                super().apply(picture, regions[: len(regions) // 2], zones)
                raise Broken
            return super().apply(picture, regions, zones)

        def whole(self, picture: Picture) -> tuple[Region, ...]:
            self._fail()
            return super().whole(picture)

        def _fail(self) -> None:
            if troubles.here("masker out of memory"):
                raise MemoryError

    return SickMasker


def sick_encoder(stage: Stage, troubles: Troubles) -> type[Encoder]:
    """`vcam.pipeline.Encoder` in trouble."""

    class SickEncoder(Encoder):
        def encode(self, picture: Picture, regions: tuple[Region, ...]) -> list[MaskedUnit]:
            if troubles.here("encoder fails"):
                raise EncodeError("x264 fails on purpose")
            if fault := troubles.here("slow encoder"):
                stage.advance(stage.monotonic() + fault.size)
            return super().encode(picture, regions)

    return SickEncoder
