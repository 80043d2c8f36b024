"""One clip, measured: leaks by judge, masked area, flicker, cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from vcam.base.settings import MaskSettings
from vcam.quality.cover import area_share, cover
from vcam.quality.judge import MAIN, Seen
from vcam.quality.showing import Showing, Shown
from vcam.quality.tally import Look, Tally, tally
from vcam.quality.through import shows_through
from vcam.quality.verdicts import Verdicts
from vcam.screen import Analysing

TIMES, PLUS = 8.0, 0.08
"""The masked area is to be at most so many times the area of the faces that were judged, plus that share of it all."""


@dataclass(frozen=True, slots=True)
class Moment:
    """One picture: seconds into the clip, share of it that is masked, whether wholly, and boxes seen by judge."""

    time: float
    area: float
    whole: bool
    seen: Mapping[str, int]
    leaked: Mapping[str, int]


@dataclass(slots=True)
class ClipFigures:
    """What was measured in one clip.

    Areas are shares of the picture. `limit` is the bound of `area`. `quiet` is the mean area of the `quiet_pictures`
    judged in which no judge saw anything. `cpu_ms` a picture: decoding, detection, tracking and masking.
    """

    name: str
    width: int = 0
    height: int = 0
    fps: float = 0.0
    seconds: float = 0.0
    pictures: int = 0
    whole: int = 0
    area: float = 0.0
    area_most: float = 0.0
    limit: float = PLUS
    quiet: float = 0.0
    quiet_pictures: int = 0
    track_starts: int = 0
    cpu_ms: float = 0.0
    tallies: dict[str, Tally] = field(default_factory=dict)
    leaks: dict[str, list[Look]] = field(default_factory=dict)
    moments: list[Moment] = field(default_factory=list)

    @property
    def starts_a_minute(self) -> float:
        """Tracks that begin in a minute of the clip."""
        return 60 * self.track_starts / self.seconds if self.seconds else 0.0


def measure_clip(
    path: Path,
    settings: MaskSettings,
    analyst: Analysing,
    verdicts: Mapping[str, Verdicts],
) -> ClipFigures:
    """Mask the clip as the product does, and hold it against `verdicts`, by the judge's name.

    Raises SourceError, DetectError.
    """
    showing = Showing(path, settings, analyst)
    gathering = _Gathering(ClipFigures(path.stem), verdicts)
    for shown in showing.pictures():
        gathering.add(shown)
    return gathering.done(showing)


class _Gathering:
    def __init__(self, figures: ClipFigures, verdicts: Mapping[str, Verdicts]) -> None:
        self._figures = figures
        self._verdicts = verdicts
        self._looks: dict[str, list[list[Look]]] = {name: [] for name in verdicts}
        self._tracks: set[int] = set()
        self._faces: list[float] = []
        self._quiet: list[float] = []

    def add(self, shown: Shown) -> None:
        figures = self._figures
        boxes = [(r.x1, r.y1, r.x2, r.y2) for r in shown.regions]
        area = area_share(boxes, shown.width, shown.height)
        figures.width, figures.height = shown.width, shown.height
        figures.pictures += 1
        figures.whole += not shown.proven
        self._tracks.update(r.track for r in shown.regions if r.track)
        seen: dict[str, int] = {}
        leaked: dict[str, int] = {}
        for name, known in self._verdicts.items():
            if shown.number not in known.seen:
                continue
            looks = [_look(shown, box, boxes) for box in known.seen[shown.number]]
            self._looks[name].append(looks)
            seen[name], leaked[name] = len(looks), sum(look.leaked for look in looks)
            if name == MAIN:
                self._faces.append(
                    sum((b[2] - b[0]) * (b[3] - b[1]) for b in known.seen[shown.number])
                    / (shown.width * shown.height)
                )
        if seen and not any(seen.values()):
            self._quiet.append(area)
        figures.moments.append(Moment(shown.time, area, not shown.proven, seen, leaked))

    def done(self, showing: Showing) -> ClipFigures:
        figures = self._figures
        areas = [moment.area for moment in figures.moments]
        figures.fps = showing.fps
        figures.seconds = figures.moments[-1].time + (1 / showing.fps if showing.fps else 0.0)
        figures.area, figures.area_most = _mean(areas), max(areas)
        figures.limit = TIMES * _mean(self._faces) + PLUS
        figures.quiet, figures.quiet_pictures = _mean(self._quiet), len(self._quiet)
        figures.track_starts = len(self._tracks)
        figures.cpu_ms = 1000 * showing.watch.seconds / figures.pictures
        for name, pictures in self._looks.items():
            figures.tallies[name] = tally(pictures)
            figures.leaks[name] = [look for looks in pictures for look in looks if look.leaked]
        return figures


def _look(shown: Shown, box: Seen, boxes: Sequence[Sequence[float]]) -> Look:
    through = shows_through(shown.before, shown.after, box, boxes)
    return Look(shown.number, box, cover(box, boxes), through)


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0
