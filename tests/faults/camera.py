"""A camera in trouble: a Source that plays clips, does to them what the run's troubles say, and keeps a record."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import av
import numpy as np

from tests.faults.clip import Clip, Truths
from tests.faults.judge import Luma
from tests.faults.stage import Stage
from tests.faults.trouble import Troubles
from vcam.base.errors import StreamLost
from vcam.base.media import TICKS, Picture, StreamInfo
from vcam.source import FileSource
from vcam.source.upright import planes

Event = StreamInfo | Picture

LEAST: Final = 16
"""Shortest side in pixels of a face or plate that is judged..."""
FAIR: Final = 24
"""...and after the picture has shrunk, for detectors may not be able to see a smaller one any more."""


@dataclass(frozen=True, slots=True)
class Given:
    """One picture as the camera gave it: what it showed, and when, in seconds of the run.

    `epoch` goes up when nothing seen before tells anything of it: a new stream, size or scene. `luma` are its samples
    before anybody masked them, `truth` the faces and plates in it, `judged` those large enough to be judged.
    """

    clip: Clip
    number: int
    at: float
    epoch: int
    luma: Luma
    truth: Truths
    judged: Truths


def fitted(frame: av.VideoFrame, width: int, height: int) -> tuple[av.VideoFrame, tuple[float, int, int]]:
    """The whole of `frame` on black in a picture of that size, undistorted: detectors know faces as they are.

    Also by how much it was scaled and moved to the right and down, in pixels.
    """
    by = min(width / frame.width, height / frame.height)
    across, down = (max(2, int(side * by) // 2 * 2) for side in (frame.width, frame.height))
    right, below = (width - across) // 4 * 2, (height - down) // 4 * 2
    small = frame.reformat(across, down, format="yuv420p")
    whole = av.VideoFrame(width, height, "yuv420p")
    whole.pts, whole.time_base = frame.pts, frame.time_base
    for number, (plane, part) in enumerate(zip(planes(whole), planes(small), strict=True)):
        plane[:] = 128 if number else 16
        shift = 2 if number else 1
        top, left = below // shift, right // shift
        plane[top : top + part.shape[0], left : left + part.shape[1]] = part
    return whole, (by, right, below)


class Camera:
    """A Source (`vcam.base.ports.Source`) that plays `clip` from picture `first` on, `count` pictures of it.

    `path` is what is played in its place when the clip has been damaged. `other` is what a scene cut leads to.
    With `knowing`, all that is known to be in the clip counts, and not only what detectors are able to see.
    """

    def __init__(
        self,
        stage: Stage,
        troubles: Troubles,
        clip: Clip,
        other: Clip,
        dice: random.Random,
        *,
        first: int = 0,
        count: int | None = None,
        path: Path | None = None,
        knowing: bool = False,
    ) -> None:
        self._stage = stage
        self._troubles = troubles
        self._clip = clip
        self._other = other
        self._dice = dice
        self._first = first
        self._count = count if count is not None else len(clip.stamps) - first
        self._path = path or clip.path
        self._knowing = knowing
        self.given: dict[int, Given] = {}
        """What was given, by its `time`, which nothing on the way changes."""
        self.truths: dict[int, Truths] = {}
        """What each showed, by the same. An analyst may need it when the picture has long been judged."""
        self._at = 0.0
        self._owed = 0.0
        self._epoch = 0
        self._shift = 0
        self._last_pts = 0
        self._every = 1
        self._size = (clip.info.width, clip.info.height)
        self._seen_size = self._size

    def events(self) -> Iterator[Event]:
        """See `Source`. Raises StreamLost for a camera lost in mid-GOP."""
        try:
            yield from self._shots()
        finally:
            self._stage.dry()

    def close(self) -> None:
        self._stage.end()

    def _shots(self) -> Iterator[Event]:
        cuts = sorted(fault.at for fault in self._troubles.faults if fault.name == "scene cut")
        yield replace(self._clip.info, width=self._size[0], height=self._size[1])
        clip, path, start = self._clip, self._path, self._first
        while self._troubles.now < self._count and not self._stage.over:
            until = next((at for at in cuts if at > self._troubles.now), self._count)
            yield from self._play(clip, path, start, until)
            if self._troubles.now >= self._count or self._stage.over:
                return
            self._troubles.here("scene cut")
            clip = self._other if clip is self._clip else self._clip
            path, start = clip.path, self._dice.randrange(max(1, len(clip.stamps) // 2))
            self._epoch += 1

    def _play(self, clip: Clip, path: Path, start: int, until: int) -> Iterator[Event]:
        """Give pictures of `clip` from number `start` on until the run's picture number `until`, in a loop."""
        before: int | None = None
        for event in FileSource(path, loop=False).events():
            if not isinstance(event, Picture):
                continue
            number = clip.number(event.pts)
            if number is None or number < start:
                continue
            if before is None:
                step = round(TICKS / clip.info.fps)
                self._shift = self._last_pts + step - event.pts
            else:
                step = clip.stamps[number] - before
            before = clip.stamps[number]
            yield from self._next(clip, number, event, step)
            if self._troubles.now >= until or self._stage.over:
                return

    def _next(self, clip: Clip, number: int, picture: Picture, step: int) -> Iterator[Event]:
        """One picture of the file, `step` ticks after the one before."""
        troubles, dice = self._troubles, self._dice
        troubles.now += 1
        if fault := troubles.here("new rate"):
            self._every = 1 + round(3 * fault.size)
        seconds = step / TICKS
        uneven = troubles.here("variable rate")
        if uneven:
            seconds *= dice.uniform(0.7, 1.3)
        if fault := troubles.here("silence"):
            seconds += 4 * fault.size
        self._shift += round(seconds * TICKS) - step
        if fault := troubles.here("silence and a burst"):
            self._owed = 0.5 + 2 * fault.size
            self._at += self._owed
        late = min(self._owed, seconds)
        self._owed -= late
        self._at += seconds - late
        if troubles.here("camera lost in mid-GOP"):
            raise StreamLost("Camera gate: gone")
        if uneven and dice.random() < 0.8 * uneven.size:
            return
        if troubles.here("pictures dropped") or troubles.now % self._every:
            return
        if fault := troubles.here("wall clock set"):
            self._stage.step_utc((fault.size - 0.5) * 20_000)
        yield from self._announce(clip, picture)
        self._place(picture)
        self._stage.go_on(self._at)
        yield from self._hand(clip, number, picture)

    def _announce(self, clip: Clip, picture: Picture) -> Iterator[StreamInfo]:
        troubles = self._troubles
        sizes = ((640, 360), (320, 240), (800, 450), (480, 270))
        announce = False
        if fault := troubles.here("size announced") or troubles.here("size unannounced"):
            self._size = sizes[int(fault.size * len(sizes))]
            announce = fault.name == "size announced"
        if fault := troubles.here("reconnect"):
            self._at += 3 * fault.size
            # Half of the cameras begin at 0 again, the others go on.
            self._shift = -picture.pts if fault.size < 0.5 else self._shift
            announce = True
        if announce or self._size != self._seen_size:
            self._epoch += 1
            self._seen_size = self._size
        if announce:
            yield replace(clip.info, width=self._size[0], height=self._size[1], fps=clip.info.fps / self._every)

    def _place(self, picture: Picture) -> None:
        """Put the picture on the camera's time line."""
        troubles = self._troubles
        if fault := troubles.here("time stamps leap ahead"):
            self._shift += round(20 * fault.size * TICKS)
        if fault := troubles.here("time stamps leap back"):
            self._shift -= round(5 * fault.size * TICKS)
        pts = picture.pts + self._shift
        if troubles.here("time stamps stand still"):
            pts = self._last_pts
        picture.pts = self._last_pts = pts

    def _hand(self, clip: Clip, number: int, picture: Picture) -> Iterator[Picture]:
        by, right, below = 1.0, 0, 0
        if (picture.width, picture.height) != self._size:
            picture.frame, (by, right, below) = fitted(picture.frame, *self._size)
        sought = (clip.known if self._knowing else clip.truth)[number]
        least = LEAST if by >= 1 else FAIR
        truth = tuple(one.scaled(by, right, below) for one in sought)
        judged = tuple(one for one in truth if one.side >= least)
        picture.time = self._stage.utc()
        while picture.time in self.given:
            picture.time += 1
        luma = np.array(planes(picture.frame)[0])
        self.given[picture.time] = Given(clip, number, self._at, self._epoch, luma, truth, judged)
        self.truths[picture.time] = truth
        self._stage.given()
        yield picture
        self._stage.settle()
