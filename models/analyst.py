"""Looks at pictures: runs the passes that are due, and says where things are in the full picture."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.bodies import Margins, as_wanted
from models.boxes import Floats, Found, areas, iou, widen
from models.centerface import CenterFace
from models.dbnet import DbNet
from models.detector import Detector
from models.imported import Imported, companions, unite
from models.manifest import shipped
from models.motion import Learning, Motion
from models.passes import KINDS, PASSES, STILL_PASSES, Pass, Size, chosen, due, longest_gap
from models.platenet import PlateNet
from models.presets import passes_of
from models.runtime import Engine, Pixels, Runtime, open_runtime
from models.scaler import Scaler
from models.witness import Witness
from models.yolox import YoloX
from models.yunet import YuNet
from vcam.base.errors import DetectError
from vcam.base.media import Analysis, Detection, Kind, Picture, Region
from vcam.base.presets import Preset
from vcam.base.settings import Device, MaskKind

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

_SURE = {Kind.FACE: 0.7, Kind.PLATE: 0.65}
"""Score of a face or plate that needs nothing to bear it out."""

_PICTURE = 0.04
"""Seconds between pictures, about."""

_MARGINS: dict[Kind, Margins] = {
    Kind.FACE: (0.33, 0.33, 0.33),
    Kind.PLATE: (0.04, 0.08, 0.08),
    Kind.PERSON: (0.1, 0.1, 0.05),
    Kind.VEHICLE: (0.05, 0.05, 0.05),
    Kind.MOTION: (0.05, 0.05, 0.05),
    Kind.SCREEN: (0.1, 0.1, 0.1),
    Kind.TEXT: (0.02, 0.15, 0.15),
}
"""By how much of its width (each side) and height (up, down) a box is widened: detectors draw faces from brow to chin
and plates within their rim, a mask must cover hair line, ears and frame."""

_BUILDERS: dict[str, Callable[[Runtime], Detector]] = {
    YuNet.name: YuNet,
    CenterFace.name: CenterFace,
    PlateNet.name: PlateNet,
    YoloX.name: YoloX,
    Motion.name: lambda _: Motion(),
    DbNet.name: DbNet,
}


@dataclass(frozen=True, slots=True)
class _Seen:
    """What all passes on a picture found: boxes (n, 4) in its pixels, scores on the common scale, the seconds until
    each one's pass comes again, the detector that saw it, kinds."""

    boxes: Floats
    scores: Floats
    every: NDArray[np.float64]
    detectors: NDArray[np.object_]
    kinds: NDArray[np.object_]


