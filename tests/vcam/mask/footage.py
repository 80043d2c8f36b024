"""People of the evaluation footage in several pictures each, with the regions that the pipeline would mask."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import av
import cv2
import numpy as np

from models.analyst import Analyst
from tests.vcam.mask.recogniser import Pixels, Points, Recogniser
from vcam.base.media import TICKS, Picture, Region, StreamInfo
from vcam.base.settings import MaskSettings, Zone
from vcam.mask.masker import Masker
from vcam.screen import PLAN_RATE, Screen, Work
from vcam.source import FileSource

HIGH = 90
"""Least height of a region in pixels. Its face is 60 high."""


@dataclass(frozen=True)
class View:
    """One face in one picture; `regions` are all that the picture has to be masked for, `region` is this face's."""

    pixels: Pixels
    regions: tuple[Region, ...]
    region: Region
    points: Points

    def masked(self, masker: Masker) -> Pixels:
        """The whole picture, masked."""
        return masked(self.pixels, self.regions, masker)


@dataclass(frozen=True)
class Person:
    """One person: `known` for a gallery, `seen` in another picture, `more` of them for averages."""

    known: View
    seen: View
    more: tuple[View, ...]


def masked(pixels: Pixels, regions: Sequence[Region], masker: Masker) -> Pixels:
    """A masked copy of an RGB picture of even width and height."""
    frame = _frame(pixels)
    masker.apply(Picture(frame, 0, 0, 0), regions)
    return np.asarray(frame.reformat(format="rgb24").to_ndarray(), np.uint8)


def _frame(pixels: Pixels) -> av.VideoFrame:
    return av.VideoFrame.from_ndarray(np.ascontiguousarray(pixels), format="rgb24").reformat(format="yuv420p")


class _Listener(Masker):
    """Takes down what it is to mask."""

    def __init__(self) -> None:
        super().__init__("mosaic")
        self.heard: list[tuple[Picture, tuple[Region, ...]]] = []
        self.keep: int = 1

    def apply(
        self, picture: Picture, regions: Sequence[Region], zones: Sequence[Zone] = ()
    ) -> tuple[Region, ...]:
        if picture.index % self.keep == 0:
            self.heard.append((picture, tuple(regions)))
        return tuple(regions)


class Watch:
    """The pipeline up to its mask."""

    def __init__(self) -> None:
        self._settings = MaskSettings(kinds=["face"])
        self._analyst = Analyst(self._settings.kinds)

    def still(self, pixels: Pixels) -> tuple[Region, ...]:
        """What is masked in a stream of one picture."""
        screen, listener = self._screen(1)
        frame = _frame(pixels)
        info = StreamInfo("", frame.width, frame.height, PLAN_RATE)
        self._run(screen, info, iter([Picture(frame, 0, 0, 0)]))
        return listener.heard[0][1] if listener.heard else ()

    def clip(self, path: Path, count: int, keep: int) -> list[tuple[Pixels, tuple[Region, ...]]]:
        """What is masked in every `keep`th of the first `count` pictures."""
        screen, listener = self._screen(keep)
        with contextlib.closing(FileSource(path)) as source:
            events = source.events()
            info = next(event for event in events if isinstance(event, StreamInfo))
            pictures = (event for event in events if isinstance(event, Picture))
            self._run(screen, info, (one for one, _ in zip(pictures, range(count), strict=False)))
        return [
            (np.asarray(picture.frame.reformat(format="rgb24").to_ndarray(), np.uint8), regions)
            for picture, regions in listener.heard
        ]

    def _screen(self, keep: int) -> tuple[Screen, _Listener]:
        screen, listener = Screen(self._settings, self._analyst), _Listener()
        listener.keep = keep
        screen._masker = listener
        return screen, listener

    def _run(self, screen: Screen, info: StreamInfo, pictures: Iterator[Picture]) -> None:
        list(screen.open(info))
        for picture in pictures:
            screen.push(picture, picture.pts / TICKS)
            self._look(screen, screen.owed(picture))
            list(screen.release(picture.pts / TICKS))
        self._look(screen, screen.proof(picture))
        list(screen.drain())

    def _look(self, screen: Screen, work: Work | None) -> None:
        if work is not None:
            screen.learn(self._analyst.analyse(work.picture, work.passes, work.tracked))


