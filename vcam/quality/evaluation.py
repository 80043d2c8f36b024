"""Everything that is measured on one folder."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import cv2

from vcam.base.settings import MaskSettings
from vcam.quality.clip import ClipFigures, ClipMeasure
from vcam.quality.cover import boxes_of
from vcam.quality.evalset import EvalSet, PictureSet
from vcam.quality.gallery import Gallery, Spot
from vcam.quality.judge import Judge
from vcam.quality.recall import Graded, RecallFigures, Still, grade, mask_still, shape
from vcam.quality.showing import Shown
from vcam.quality.tally import Look
from vcam.quality.verdicts import Cache, judge_clip
from vcam.screen import Analysing
from vcam.track.box import size_of

_AGREED = 10.0
"""How many times graver a leak is that two judges see: it is hardly a false alarm."""


class Watcher(Protocol):
    """Is told what is being done."""

    def step(self, what: str, of: int | None = None) -> None:
        """A step begins, of so many parts when that is known."""

    def part(self) -> None:
        """A part of the step is done."""


@dataclass(frozen=True, slots=True)
class Total:
    """One judge over all clips. Counts are of boxes seen; `agreed` of the leaked ones another judge sees too."""

    judge: str
    about: str
    independent: bool
    seen: int
    leaked: int
    agreed: int
    through: int
    longest_run: int
    dropped: int
    tracked: int

    @property
    def per_thousand(self) -> float:
        """Leaked boxes in a thousand seen."""
        return 1000 * self.leaked / self.seen if self.seen else 0.0


@dataclass(slots=True)
class Evaluation:
    """What was measured: still pictures by set and scale, clips, and who judged them."""

    judges: Sequence[Judge]
    every: int = 1
    recall: list[RecallFigures] = field(default_factory=list)
    clips: list[ClipFigures] = field(default_factory=list)

    def totals(self) -> list[Total]:
        """Each judge's counts over all clips."""
        return [self._total(judge) for judge in self.judges] if self.clips else []

    def _total(self, judge: Judge) -> Total:
        tallies = [clip.tallies[judge.name] for clip in self.clips]
        return Total(
            judge=judge.name,
            about=judge.about,
            independent=judge.independent,
            seen=sum(one.seen for one in tallies),
            leaked=sum(one.leaked for one in tallies),
            agreed=sum(one.agreed for one in tallies),
            through=sum(one.through for one in tallies),
            longest_run=max(one.longest_run for one in tallies),
            dropped=sum(one.dropped for one in tallies),
            tracked=sum(one.tracked for one in tallies),
        )


class Evaluator:
    """Measures with masks by `settings`, in one thread. What is missed is shown in `gallery`."""

    def __init__(
        self,
        settings: MaskSettings,
        stills: Analysing,
        clips: Analysing,
        *,
        watcher: Watcher,
        gallery: Gallery | None = None,
    ) -> None:
        """Measure with `settings`; `stills` looks at still pictures and `clips` at clips."""
        self._settings = settings
        self._stills = stills
        self._clips = clips
        self._watcher = watcher
        self._gallery = gallery

    def recall(self, pictures: PictureSet, scales: Sequence[float]) -> list[RecallFigures]:
        """Grade one set at `scales` of its size. Raises SourceError, DetectError."""
        found = {scale: RecallFigures(pictures.name, pictures.kind, scale) for scale in scales}
        self._watcher.step(pictures.name, len(pictures.pictures))
        # Networks are compiled for each shape of picture: those of one shape go together.
        for labelled in sorted(pictures.pictures, key=lambda one: shape(one.path)):
            for scale, figures in found.items():
                still = mask_still(labelled.path, scale, self._settings, self._stills)
                graded = grade(labelled, pictures.kind, still)
                figures.add(graded)
                self._show_missed(f"{pictures.name} at {scale:g}", still, graded)
            self._watcher.part()
        return list(found.values())

    def clip(self, path: Path, judges: Sequence[Judge], cache: Cache, every: int) -> ClipFigures:
        """Measure one clip. Raises SourceError, DetectError."""
        self._watcher.step(f"{path.stem}: judges")
        verdicts = judge_clip(path, judges, cache, every)
        count = next((known.pictures for known in verdicts.values()), None)
        self._watcher.step(f"{path.stem}: masks", count)
        measure = ClipMeasure(path, self._settings, self._clips, verdicts)
        for shown, looks in measure.run():
            self._show_leaks(path.stem, shown, looks)
            self._watcher.part()
        return measure.figures

    def _show_missed(self, place: str, still: Still, graded: Graded) -> None:
        if self._gallery is None:
            return
        boxes = boxes_of(still.regions)
        for one in graded.outcomes:
            if not one.hit:
                self._gallery.add(place, Spot(one.picture, one.label.box, one.size), still.frame, boxes)

    def _show_leaks(self, place: str, shown: Shown, looks: Mapping[str, Sequence[Look]]) -> None:
        if self._gallery is None:
            return
        boxes = boxes_of(shown.regions)
        for judge, some in looks.items():
            for look in some:
                if look.leaked:
                    weight = size_of(look.box[:4]) * (_AGREED if look.agreed else 1)
                    spot = Spot(f"{judge}, {shown.time:.2f} s", look.box[:4], weight, shown.time)
                    self._gallery.add(place, spot, shown.frame, boxes)


def evaluate(
    found: EvalSet,
    scales: Sequence[float],
    judges: Sequence[Judge],
    cache: Cache,
    evaluator: Evaluator,
    *,
    every: int = 1,
) -> Evaluation:
    """Measure everything in `found`: stills at `scales` of their size, clips by every `every`-th picture.

    Raises SourceError, DetectError.
    """
    cv2.setNumThreads(1)
    out = Evaluation(judges, every)
    for pictures in found.pictures:
        out.recall += evaluator.recall(pictures, scales)
    out.clips = [evaluator.clip(path, judges, cache, every) for path in found.clips]
    return out
