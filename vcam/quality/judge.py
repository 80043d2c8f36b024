"""Judges: detectors that look at every original picture at full size, to see what a mask should have covered.

What they see is no truth: they miss faces, and see some that are none. So each is named with its own figures.
"""

from __future__ import annotations

import hashlib
import importlib.util
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import version
from typing import Any, Literal, Protocol

import numpy as np

from models.centerface import CenterFace
from models.detector import STRIDE, Detector
from models.manifest import shipped
from models.platenet import PlateNet
from models.runtime import Pixels, Runtime, open_runtime
from models.scaler import Scaler
from models.yunet import YuNet
from vcam.base.errors import ConfigError
from vcam.base.media import Picture

JudgedKind = Literal["face", "plate"]

Seen = tuple[float, float, float, float, float]
"""x1, y1, x2, y2 in pixels of the full picture, cut at its edges, and the judge's own score."""

MAIN = "centerface"
"""The judge of faces whose boxes set the limit of the masked area."""

_LEAST = 1.0
"""Shortest side of a box that counts, in pixels."""


class View:
    """One picture as judges look at it."""

    def __init__(self, picture: Picture, scaler: Scaler) -> None:
        self._picture = picture
        self._scaler = scaler
        self.width, self.height = picture.width, picture.height

    @cached_property
    def pixels(self) -> Pixels:
        """uint8 BGR (1, height, width, 3), stretched to the next multiples of 32 as the networks need it."""
        across, down = (-(-side // STRIDE) * STRIDE for side in (self.width, self.height))
        return self._scaler.scale(self._picture.frame, across, down)

    @cached_property
    def exact(self) -> Pixels:
        """uint8 BGR (height, width, 3)."""
        return np.asarray(self._scaler.scale(self._picture.frame, self.width, self.height)[0], np.uint8)


class Judge(Protocol):
    """Somebody who says where faces or plates are."""

    @property
    def name(self) -> str: ...

    @property
    def kind(self) -> JudgedKind: ...

    @property
    def about(self) -> str:
        """What it is and at which score it counts, for people."""

    @property
    def independent(self) -> bool:
        """Whether the product does without its detector."""

    @property
    def key(self) -> str:
        """Changes whenever what it says may change: hexadecimal."""

    def look(self, view: View) -> list[Seen]:
        """What it sees. Raises DetectError."""


def _key(*parts: object) -> str:
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]


def _cut(seen: Iterable[Seen], view: View) -> list[Seen]:
    """Boxes cut at the picture's edges and rounded to a tenth of a pixel; those without an area are left out."""
    out = []
    for x1, y1, x2, y2, score in seen:
        left, top = max(0.0, round(x1, 1)), max(0.0, round(y1, 1))
        right, bottom = min(float(view.width), round(x2, 1)), min(float(view.height), round(y2, 1))
        if right - left >= _LEAST and bottom - top >= _LEAST:
            out.append((left, top, right, bottom, round(score, 3)))
    return out


@dataclass(frozen=True)
class FullSize:
    """One of the project's networks, at full size and with a threshold of its own."""

    name: str
    kind: JudgedKind
    threshold: float
    detector: Detector
    engine: str
    independent: bool = False

    @property
    def about(self) -> str:
        return f"{self.name} at full size, score {self.threshold:g}"

    @property
    def key(self) -> str:
        return _key(self.name, shipped().entry(self.name).sha256, self.threshold, self.engine)

    def look(self, view: View) -> list[Seen]:
        pixels = view.pixels
        found = self.detector.detect(pixels, self.threshold)[0]
        scale = np.array((view.width / pixels.shape[2], view.height / pixels.shape[1]) * 2)
        rows = zip((found.boxes * scale).tolist(), found.scores.tolist(), strict=True)
        return _cut(((box[0], box[1], box[2], box[3], score) for box, score in rows), view)


class DlibHog:
    """dlib's frontal faces: histograms of oriented gradients (Dalal, Triggs, 2005), which no mask is made from.

    It sees faces from about 40 pixels, or 80 in large pictures, which it does not enlarge.
    """

    name = "dlib_hog"
    kind: JudgedKind = "face"
    about = "dlib's HOG detector of frontal faces, score 0"
    independent = True
    _ENLARGED = 1_000_000

    def __init__(self) -> None:
        import dlib

        self._detector: Any = dlib.get_frontal_face_detector()

    @property
    def key(self) -> str:
        return _key(self.name, version("dlib-bin"), self._ENLARGED)

    def look(self, view: View) -> list[Seen]:
        enlarge = int(view.width * view.height <= self._ENLARGED)
        boxes, scores, _ = self._detector.run(np.ascontiguousarray(view.exact[..., ::-1]), enlarge, 0.0)
        rows = zip(boxes, scores, strict=True)
        return _cut(((b.left(), b.top(), b.right() + 1, b.bottom() + 1, score) for b, score in rows), view)


def chosen_judges(names: Sequence[str]) -> list[Judge]:
    """The judges called `names`, or all when none is named. Raises ConfigError for one that is not here."""
    here = {judge.name: judge for judge in judges()}
    unknown = [name for name in names if name not in here]
    if unknown:
        raise ConfigError(
            f"There is no judge {', '.join(unknown)} here", mend=f"Choose among: {', '.join(here)}"
        )
    return [here[name] for name in names or here]


def judges(runtime: Runtime | None = None) -> list[Judge]:
    """Every judge there is here. Raises DetectError when no runtime is installed."""
    runtime = runtime or open_runtime()
    plates = shipped().entry(PlateNet.name).threshold(0)
    found: list[Judge] = [
        FullSize(CenterFace.name, "face", 0.4, CenterFace(runtime), runtime.engine),
        FullSize(YuNet.name, "face", 0.5, YuNet(runtime), runtime.engine),
        FullSize(PlateNet.name, "plate", plates, PlateNet(runtime), runtime.engine),
    ]
    if importlib.util.find_spec("dlib"):
        found.append(DlibHog())
    return found
