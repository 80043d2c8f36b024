"""The faces and plates of real footage, as full-size detectors see them in every picture.

What is seen in one picture and missed in the next tells nothing of faults. Kept are things that are seen nearly
all the time for a while, and of those what one of the product's own passes sees whenever it may come to look.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, Final

from models.analyst import Analyst
from models.centerface import CenterFace
from models.detector import STRIDE, Detector
from models.passes import CYCLE, Pass, chosen
from models.runtime import open_runtime
from models.scaler import Scaler
from models.yunet import YuNet
from vcam.base.media import Kind, Picture
from vcam.source import FileSource
from vcam.track.box import Box, between, overlap

SAME: Final = 0.3
"""Least IoU of one thing in two pictures."""
GAP: Final = 2
"""Pictures for which a thing may be missed."""
LASTS: Final = 0.85
"""Seconds for which a thing must be in view. The proof allows gaps of 2.25 periods of 0.36 s between two looks."""
SEEN: Final = 0.85
"""Least share of those pictures in which it is seen."""
SURE: Final = 0.97
"""Least share of the pictures around in which one pass sees a thing that it is able to see."""
COVERED: Final = 0.7
"""Least share of a thing's box that a finding of it covers."""
_FACES: Final = ((CenterFace, 0.4), (YuNet, 0.6))
_PLATE_RIM: Final = 0.12
"""Share of a plate's box on each side that is the analyst's margin and no plate."""
_FORM: Final = 3
"""Goes up when numbers that were kept before no longer hold."""


@dataclass(frozen=True, slots=True)
class Truth:
    """A face or plate in one picture, in pixels."""

    kind: Kind
    box: Box

    @property
    def side(self) -> float:
        """Its shorter side in pixels."""
        return min(self.box[2] - self.box[0], self.box[3] - self.box[1])

    def scaled(self, by: float, right: float, below: float) -> Truth:
        """The same in a picture scaled by that factor, and then moved."""
        x1, y1, x2, y2 = self.box
        return Truth(self.kind, (x1 * by + right, y1 * by + below, x2 * by + right, y2 * by + below))


@dataclass(slots=True)
class _Thing:
    """One thing over pictures: where it was seen, by picture."""

    kind: Kind
    seen: dict[int, Box] = field(default_factory=dict)

    @property
    def last(self) -> int:
        return next(reversed(self.seen))

    def lasting(self, pictures: float) -> bool:
        length = self.last - next(iter(self.seen)) + 1
        return length >= pictures and len(self.seen) >= SEEN * length

    def places(self) -> dict[int, Box]:
        """Its box in every picture from first to last."""
        numbers = list(self.seen)
        out: dict[int, Box] = {}
        for one, two in zip(numbers, numbers[1:] or numbers, strict=False):
            for number in range(one, two + 1):
                share = (number - one) / max(1, two - one)
                out[number] = between(self.seen[one], self.seen[two], share)
        return out


def follow(pictures: Sequence[Sequence[Truth]], fps: float) -> list[list[Truth]]:
    """Of what was seen in each picture, at `fps` a second, the lasting things, in every picture of their while."""
    things: list[_Thing] = []
    for number, seen in enumerate(pictures):
        for one in seen:
            open_ = [t for t in things if t.kind is one.kind and number - GAP - 1 <= t.last < number]
            best = max(open_, key=lambda thing: overlap(thing.seen[thing.last], one.box), default=None)
            if best is None or overlap(best.seen[best.last], one.box) < SAME:
                best = _Thing(one.kind)
                things.append(best)
            best.seen[number] = one.box
    out: list[list[Truth]] = [[] for _ in pictures]
    for thing in things:
        if thing.lasting(LASTS * fps):
            for number, box in thing.places().items():
                out[number].append(Truth(thing.kind, box))
    return out


class _Eyes:
    """Detectors at the pictures' own size."""

    def __init__(self, kinds: Sequence[Kind]) -> None:
        runtime = open_runtime(None, 2)
        self._scaler = Scaler()
        self._faces: list[tuple[Detector, float]] = []
        if Kind.FACE in kinds:
            self._faces = [(form(runtime), threshold) for form, threshold in _FACES]
        self._plates = Analyst(["plate"], threads=2) if Kind.PLATE in kinds else None

    def look(self, picture: Picture) -> list[Truth]:
        found: list[Truth] = []
        width, height = (max(1, round(side / STRIDE)) * STRIDE for side in (picture.width, picture.height))
        across, down = picture.width / width, picture.height / height
        batch = self._scaler.scale(picture.frame, width, height)
        for detector, threshold in self._faces:
            for box in detector.detect(batch, threshold)[0].boxes:
                x1, y1, x2, y2 = (float(edge) for edge in box)
                one = Truth(Kind.FACE, (x1 * across, y1 * down, x2 * across, y2 * down))
                if all(overlap(one.box, other.box) < SAME for other in found):
                    found.append(one)
        if self._plates is not None:
            passes = frozenset[str]().union(*self._plates.families.values())
            for seen in self._plates.analyse(picture, tuple(sorted(passes)), ()).detections:
                rim_x, rim_y = (seen.x2 - seen.x1) * _PLATE_RIM, (seen.y2 - seen.y1) * _PLATE_RIM
                box = (seen.x1 + rim_x, seen.y1 + rim_y, seen.x2 - rim_x, seen.y2 - rim_y)
                found.append(Truth(Kind.PLATE, box))
        return found


