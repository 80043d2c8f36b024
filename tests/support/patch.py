"""A stream with one secret in it, a chequered patch that moves over grey, and an analyst that finds it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from vcam.base.errors import DetectError
from vcam.base.media import TICKS, Analysis, Detection, Kind, Picture, Region

GREY = 128
PATCH = 48
RATE = 25


@dataclass
class PatchScene:
    """Pictures of a patch that enters from the left and leaves on the right."""

    width: int = 640
    height: int = 360
    speed: float = 4.0

    def place(self, number: int) -> tuple[int, int]:
        """Top left corner of the patch in picture `number`."""
        return round(number * self.speed) - PATCH, self.height // 3

    def picture(self, number: int, *, pts: int | None = None, damaged: bool = False) -> Picture:
        """Picture `number`, at 25 a second unless `pts` says otherwise."""
        luma = np.full((self.height, self.width), GREY, np.uint8)
        x, y = self.place(number)
        if -PATCH < x < self.width:
            rows, columns = np.mgrid[y : y + PATCH, max(x, 0) : min(x + PATCH, self.width)]
            luma[rows, columns] = np.where((rows // 2 + (columns - x) // 2) % 2, 255, 0)
        chroma = np.full((self.height // 2, self.width), GREY, np.uint8)
        frame = VideoFrame.from_ndarray(np.concatenate((luma, chroma)), format="yuv420p")
        return Picture(frame, number, number * TICKS // RATE if pts is None else pts, 0, damaged)


def rgb(picture: Picture) -> NDArray[np.uint8]:
    """The picture as uint8 RGB."""
    return np.asarray(picture.frame.to_ndarray(format="rgb24"), np.uint8)


def luma(frame: VideoFrame) -> NDArray[np.uint8]:
    """The luma samples of a frame, without padding."""
    plane = frame.planes[0]
    rows = np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)
    return np.asarray(rows[: frame.height, : frame.width])


def shows_patch(frame: VideoFrame) -> bool:
    """Whether any of the chequers can still be made out: neighbouring pixels two apart differ strongly."""
    rows = luma(frame).astype(np.int16)
    return bool((np.abs(rows[:, 2:] - rows[:, :-2]) > 200).any())


@dataclass
class PatchAnalyst:
    """Finds the patch in the pixels it is shown. `failing` makes it raise."""

    failing: bool = False
    asked: list[tuple[int, tuple[str, ...]]] = field(default_factory=list)
    families: dict[str, frozenset[str]] = field(default_factory=lambda: {"face": frozenset({"near"})})
    always: frozenset[str] = frozenset()

    def period(self, family: str, fps: float) -> float:
        return 0.2

    def plan(self, index: int, fps: float, size: tuple[int, int]) -> tuple[str, ...]:
        return ("near",) if index % 5 == 0 else ()

    def load(self, width: int, height: int) -> None:
        if self.failing:
            raise DetectError("The detector is broken on purpose")

    def analyse(self, picture: Picture, passes: tuple[str, ...], tracked: Sequence[Region]) -> Analysis:
        self.asked.append((picture.index, passes))
        if self.failing:
            raise DetectError("The detector is broken on purpose")
        rows, columns = np.nonzero(np.abs(luma(picture.frame).astype(np.int16) - GREY) > 100)
        found: tuple[Detection, ...] = ()
        if len(rows):
            box = (float(columns.min()), float(rows.min()), float(columns.max() + 1), float(rows.max() + 1))
            found = (Detection(*box, 0.9, Kind.FACE),)
        return Analysis(picture.index, picture.pts, frozenset(passes), found)
