"""Everything that is measured on one folder, and how it is written down."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import cv2

from models.analyst import Analyst
from vcam.base.settings import MaskSettings
from vcam.quality.clip import ClipFigures, measure_clip
from vcam.quality.evalset import EvalSet
from vcam.quality.judge import Judge
from vcam.quality.verdicts import Cache, judge_clip


class Watcher(Protocol):
    """Is told what is being done."""

    def step(self, what: str) -> None:
        """A step begins."""


@dataclass(slots=True)
class Evaluation:
    """What was measured. `judges` says of each judge what it is."""

    judges: dict[str, str] = field(default_factory=dict)
    clips: list[ClipFigures] = field(default_factory=list)


def evaluate(
    found: EvalSet,
    settings: MaskSettings,
    judges: Sequence[Judge],
    cache: Cache,
    *,
    every: int = 1,
    watcher: Watcher | None = None,
) -> Evaluation:
    """Measure everything in `found` with masks by `settings`, in one thread. Raises SourceError, DetectError."""
    cv2.setNumThreads(1)
    out = Evaluation({judge.name: judge.about for judge in judges})
    analyst = Analyst(settings.kinds)
    for path in found.clips:
        out.clips.append(_clip(path, settings, analyst, judges, cache, every, watcher))
    return out


def _clip(
    path: Path,
    settings: MaskSettings,
    analyst: Analyst,
    judges: Sequence[Judge],
    cache: Cache,
    every: int,
    watcher: Watcher | None,
) -> ClipFigures:
    if watcher is not None:
        watcher.step(f"{path.stem}: judges")
    verdicts = judge_clip(path, judges, cache, every)
    if watcher is not None:
        watcher.step(f"{path.stem}: masks")
    return measure_clip(path, settings, analyst, verdicts)
