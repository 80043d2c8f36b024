"""What happens to one stream's pictures, from the decoder to the outputs.

open, push -> screen: held back, proven, masked -> overlays -> an encoder for each stream in use
    -> the main stream to every output, the others to the observer
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

import structlog

from vcam.base.channel import Demand, Encode, ForceKey, Order
from vcam.base.media import TICKS, Analysis, AudioUnit, MaskedUnit, Picture, StreamInfo
from vcam.base.ports import MaskedSink, Observer
from vcam.base.rendition import MAIN
from vcam.base.scene import Scene
from vcam.base.settings import EncodeSettings, MaskSettings
from vcam.encode.views import Views
from vcam.osd.overlays import Overlays
from vcam.screen import NOTHING, Analysing, Masked, Screen, Spared, Work
from vcam.track.scene import Cells
from vcam.track.tamper import Tamper

log = structlog.get_logger()

SCENE_EVERY = TICKS // 5
"""Least ticks between two scenes that are told."""


@dataclass(slots=True)
class Counters:
    """What has passed since the pipeline was made."""

    frames_in: int = 0
    frames_out: int = 0
    whole: int = 0
    regions: int = 0


class Pipeline:
    """One camera's pictures: masked by the screen, encoded once for each stream in use, handed out.

    The main stream goes to all `outputs`. The others, the scene and tampering go to `observer`; without one nobody
    can want other streams, and nothing watches for tampering. `mark` is given every masked picture before it is
    encoded, to write into it. Raises EncodeError from whatever lets pictures out.
    """

    def __init__(
        self,
        mask: MaskSettings,
        encode: EncodeSettings,
        analyst: Analysing,
        outputs: Sequence[MaskedSink],
        spared: Spared = NOTHING,
        *,
        observer: Observer | None = None,
        mark: Callable[[Picture], None] | None = None,
    ) -> None:
        self._screen = Screen(mask, analyst, spared, self._watch if observer is not None else None)
        self._tamper = Tamper()
        self._overlays = Overlays(mask.timezone)
        self._views = Views(encode, self._hand_out)
        self._outputs = outputs
        self._observer = observer
        self._mark = mark
        self._told: int | None = None
        self._reason = ""
        self.counters = Counters()

    def open(self, info: StreamInfo) -> None:
        """A stream begins, for the first time or anew. What is held of an earlier one goes out first."""
        self._send(self._screen.open(info))
        self._views.open(info.fps)

    def push(self, picture: Picture, now: float) -> None:
        """Take one picture in. `now` in seconds: monotonic for a camera, the picture's own time for a file."""
        self.counters.frames_in += 1
        self._screen.push(picture, now)

    def owed(self, picture: Picture) -> Work | None:
        """What the analyst should look for now, in `picture`."""
        return self._screen.owed(picture)

    def proof(self, picture: Picture) -> Work:
        """What the analyst must look for in the last picture of a file."""
        return self._screen.proof(picture)

    def learn(self, analysis: Analysis) -> None:
        """Take in what the analyst saw."""
        self._screen.learn(analysis)

    def failed(self, work: Work) -> None:
        """Take in that nothing came of `work`."""
        self._screen.failed(work)

    def release(self, now: float) -> None:
        """Let every picture out whose delay is over at `now`."""
        self._send(self._screen.release(now))

    def audio(self, unit: AudioUnit) -> None:
        """Pass one packet of sound to the outputs, on the pictures' time line."""
        shifted = replace(unit, pts=unit.pts + self._screen.offset)
        for output in self._outputs:
            output.audio(shifted)

    def obey(self, order: Order) -> None:
        """Carry `order` out with the next picture that is let out."""
        if isinstance(order, ForceKey):
            self._views.force_key(order.stream)
        elif isinstance(order, Encode):
            self._overlays.change(order.overlays)
            self._views.change(order.renditions)
        elif isinstance(order, Demand) and self._observer is not None:
            self._views.want(order.streams)

    def close(self) -> None:
        """Let everything out that is held, and close the outputs."""
        with contextlib.ExitStack() as closing:  # closes every output, though an earlier one fails
            for output in reversed(self._outputs):
                closing.callback(output.close)
            self._send(self._screen.drain())
            self._views.end()

    def _watch(self, picture: Picture, cells: Cells) -> None:
        tampering = self._tamper.observe(picture, cells)
        if tampering is not None and self._observer is not None:
            self._observer.tampering(tampering)

    def _send(self, pictures: Iterable[Masked]) -> None:
        for masked in pictures:
            self._overlays.draw(masked.picture)
            if self._mark is not None:
                self._mark(masked.picture)
            self._views.encode(masked.picture, masked.regions)
            self._tell(masked)
            self._count(masked)

    def _tell(self, masked: Masked) -> None:
        picture = masked.picture
        if self._observer is None or (self._told is not None and picture.pts < self._told + SCENE_EVERY):
            return
        self._told = picture.pts
        self._observer.scene(Scene(picture.time, picture.pts, picture.width, picture.height, masked.regions))

    def _hand_out(self, unit: MaskedUnit) -> None:
        if unit.stream == MAIN:
            for output in self._outputs:
                output.masked(unit)
        elif self._observer is not None:
            self._observer.masked(unit)

    def _count(self, masked: Masked) -> None:
        counters = self.counters
        counters.frames_out += 1
        if masked.proven:
            counters.regions += len(masked.regions)
        else:
            counters.whole += 1
        if masked.reason != self._reason:
            self._reason = masked.reason
            how = "masked whole" if masked.reason else "masked by regions"
            log.info(how, reason=masked.reason or None, picture=masked.picture.index, whole=counters.whole)
