"""One clip, measured: leaks by judge, masked area, flicker, cost."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from vcam.base.settings import MaskSettings
from vcam.quality.cover import area_share, boxes_of, cover
from vcam.quality.judge import MAIN, Seen
from vcam.quality.showing import Showing, Shown
from vcam.quality.tally import SAME, Look, Tally, tally
from vcam.quality.through import shows_through
from vcam.quality.verdicts import Verdicts
from vcam.screen import Analysing
from vcam.track.box import overlap

TIMES, PLUS = 8.0, 0.08
"""The masked area is to be at most so many times the area of the faces that are judged, plus that share of it all."""


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

    Areas are shares of the picture. `limit` is the bound of the mean `area`, None without the main judge. `quiet` is
    the mean area of the `quiet_pictures` judged in which no judge saw anything. `cpu_ms` a picture: decoding,
    detection, tracking and masking.
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
    limit: float | None = None
    quiet: float = 0.0
    quiet_pictures: int = 0
    track_starts: int = 0
    cpu_ms: float = 0.0
    tallies: dict[str, Tally] = field(default_factory=dict)
    leaks: dict[str, list[Look]] = field(default_factory=dict)
    moments: list[Moment] = field(default_factory=list)

    @property
    def within(self) -> bool:
        """Whether the masked area keeps to its limit."""
        return self.limit is None or self.area <= self.limit

    @property
    def starts_a_minute(self) -> float:
        """Tracks that begin in a minute of the clip."""
        return 60 * self.track_starts / self.seconds if self.seconds else 0.0


class ClipMeasure:
    """One clip, masked as the product does, held against what judges saw in it, by the judge's name."""

    def __init__(
        self, path: Path, settings: MaskSettings, analyst: Analysing, verdicts: Mapping[str, Verdicts]
    ) -> None:
        self.figures = ClipFigures(path.stem)
        self._showing = Showing(path, settings, analyst)
        self._verdicts = verdicts
        self._looks: dict[str, list[list[Look]]] = {name: [] for name in verdicts}
        self._tracks: set[int] = set()
        self._faces: list[float] = []
        self._quiet: list[float] = []

    def run(self) -> Iterator[tuple[Shown, dict[str, list[Look]]]]:
        """Each picture as shown, with the looks of the judges that looked at it. When it ends, `figures` is complete.

        Raises SourceError, DetectError.
        """
        for shown in self._showing.pictures():
            yield shown, self._add(shown)
        self._conclude()

    def _add(self, shown: Shown) -> dict[str, list[Look]]:
        figures = self.figures
        boxes = boxes_of(shown.regions)
        area = area_share(boxes, shown.width, shown.height)
        figures.width, figures.height = shown.width, shown.height
        figures.pictures += 1
        figures.whole += not shown.proven
        self._tracks.update(region.track for region in shown.regions if region.track)
        looks = {
            name: self._looked(name, shown, boxes)
            for name, known in self._verdicts.items()
            if shown.number in known.seen
        }
        for name, some in looks.items():
            self._looks[name].append(some)
        if MAIN in looks:
            self._faces.append(sum(map(_area, looks[MAIN])) / (shown.width * shown.height))
        if looks and not any(looks.values()):
            self._quiet.append(area)
        seen = {name: len(some) for name, some in looks.items()}
        leaked = {name: sum(look.leaked for look in some) for name, some in looks.items()}
        figures.moments.append(Moment(shown.time, area, not shown.proven, seen, leaked))
        return looks

    def _looked(self, name: str, shown: Shown, boxes: Sequence[Sequence[float]]) -> list[Look]:
        return [
            Look(
                shown.number,
                box,
                cover(box, boxes),
                shows_through(shown.before, shown.after, box, boxes),
                self._agreed(name, shown.number, box),
            )
            for box in self._verdicts[name].seen[shown.number]
        ]

    def _agreed(self, name: str, number: int, box: Seen) -> bool:
        kind = self._verdicts[name].kind
        others = (known for other, known in self._verdicts.items() if other != name and known.kind == kind)
        return any(
            overlap(box[:4], seen[:4]) >= SAME for known in others for seen in known.seen.get(number, ())
        )

    def _conclude(self) -> None:
        figures, fps = self.figures, self._showing.fps
        areas = [moment.area for moment in figures.moments]
        figures.fps = fps
        figures.seconds = figures.moments[-1].time + (1 / fps if fps else 0.0)
        figures.area, figures.area_most = _mean(areas), max(areas)
        if self._faces:
            figures.limit = TIMES * _mean(self._faces) + PLUS
        figures.quiet, figures.quiet_pictures = _mean(self._quiet), len(self._quiet)
        figures.track_starts = len(self._tracks)
        figures.cpu_ms = 1000 * self._showing.watch.seconds / figures.pictures
        for name, pictures in self._looks.items():
            figures.tallies[name] = tally(pictures)
            figures.leaks[name] = [look for looks in pictures for look in looks if look.leaked]


def _area(look: Look) -> float:
    x1, y1, x2, y2, _ = look.box
    return (x2 - x1) * (y2 - y1)


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0
