"""How many labelled objects in still pictures are covered, by size, also in shrunk copies."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from math import inf
from pathlib import Path

from av.video.frame import VideoFrame
from av.video.reformatter import Interpolation

from vcam.base.media import Kind, Picture, Region
from vcam.base.settings import MaskSettings
from vcam.quality.cover import COVERED, boxes_of, cover
from vcam.quality.evalset import Label, Labelled
from vcam.quality.interval import wilson
from vcam.quality.judge import JudgedKind
from vcam.screen import Analysing
from vcam.stills import held_still, load
from vcam.track.box import Box

BINS: dict[JudgedKind, tuple[float, ...]] = {
    "face": (0, 12, 20, 32, 64, 128, inf),
    "plate": (0, 20, 40, 60, 100, 160, inf),
}
"""Borders of the bins of size in pixels: height of faces, width of plates."""

_STEPS = 32
"""How finely the ratio of height to width is told apart."""

_NUMBERED = re.compile(r"[_-]?\d+$")


@dataclass(frozen=True, slots=True)
class Outcome:
    """One label: its size in pixels, and how much of it is covered, by masks of its kind and by any.

    For a face every mask is of its kind, for a plate only those of plates: a face may be covered as a head.
    """

    picture: str
    label: Label
    size: float
    own: float
    any: float

    @property
    def hit(self) -> bool:
        return self.own >= COVERED

    @property
    def source(self) -> str:
        """The picture's name without its number: what pictures of one origin share."""
        return _NUMBERED.sub("", Path(self.picture).stem)


@dataclass(frozen=True, slots=True)
class Count:
    """So many of `total` were covered."""

    hits: int
    total: int

    @property
    def share(self) -> float:
        return self.hits / self.total if self.total else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """95 %."""
        return wilson(self.hits, self.total)


@dataclass(slots=True)
class RecallFigures:
    """One set of pictures at one scale. Areas in square pixels are sums, ignored labels included.

    `own_area` is that of masks of the labels' kind, `any_area` that of all.
    """

    name: str
    kind: JudgedKind
    scale: float
    pictures: int = 0
    outcomes: list[Outcome] = field(default_factory=list)
    label_area: float = 0.0
    own_area: float = 0.0
    any_area: float = 0.0

    def add(self, graded: Graded) -> None:
        """Count one picture in."""
        self.pictures += 1
        self.outcomes += graded.outcomes
        self.label_area += graded.label_area
        self.own_area += graded.own_area
        self.any_area += graded.any_area

    @property
    def count(self) -> Count:
        return _count(self.outcomes)

    @property
    def by_any(self) -> Count:
        """The same when masks of other kinds count too."""
        return Count(sum(one.any >= COVERED for one in self.outcomes), len(self.outcomes))

    @property
    def area_ratio(self) -> float:
        """Area of masks of the labels' kind for each of the labels' own."""
        return self.own_area / self.label_area if self.label_area else 0.0

    @property
    def any_ratio(self) -> float:
        """Area of all masks for each of the labels' own."""
        return self.any_area / self.label_area if self.label_area else 0.0

    def by_size(self) -> list[tuple[float, float, Count]]:
        """Count by bin, with the bin's borders; empty bins are left out."""
        bins = []
        for low, high in pairwise(BINS[self.kind]):
            inside = [one for one in self.outcomes if low <= one.size < high]
            if inside:
                bins.append((low, high, _count(inside)))
        return bins

    def by_source(self) -> dict[str, Count]:
        """Count by the pictures' origin, as far as their names tell it."""
        sources = sorted({one.source for one in self.outcomes})
        return {name: _count([one for one in self.outcomes if one.source == name]) for name in sources}


def _count(outcomes: Sequence[Outcome]) -> Count:
    return Count(sum(one.hit for one in outcomes), len(outcomes))


@dataclass(frozen=True, slots=True)
class Still:
    """A masked picture and its regions; `scale` is by how much its width and height were shrunk before."""

    frame: VideoFrame
    regions: tuple[Region, ...]
    scale: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Graded:
    """The outcomes of one picture's labels. Areas as in `RecallFigures`."""

    outcomes: list[Outcome]
    label_area: float
    own_area: float
    any_area: float


def grade(labelled: Labelled, kind: JudgedKind, still: Still) -> Graded:
    """Hold the labels of a picture of `kind` against what was masked in it."""
    across, down = still.scale
    boxes = boxes_of(still.regions)
    own = boxes_of(region for region in still.regions if kind == "face" or region.kind is Kind.PLATE)
    outcomes = []
    for label in labelled.labels:
        here = label.scaled(across, down)
        shares = cover(here.box, own), cover(here.box, boxes)
        outcomes.append(Outcome(labelled.path.name, here, here.size(kind), *shares))
    return Graded(outcomes, labelled.area * across * down, _area(own), _area(boxes))


def mask_still(path: Path, scale: float, settings: MaskSettings, analyst: Analysing) -> Still:
    """Mask the picture `path`, shrunk to `scale` of its size, as `garim detect` does.

    Raises SourceError, DetectError.
    """
    info, full = load(path)
    picture = full if scale == 1 else shrunk(full, scale)
    masked = held_still(replace(info, width=picture.width, height=picture.height), picture, settings, analyst)
    scales = (picture.width / full.width, picture.height / full.height)
    return Still(masked.picture.frame, masked.regions, scales)


def shape(path: Path) -> tuple[int, int, int]:
    """By what pictures are sorted so that those of like shape follow each other. Raises SourceError."""
    info, _ = load(path)
    return (round(_STEPS * info.height / info.width), info.width, info.height)


def shrunk(picture: Picture, scale: float) -> Picture:
    """A copy of `picture` at `scale` of its sides, to the next even ones, averaged over areas."""
    width, height = (max(2, 2 * round(side * scale / 2)) for side in (picture.width, picture.height))
    frame = picture.frame.reformat(width, height, interpolation=Interpolation.AREA)
    return replace(picture, frame=frame)


def _area(boxes: Iterable[Box]) -> float:
    return sum((x2 - x1) * (y2 - y1) for x1, y1, x2, y2 in boxes)