class _Passes:
    """The product's passes, each on its own."""

    def __init__(self, kinds: Sequence[Kind]) -> None:
        self._analyst = Analyst(["face", "plate"], threads=2)
        self.names = [one.name for one in chosen(kinds)]

    def look(self, picture: Picture) -> dict[str, list[Truth]]:
        return {
            name: [
                Truth(seen.kind, (seen.x1, seen.y1, seen.x2, seen.y2))
                for seen in self._analyst.analyse(picture, (name,), ()).detections
            ]
            for name in self.names
        }


def _kept(path: Path, cache: Path, form: object, make: Callable[[], object]) -> Any:
    """What `make` gives as JSON, kept in `cache` for this file and `form`."""
    digest = hashlib.blake2b(path.read_bytes(), digest_size=8)
    digest.update(repr((form, _FORM)).encode())
    kept = cache / f"{digest.hexdigest()}.json"
    if not kept.exists():
        cache.mkdir(parents=True, exist_ok=True)
        part = kept.with_suffix(".part")
        part.write_text(json.dumps(make()))
        part.replace(kept)
    return json.loads(kept.read_text())


def _pictures(path: Path, count: int) -> Iterator[Picture]:
    events = (event for event in FileSource(path).events() if isinstance(event, Picture))
    return islice(events, count)


def _plain(found: Sequence[Truth]) -> list[list[object]]:
    return [[one.kind, *(round(edge, 2) for edge in one.box)] for one in found]


def _rich(line: Sequence[Any]) -> list[Truth]:
    return [Truth(Kind(kind), (x1, y1, x2, y2)) for kind, x1, y1, x2, y2 in line]


def reference(path: Path, count: int, kinds: Sequence[Kind], cache: Path) -> list[list[Truth]]:
    """What each of the first `count` pictures of the clip at `path` shows of `kinds`, by detectors at full size.

    Numbers are kept in `cache`. Raises DetectError, SourceError.
    """

    def make() -> object:
        eyes = _Eyes(kinds)
        return [_plain(eyes.look(picture)) for picture in _pictures(path, count)]

    return [_rich(line) for line in _kept(path, cache, (count, sorted(kinds)), make)]


def able(
    path: Path, fps: float, truth: Sequence[Sequence[Truth]], kinds: Sequence[Kind], cache: Path
) -> list[list[Truth]]:
    """Of `truth`, what one pass at least sees in nearly all pictures around, wherever in its turn it comes.

    `truth` is that of the first pictures of the clip at `path`, `fps` its rate. Raises DetectError, SourceError.
    """
    count = len(truth)
    kinds = sorted({one.kind for line in truth for one in line} & set(kinds))

    def make() -> object:
        passes = _Passes(kinds)
        looks = (passes.look(picture) for picture in _pictures(path, count))
        return [{name: _plain(found) for name, found in look.items()} for look in looks]

    looks = _kept(path, cache, (count, sorted(kinds), repr(chosen(kinds))), make)
    seen = {
        one.name: [
            [any(_holds(other, real) for other in _rich(look[one.name])) for real in line]
            for look, line in zip(looks, truth, strict=True)
        ]
        for one in chosen(kinds)
    }
    return [
        [
            real
            for place, real in enumerate(line)
            if any(_sure(seen[one.name], truth, number, place, _reach(one, fps)) for one in chosen(kinds))
        ]
        for number, line in enumerate(truth)
    ]


def _reach(one: Pass, fps: float) -> int:
    """Pictures before and after, of which a pass looks at one at least."""
    return round(1.25 * fps * CYCLE / max(1, len(one.slots)))


def _sure(
    seen: Sequence[Sequence[bool]], truth: Sequence[Sequence[Truth]], number: int, place: int, reach: int
) -> bool:
    """Whether a pass sees the thing of picture `number` in nearly all pictures within `reach` that show it."""
    hits: list[bool] = []
    for step in (1, -1):
        box = truth[number][place].box
        for at in range(number, number + step * (reach + 1), step):
            if not 0 <= at < len(truth):
                break
            same = [p for p, one in enumerate(truth[at]) if overlap(one.box, box) >= SAME]
            if not same:
                break
            box = truth[at][same[0]].box
            hits.append(seen[at][same[0]])
    return sum(hits) >= SURE * len(hits)


def _holds(seen: Truth, real: Truth) -> bool:
    x1, y1 = max(seen.box[0], real.box[0]), max(seen.box[1], real.box[1])
    x2, y2 = min(seen.box[2], real.box[2]), min(seen.box[3], real.box[3])
    area = (real.box[2] - real.box[0]) * (real.box[3] - real.box[1])
    return seen.kind is real.kind and max(0.0, x2 - x1) * max(0.0, y2 - y1) >= COVERED * area
