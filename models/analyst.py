"""Looks at pictures: runs the passes that are due, and says where things are in the full picture."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from models.boxes import Floats, Found, areas, iou, suppress, widen
from models.centerface import CenterFace
from models.clp_det import ClpDet
from models.dbnet import DbNet
from models.detector import Detector
from models.manifest import shipped
from models.passes import KINDS, PASSES, Pass, chosen, due, longest_gap
from models.platenet import PlateNet
from models.runtime import Engine, Pixels, Runtime, open_runtime
from models.scaler import Scaler
from models.yolox import YoloX
from models.yunet import YuNet
from vcam.base.errors import DetectError
from vcam.base.media import Analysis, Detection, Kind, Picture, Region
from vcam.base.settings import MaskKind

COUNTS = 0.3
"""Score at which a detection counts, after scores of all passes have been brought to one scale."""
_WEAKEST = 0.1
"""Score, on the same scale, of a detection at the lower threshold that holds where a track is expected."""
_WEAK = 0.5
"""That lower threshold, as a share of the pass's own."""
_EXPECTED = 0.3
"""Least overlap (IoU) of a weak detection with a tracked region of the same kind."""
_SAME = 0.6
"""Detections of one kind that overlap by more (IoU) are one."""

_MARGINS: dict[Kind, tuple[float, float, float]] = {
    Kind.FACE: (0.25, 0.3, 0.2),
    Kind.PLATE: (0.15, 0.2, 0.2),
    Kind.PERSON: (0.1, 0.1, 0.05),
    Kind.VEHICLE: (0.05, 0.05, 0.05),
    Kind.SCREEN: (0.1, 0.1, 0.1),
    Kind.TEXT: (0.02, 0.15, 0.15),
}
"""By how much of its width (each side) and height (up, down) a box is widened: detectors draw faces from brow to chin
and plates within their rim, a mask must cover hair line, ears and frame."""

_BUILDERS: dict[str, Callable[[Runtime], Detector]] = {
    YuNet.name: YuNet,
    CenterFace.name: CenterFace,
    ClpDet.name: ClpDet,
    PlateNet.name: PlateNet,
    YoloX.name: YoloX,
    DbNet.name: DbNet,
}


