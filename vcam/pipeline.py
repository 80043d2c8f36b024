"""What happens to one stream's pictures, from the decoder to the outputs.

open, push -> screen: held back, proven, masked -> encoder, once -> every output
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import structlog

from vcam.base.media import Analysis, AudioUnit, MaskedUnit, Picture, StreamInfo
from vcam.base.ports import MaskedSink
from vcam.base.settings import EncodeSettings, MaskSettings
from vcam.encode.x264 import Colour, Encoder
from vcam.screen import NOTHING, Analysing, Masked, Screen, Spared, Work

log = structlog.get_logger()


@dataclass(slots=True)
class Counters:
    """What has passed since the pipeline was made."""

    frames_in: int = 0
    frames_out: int = 0
    whole: int = 0
    regions: int = 0


class Pipeline:
    """One stream's pictures: masked by the screen, encoded once, handed to every output.

    Raises EncodeError from whatever lets pictures out.
    """

    def __init__(
        self,
        mask: MaskSettings,
        encode: EncodeSettings,
        analyst: Analysing,
        outputs: Sequence[MaskedSink],
        spared: Spared = NOTHING,
    ) -> None:
        self._settings = encode
        self._screen = Screen(mask, analyst, spared)
        self._outputs = outputs
        self._encoder: Encoder | None = None
        self._fps = 0.0
        self._reason = ""
        self.counters = Counters()

    def open(self, info: StreamInfo) -> None:
        """A stream begins, for the first time or anew. What is held of an earlier one goes out first."""
        self._send(self._screen.open(info))
        self._end_encoder()
        self._fps = info.fps

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

    def force_key(self) -> None:
        """Make the next picture an IDR."""
        if self._encoder is not None:
            self._encoder.force_key()

    def close(self) -> None:
        """Let everything out that is held, and close the outputs."""
        with contextlib.ExitStack() as closing:  # closes every output, though an earlier one fails
            for output in reversed(self._outputs):
                closing.callback(output.close)
            self._send(self._screen.drain())
            self._end_encoder()

    def _send(self, pictures: Iterable[Masked]) -> None:
        for masked in pictures:
            self._hand_out(self._encode(masked))
            self._count(masked)

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

    def _encode(self, masked: Masked) -> list[MaskedUnit]:
        picture = masked.picture
        size = (picture.width, picture.height)
        if self._encoder is None or (self._encoder.width, self._encoder.height) != size:
            self._end_encoder()
            self._encoder = Encoder(self._settings, *size, self._fps, Colour.of(picture.frame))
        return self._encoder.encode(picture, masked.regions)

    def _end_encoder(self) -> None:
        if self._encoder is not None:
            self._hand_out(self._encoder.flush())
            self._encoder = None

    def _hand_out(self, units: list[MaskedUnit]) -> None:
        for unit in units:
            for output in self._outputs:
                output.masked(unit)