class Analyst:
    """Detectors of one stream.

    Not for several threads at once. Networks are loaded when first needed, for each picture size that comes.
    """

    def __init__(
        self,
        kinds: Sequence[MaskKind],
        *,
        preset: Preset = "default",
        threads: int = 1,
        engine: Engine | None = None,
        runtime: Runtime | None = None,
        device: Device = "cpu",
        extra: Sequence[Imported] = (),
        thorough: bool = False,
        still: bool = False,
    ) -> None:
        """Look for `kinds` by the passes of `preset`, and by the `extra` detectors, with at most `threads` threads.

        A `thorough` analyst, for files, gives every picture the passes that a live one gives as its budget allows.
        One for `still` pictures, each held for a second, gives them passes that no stream could afford.
        `engine` and `device` choose the runtime, `runtime` brings one along. Raises DetectError for a kind that no
        detector finds.
        """
        self._kinds = frozenset(Kind(kind) for kind in kinds)
        self._thorough = thorough
        unknown = self._kinds - frozenset[Kind]().union(*KINDS.values())
        if unknown:
            names = ", ".join(sorted(unknown))
            raise DetectError(f"No detector finds {names}", mend="Take it out of mask.kinds")
        table = chosen(self._kinds, passes_of(preset, (*PASSES, *STILL_PASSES) if still else PASSES))
        self._passes = {one.name: one for one in (*table, *(one.look() for one in extra))}
        self._builders = _BUILDERS | {one.name: one.build for one in extra}
        self._runtime = runtime
        self._engine: Engine | None = engine
        self._device: Device = device
        self._threads = threads
        self._detectors: dict[str, Detector] = {}
        self._scaler = Scaler()
        self._witness = Witness(self._passes.values(), self.always)
        self._last = 0

    @property
    def always(self) -> frozenset[str]:
        """Names of the passes that every picture gets."""
        if not self._thorough:
            return frozenset()
        return frozenset(one.name for one in self._passes.values() if one.budget)

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

    def plan(self, index: int, fps: float, size: Size) -> tuple[str, ...]:
        """Names of the passes due for picture `index` of `size`, counted from the stream's first; empty when none is.

        The first picture gets every proving pass. A thorough analyst looks for vehicles whenever it looks for plates,
        for they bear each other out.
        """
        planned = due(self._passes.values(), index, fps, size)
        if self._thorough and any(one.family == "plate" for one in planned):
            objects = (one for one in self._passes.values() if one.family == "object" and one not in planned)
            planned = (*planned, *objects)
        return tuple(one.name for one in planned)

    def load(self, width: int, height: int) -> None:
        """Load every network for pictures of `width` x `height` now instead of at first need, for a new stream.

        Raises DetectError.
        """
        self._detectors.pop(Motion.name, None)
        for one in self._passes.values():
            if one.detector == Motion.name:
                continue
            across, down = one.size(width, height)
            self._detect(one, np.zeros((1, down, across, 3), np.uint8), 0.99)

    def analyse(self, picture: Picture, passes: tuple[str, ...], tracked: Sequence[Region]) -> Analysis:
        """Run the named passes on `picture`.

        Where `tracked` regions are expected, weaker detections are reported as well. Scores of all passes are on one
        scale, on which a detection counts from 0.3. A pass that knows too little of the scene yet is not among those
        of the answer. A picture before the last one begins another stream. Raises DetectError, WeightsError.
        """
        if picture.pts < self._last:
            self._detectors.pop(Motion.name, None)
        self._last = picture.pts
        boxes: list[Floats] = []
        scores: list[Floats] = []
        every: list[float] = []
        kinds: list[Kind] = []
        detectors: list[str] = []
        learning: set[str] = set()
        whole = (picture.width, picture.height)
        pictures: dict[Size, Pixels] = {}
        for one in sorted(self._worth(passes, picture), key=lambda one: -math.prod(one.size(*whole))):
            size = one.size(*whole)
            if size not in pictures:
                pictures[size] = self._scaler.scale(picture.frame, *size, made=pictures)
            enlarged = one.side > max(picture.width, picture.height)
            try:
                found = self._look(one, pictures[size], enlarged=enlarged)
            except Learning:
                learning.add(one.name)
                continue
            scale = np.array((picture.width / size[0], picture.height / size[1]) * 2, np.float32)
            boxes.append(found.boxes * scale)
            scores.append(found.scores)
            every += [self._every(one, picture)] * len(found.boxes)
            kinds += [self._detector(one.detector).kinds[label] for label in found.labels]
            detectors += [one.detector] * len(found)
        seen = _Seen(
            np.concatenate([np.zeros((0, 4), np.float32), *boxes]),
            np.concatenate([np.zeros(0, np.float32), *scores]),
            np.array(every, np.float64),
            np.array(detectors, dtype=object),
            np.array(kinds, dtype=object),
        )
        self._witness.saw(passes, seen.boxes, seen.kinds)
        detections = self._report(seen, picture, tracked)
        return Analysis(picture.index, picture.pts, frozenset(passes) - learning, detections)

    def _worth(self, names: tuple[str, ...], picture: Picture) -> list[Pass]:
        """The passes of these names, with the imported ones that go along.

        Of those that see a small picture alike only one: a proving one, else one that looks at every picture.
        """
        seen: dict[tuple[str, bool, int, int], Pass] = {}
        for name in names:
            if name not in self._passes:
                raise DetectError(f"There is no pass called {name!r}")
        # else in the order of the plan, in which the one that sees more comes first
        asked = [one for one in self._passes.values() if one.name in names]
        asked.sort(key=lambda one: (not one.proving, one.name not in self.always))
        for one in (*asked, *companions(self._passes.values(), asked)):
            seen.setdefault((one.detector, one.mirrored, *one.size(picture.width, picture.height)), one)
        return list(seen.values())

    def _detector(self, name: str) -> Detector:
        if name not in self._detectors:
            if self._runtime is None:
                self._runtime = open_runtime(self._engine, self._threads, self._device)
            self._detectors[name] = self._builders[name](self._runtime)
        return self._detectors[name]

    def _detect(self, one: Pass, pixels: Pixels, threshold: float) -> Found:
        if not one.mirrored:
            return self._detector(one.detector).detect(pixels, threshold)[0]
        found = self._detector(one.detector).detect(np.ascontiguousarray(pixels[:, :, ::-1]), threshold)[0]
        boxes = found.boxes.copy()
        boxes[:, (0, 2)] = pixels.shape[2] - found.boxes[:, (2, 0)]
        return Found(boxes, found.scores, found.labels)

    def _look(self, one: Pass, pixels: Pixels, *, enlarged: bool) -> Found:
        """What `one` finds from the lower threshold on, in analysed pixels, with scores on the common scale."""
        threshold = one.threshold or shipped().entry(one.detector).threshold(one.side)
        threshold = max(threshold, one.enlarged) if enlarged else threshold
        found = self._detect(one, pixels, threshold * _WEAK)
        sides = (found.boxes[:, 2:] - found.boxes[:, :2]).max(axis=1, initial=0.0)
        keep = (sides <= one.ceiling) | (found.scores >= one.strong)
        scores = common_scale(found.scores[keep], threshold)
        return Found(found.boxes[keep], scores, found.labels[keep])

    def _every(self, one: Pass, picture: Picture) -> float:
        if one.name in self.always:
            return _PICTURE
        return one.every((picture.width, picture.height))

    def _report(
        self,
        seen: _Seen,
        picture: Picture,
        tracked: Sequence[Region],
    ) -> tuple[Detection, ...]:
        detections: list[Detection] = []
        frame = np.array((picture.width, picture.height) * 2, np.float32)
        for kind, margins in _MARGINS.items():
            members = np.flatnonzero(seen.kinds == kind)
            if not len(members):
                continue
            wide = np.clip(widen(seen.boxes[members], *margins), 0, frame)
            score, again = seen.scores[members], seen.every[members]
            here = [(r.x1, r.y1, r.x2, r.y2) for r in tracked if r.kind is kind]
            expected = np.array(here, np.float32).reshape(-1, 4)
            counts = score >= COUNTS
            near = iou(wide, expected).max(axis=1, initial=0.0) >= _EXPECTED
            counts |= near
            counts &= areas(wide) > 0
            if kind in _SURE:
                size = (picture.width, picture.height)
                believed = self._witness.believes(kind, seen.boxes[members], seen.detectors[members], size)
                counts &= near | (score >= _SURE[kind]) | believed
            ours = np.array([name in _BUILDERS for name in seen.detectors[members]], np.bool_)
            wide, score, again = wide[counts], score[counts], again[counts]
            kept, score = unite(wide, score, ours[counts], counts=COUNTS, limit=_SAME)
            for at in kept:
                x1, y1, x2, y2 = (float(edge) for edge in wide[at])
                detections.append(Detection(x1, y1, x2, y2, float(score[at]), kind, float(again[at])))
        return tuple(as_wanted(detections, tracked, self._kinds, (picture.width, picture.height), _MARGINS))


def common_scale(scores: Floats, threshold: float) -> Floats:
    """Scores of a pass, from half of its `threshold` on, on the scale on which a detection counts from 0.3."""
    weak = _WEAKEST + (scores / threshold - _WEAK) / (1 - _WEAK) * (COUNTS - _WEAKEST)
    strong = COUNTS + (scores - threshold) / (1 - threshold) * (1 - COUNTS)
    return np.clip(np.where(scores < threshold, weak, strong), 0, 1).astype(np.float32)


__all__ = ["COUNTS", "PASSES", "Analyst", "common_scale"]
