"""Clips as the product shows them: every picture masked as `garim mask` masks it, beside what it was before."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import process_time

from av.video.frame import VideoFrame

from vcam.base.errors import NotVideo
from vcam.base.media import TICKS, Picture, Region, StreamInfo
from vcam.base.settings import MaskSettings
from vcam.mask.planes import Plane, Planes
from vcam.screen import Analysing, Masked, Screen, Work
from vcam.source import FileSource


@dataclass(frozen=True, slots=True)
class Shown:
    """One picture of a clip, masked in `frame`; `before` is its luma as it was.

    `number` counts from 0, `time` is in seconds.
    """

    number: int
    time: float
    width: int
    height: int
    regions: tuple[Region, ...]
    proven: bool
    before: Plane
    frame: VideoFrame

    @property
    def after(self) -> Plane:
        """Its luma as it leaves."""
        return Planes.of(self.frame).luma


class Stopwatch:
    """CPU time of this process, every thread, while it is held."""

    def __init__(self) -> None:
        self.seconds = 0.0

    @contextmanager
    def running(self) -> Iterator[None]:
        start = process_time()
        try:
            yield
        finally:
            self.seconds += process_time() - start


class Showing:
    """One clip before a screen of its own.

    Nothing is encoded, so `watch` counts decoding, detection, tracking and masking alone; loading the networks is
    left out.
    """

    def __init__(self, path: Path, settings: MaskSettings, analyst: Analysing) -> None:
        self.watch = Stopwatch()
        self.fps = 0.0
        self._path = path
        self._analyst = analyst
        self._screen = Screen(settings, analyst)
        self._before: dict[int, Plane] = {}

    def pictures(self) -> Iterator[Shown]:
        """Every picture in order. Raises SourceError, DetectError."""
        last: Picture | None = None
        count = 0
        events = iter(FileSource(self._path).events())
        while True:
            with self.watch.running():
                event = next(events, None)
            if event is None:
                break
            if isinstance(event, StreamInfo):
                self._conclude(last)
                last = None
                self.fps = event.fps
                self._analyst.load(event.width, event.height)
                yield from self._shown(self._screen.open(event))
            elif isinstance(event, Picture):
                yield from self._passed(event, count)
                last = event
                count += 1
        if last is None:
            raise NotVideo(f"{self._path} holds no picture", mend="Check that it plays in another program")
        self._conclude(last)
        yield from self._shown(self._screen.drain())

    def _passed(self, picture: Picture, number: int) -> Iterator[Shown]:
        now = picture.pts / TICKS
        self._before[number] = Planes.of(picture.frame).luma.copy()
        with self.watch.running():
            self._screen.push(picture, now)
            self._look(self._screen.owed(picture))
        yield from self._shown(self._screen.release(now))

    def _conclude(self, last: Picture | None) -> None:
        """Look once more at a stream's last picture, as the end of a file needs it."""
        if last is not None:
            with self.watch.running():
                self._look(self._screen.proof(last))

    def _look(self, work: Work | None) -> None:
        if work is not None:
            self._screen.learn(self._analyst.analyse(work.picture, work.passes, work.tracked))

    def _shown(self, masked: Iterable[Masked]) -> Iterator[Shown]:
        pictures = iter(masked)
        while True:
            with self.watch.running():
                one = next(pictures, None)
            if one is None:
                return
            yield self._told(one)

    def _told(self, masked: Masked) -> Shown:
        picture = masked.picture
        return Shown(
            number=picture.index,
            time=picture.pts / TICKS,
            width=picture.width,
            height=picture.height,
            regions=masked.regions,
            proven=masked.proven,
            before=self._before.pop(picture.index),
            frame=picture.frame,
        )