def from_stills(files: Sequence[Path], count: int, watch: Watch, eyes: Recogniser) -> list[Person]:
    """The first `count` people in pictures, and each again in a copy: moved, scaled, in other light, compressed."""
    rng = np.random.default_rng(5)
    people: list[Person] = []
    for file in files:
        pixels = _even(np.asarray(cv2.imread(str(file)), np.uint8)[:, :, ::-1])
        views = _views(pixels, watch.still(pixels), eyes)
        if not views:
            continue
        scale, (x, y) = rng.uniform(0.8, 1.25), rng.uniform(8, 40, 2)
        copy = _copy(pixels, scale, x, y, rng)
        again = _views(copy, watch.still(copy), eyes)
        for view in views:
            there = view.points * scale + (x, y)
            near = [
                one for one in again if np.abs(one.points - there).max() < 0.1 * (one.region.y2 - one.region.y1)
            ]
            if near:
                people.append(Person(view, near[0], _slid(near[0], rng)))
        if len(people) >= count:
            break
    return people[:count]


def from_clip(path: Path, watch: Watch, eyes: Recogniser, *, count: int, keep: int) -> list[Person]:
    """Everybody whom one track holds for half of the first `count` pictures: early for the gallery, seen late."""
    tracks: dict[int, list[tuple[int, View]]] = {}
    for number, (pixels, regions) in enumerate(watch.clip(path, count, keep)):
        for view in _views(pixels, regions, eyes):
            tracks.setdefault(view.region.track, []).append((number, view))
    people = []
    for views in tracks.values():
        if (views[-1][0] - views[0][0]) * keep >= count / 2:
            people.append(
                Person(views[0][1], views[-1][1], tuple(view for _, view in views[len(views) // 2 :]))
            )
    return people


def _views(pixels: Pixels, regions: tuple[Region, ...], eyes: Recogniser) -> list[View]:
    found: list[View] = []
    for region in regions:
        points = eyes.points(pixels, region) if region.y2 - region.y1 >= HIGH else None
        # Two tracks may hold one face.
        if points is not None and all(np.abs(points - other.points).max() > 10 for other in found):
            found.append(View(pixels, regions, region, points))
    return found


def _copy(pixels: Pixels, scale: float, x: float, y: float, rng: np.random.Generator) -> Pixels:
    size = (int(pixels.shape[1] * scale + 48), int(pixels.shape[0] * scale + 48))
    move = np.array([[scale, 0, x], [0, scale, y]])
    moved = cv2.warpAffine(pixels, move, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    lit = np.clip((moved / 255) ** rng.uniform(0.7, 1.4) * 255 * rng.uniform(0.8, 1.15), 0, 255)
    quality = int(rng.integers(40, 80))
    jpeg = cv2.imencode(".jpg", lit.astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
    return _even(np.asarray(cv2.imdecode(jpeg, cv2.IMREAD_COLOR), np.uint8))


def _slid(view: View, rng: np.random.Generator) -> tuple[View, ...]:
    """The same picture moved a little, as a camera that shakes or a head that passes gives it."""
    views = []
    for _ in range(8):
        x, y = rng.uniform(0, 40, 2)
        move = np.array([[1, 0, x], [0, 1, y]], np.float64)
        height, width = view.pixels.shape[:2]
        moved = cv2.warpAffine(view.pixels, move, (width + 40, height + 40), borderMode=cv2.BORDER_REPLICATE)
        regions = tuple(_by(region, x, y) for region in view.regions)
        views.append(
            View(np.asarray(moved, np.uint8), regions, _by(view.region, x, y), view.points + np.array([x, y]))
        )
    return tuple(views)


def _by(region: Region, x: float, y: float) -> Region:
    edges = (region.x1 + x, region.y1 + y, region.x2 + x, region.y2 + y)
    return Region(*edges, region.kind, region.track, region.score)


def _even(pixels: Pixels) -> Pixels:
    return np.ascontiguousarray(pixels[: pixels.shape[0] // 2 * 2, : pixels.shape[1] // 2 * 2])
