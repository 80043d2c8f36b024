"""Who receives the masked stream: decodes every access unit and judges every picture against what the camera gave."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

import numpy as np
from av.codec.context import CodecContext
from av.packet import Packet
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from tests.faults.camera import Given
from tests.faults.judge import masked_whole, shows
from tests.faults.reference import Truth
from tests.faults.stage import Stage
from tests.faults.trouble import Troubles
from vcam.base.errors import RecordError
from vcam.base.media import AudioUnit, MaskedUnit
from vcam.live import BACKLOG
from vcam.source.upright import planes


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one picture of the masked stream shows.

    `shown` are the faces and plates that can be seen in it; `blind` says that nobody had looked near it in time,
    though it is not masked `whole`.
    """

    given: Given
    index: int
    whole: bool
    shown: tuple[Truth, ...]
    blind: str

    @property
    def unmasked(self) -> bool:
        return bool(self.shown or self.blind)


class Receiver:
    """A MaskedSink. `blind` names what nobody looked for near a picture in time, or is empty.

    Raises AssertionError when a picture comes that the camera never gave, twice or out of order.
    """

    def __init__(
        self, stage: Stage, troubles: Troubles, given: dict[int, Given], blind: Callable[[Given], str]
    ) -> None:
        self._stage = stage
        self._troubles = troubles
        self._given = given
        self._blind = blind
        self._decoder: VideoCodecContext | None = None
        self._size = (0, 0)
        self._waiting: deque[MaskedUnit] = deque()
        self._last = (-1, -1)
        self._flooded = False
        self.verdicts: list[Verdict] = []

    def masked(self, unit: MaskedUnit) -> None:
        """See `MaskedSink`."""
        if self._troubles.here("sink fails"):
            raise RecordError("The disk is full on purpose")
        if fault := self._troubles.here("slow sink"):
            self._stage.advance(self._stage.monotonic() + fault.size)
        if self._troubles.here("queue overflow") and not self._flooded:
            self._flooded = True
            self._stage.flood(BACKLOG + 20)
        self._receive(unit)

    def audio(self, unit: AudioUnit) -> None:
        """There is no sound here."""

    def close(self) -> None:
        """Judge what the decoder still holds."""
        self._flush()
        assert not self._waiting, "access units that cannot be decoded"

    def _receive(self, unit: MaskedUnit) -> None:
        assert (unit.index, unit.pts) > self._last, "out of order"
        self._last = (unit.index, unit.pts)
        if unit.key and (unit.width, unit.height) != self._size:
            self._flush()
            self._size = (unit.width, unit.height)
            self._decoder = CodecContext.create("h264", "r")
        assert self._decoder is not None
        self._waiting.append(unit)
        packet = cast("Packet[VideoStream]", Packet(unit.data))
        packet.pts = unit.pts
        for frame in self._decoder.decode(packet):
            self._judge(frame)

    def _flush(self) -> None:
        if self._decoder is not None:
            for frame in self._decoder.decode(None):
                self._judge(frame)
            self._decoder = None

    def _judge(self, frame: VideoFrame) -> None:
        unit = self._waiting.popleft()
        assert frame.pts == unit.pts
        given = self._given.pop(unit.time)
        seen = np.array(planes(frame)[0])
        whole = masked_whole(seen, given.luma)
        shown = tuple(one for one in given.judged if shows(seen, given.luma, one.box))
        blind = "" if whole else self._blind(given)
        self.verdicts.append(Verdict(given, unit.index, whole, shown, blind))