class Analyst:
    """Detectors of one stream.

    Not for several threads at once. Networks are loaded when first needed, for each picture size that comes.
    """

    def __init__(
        self,
        kinds: Sequence[MaskKind],
        *,
        threads: int = 1,
        engine: Engine | None = None,
        runtime: Runtime | None = None,
    ) -> None:
        """Look for `kinds` with at most `threads` threads for one inference.

        `engine` names the runtime, `runtime` brings one along. Raises DetectError for a kind that no detector finds.
        """
        self._kinds = frozenset(Kind(kind) for kind in kinds)
        unknown = self._kinds - frozenset[Kind]().union(*KINDS.values())
        if unknown:
            names = ", ".join(sorted(unknown))
            raise DetectError(f"No detector finds {names}", mend="Take it out of mask.kinds")
        self._passes = {one.name: one for one in chosen(self._kinds)}
        self._runtime = runtime
        self._engine: Engine | None = engine
        self._threads = threads
        self._detectors: dict[str, Detector] = {}
        self._scaler = Scaler()

    @property
    def families(self) -> dict[str, frozenset[str]]:
        """For each family of kinds that is looked for, the passes of which any one proves it."""
        families: dict[str, set[str]] = {}
        for one in self._passes.values():
            if one.proving:
                families.setdefault(one.family, set()).add(one.name)
        return {family: frozenset(names) for family, names in families.items()}

    def period(self, family: str, fps: float) -> float:
        """Longest time in seconds between proving passes of `family` on a stream of `fps` pictures a second."""
        proving = [one for one in self._passes.values() if one.family == family and one.proving]
        if not proving:
            raise DetectError(f"Nothing is looked for that belongs to {family!r}")
        return longest_gap(proving, fps)

    def plan(self, index: int, fps: float) -> tuple[str, ...]:
        """Names of the passes due for picture `index`, counted from the stream's first; empty when none is.

        The first picture gets every proving pass.
        """
        return tuple(one.name for one in due(self._passes.values(), index, fps))

    def load(self, width: int, height: int) -> None:
        """Load every network for pictures of `width` x `height` now instead of at first need. Raises DetectError."""
        for one in self._passes.values():
            across, down = one.size(width, height)
            self._detect(one, np.zeros((1, down, across, 3), np.uint8), 0.99)

    def analyse(self, picture: Picture, passes: tuple[str, ...], tracked: Sequence[Region]) -> Analysis:
        """Run the named passes on `picture`.

        Where `tracked` regions are expected, weaker detections are reported as well. Scores of all passes are on one
        scale, on which a detection counts from 0.3. Raises DetectError, WeightsError.
        """
        boxes: list[Floats] = []
        scores: list[Floats] = []
        kinds: list[Kind] = []
        pictures: dict[tuple[int, int], Pixels] = {}
        for one in self._worth(passes, picture):
            size = one.size(picture.width, picture.height)
            if size not in pictures:
                pictures[size] = self._scaler.scale(picture.frame, *size)
            found = self._look(one, pictures[size])
            scale = np.array((picture.width / size[0], picture.height / size[1]) * 2, np.float32)
            boxes.append(found.boxes * scale)
            scores.append(found.scores)
            kinds += [self._detector(one.detector).kinds[label] for label in found.labels]
        detections: tuple[Detection, ...] = ()
        if kinds:
            merged = np.concatenate(boxes), np.concatenate(scores)
            detections = self._report(*merged, np.array(kinds, dtype=object), picture, tracked)
        return Analysis(picture.index, picture.pts, frozenset(passes), detections)

    def _worth(self, names: tuple[str, ...], picture: Picture) -> list[Pass]:
        """The passes of these names, but of those that see a small picture alike only the first."""
        seen: dict[tuple[str, int, int], Pass] = {}
        for name in names:
            if name not in self._passes:
                raise DetectError(f"There is no pass called {name!r}")
            one = self._passes[name]
            seen.setdefault((one.detector, *one.size(picture.width, picture.height)), one)
        return list(seen.values())

    def _detector(self, name: str) -> Detector:
        if name not in self._detectors:
            if self._runtime is None:
                self._runtime = open_runtime(self._engine, self._threads)
            self._detectors[name] = _BUILDERS[name](self._runtime)
        return self._detectors[name]

    def _detect(self, one: Pass, pixels: Pixels, threshold: float) -> Found:
        return self._detector(one.detector).detect(pixels, threshold)[0]

    def _look(self, one: Pass, pixels: Pixels) -> Found:
        """What `one` finds from the lower threshold on, in analysed pixels, with scores on the common scale."""
        threshold = one.threshold or shipped().entry(one.detector).threshold(one.side)
        found = self._detect(one, pixels, threshold * _WEAK)
        sides = (found.boxes[:, 2:] - found.boxes[:, :2]).max(axis=1, initial=0.0)
        keep = (sides <= one.ceiling) | (found.scores >= one.strong)
        scores = common_scale(found.scores[keep], threshold)
        return Found(found.boxes[keep], scores, found.labels[keep])

    def _report(
        self,
        boxes: Floats,
        scores: Floats,
        kinds: NDArray[np.object_],
        picture: Picture,
        tracked: Sequence[Region],
    ) -> tuple[Detection, ...]:
        detections: list[Detection] = []
        frame = np.array((picture.width, picture.height) * 2, np.float32)
        for kind, margins in _MARGINS.items():
            members = np.flatnonzero(kinds == kind)
            if not len(members):
                continue
            wide = np.clip(widen(boxes[members], *margins), 0, frame)
            score = scores[members]
            here = [(r.x1, r.y1, r.x2, r.y2) for r in tracked if r.kind is kind]
            expected = np.array(here, np.float32).reshape(-1, 4)
            counts = score >= COUNTS
            counts |= iou(wide, expected).max(axis=1, initial=0.0) >= _EXPECTED
            counts &= areas(wide) > 0
            wide, score = wide[counts], score[counts]
            for at in suppress(wide, score, _SAME):
                detections += self._as_wanted(kind, wide[at], float(score[at]))
        return tuple(detections)

    def _as_wanted(self, kind: Kind, box: Floats, score: float) -> list[Detection]:
        """A finding in the terms of the kinds that were asked for."""
        x1, y1, x2, y2 = (float(edge) for edge in box)
        out = [Detection(x1, y1, x2, y2, score, kind)] if kind in self._kinds else []
        if kind is Kind.PERSON and Kind.HEAD in self._kinds:
            # a standing body is seven to eight heads high; half as much again for bent and cut-off ones
            height = min(y2 - y1, max(0.2 * (y2 - y1), 0.5 * (x2 - x1)))
            out.append(Detection(x1, y1, x2, y1 + height, score, Kind.HEAD))
        if kind is Kind.VEHICLE and Kind.PLATE_BAND in self._kinds:
            # plates hang at bumper or boot height: never in a vehicle's upper third
            out.append(Detection(x1, y1 + (y2 - y1) / 3, x2, y2, score, Kind.PLATE_BAND))
        return out


def common_scale(scores: Floats, threshold: float) -> Floats:
    """Scores of a pass, from half of its `threshold` on, on the scale on which a detection counts from 0.3."""
    weak = _WEAKEST + (scores / threshold - _WEAK) / (1 - _WEAK) * (COUNTS - _WEAKEST)
    strong = COUNTS + (scores - threshold) / (1 - threshold) * (1 - COUNTS)
    return np.clip(np.where(scores < threshold, weak, strong), 0, 1).astype(np.float32)


__all__ = ["COUNTS", "PASSES", "Analyst", "common_scale"]
