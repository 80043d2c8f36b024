"""Writes the masked stream into fragmented MP4 segments, with the regions of every picture beside them."""

from __future__ import annotations

import base64
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import av
import structlog

from recorder.annexb import parameter_sets
from recorder.cutting import Span
from recorder.descriptor import SegmentDescriptor
from recorder.draft import Draft
from recorder.durable import HashingFile
from recorder.finisher import Finisher
from recorder.layout import REGIONS
from recorder.losses import Losses
from recorder.mp4 import AudioFormat, FragmentedMp4, Hevc, Packet
from recorder.regions import RegionsWriter
from vcam.base.clock import Clock
from vcam.base.errors import RecordError
from vcam.base.media import TICKS, AudioUnit, Codec, MaskedUnit

_log = structlog.get_logger()

CODECS: dict[Codec, str] = {"h264": "h264", "h265": "hevc"}
"""FFmpeg's names of what can be recorded."""
_RETRY = 10.0
"""Longest wait in seconds after a failed segment."""
_WAITING = 1000
"""Audio units that may wait for their pictures: the mask's delay of 2 s many times over."""


@dataclass(slots=True)
class _Segment:
    """One segment being written. `origin` is the dts that counts as 0 in the file."""

    draft: Draft
    file: FragmentedMp4
    side: HashingFile
    span: Span
    origin: int
    width: int
    height: int
    codec: str
    parameters: bytes
    frames: int = 0
    regions: RegionsWriter = field(default_factory=RegionsWriter)


class MaskedWriter:
    """A `MaskedSink` (vcam.base.ports): the encoder's own packets, neither decoded nor encoded again.

    A segment ends at the first IDR after `segment_seconds`, and when size, codec, time line or audio change. Time
    stamps are those of the encoder less the segment's `origin`. AAC-LC is kept beside the pictures; MP4
    carries no G.711, so audio of any other codec is dropped with one warning.

    Call it from one thread. `on_segment` is called in a thread of the writer's own once a segment is final on
    the disk. A write error never leaves the writer: the segment is lost, `on_error` hears of it once, and
    the next IDR after a short wait is tried.
    """

    def __init__(
        self,
        folder: Path,
        camera: str,
        segment_seconds: float,
        on_segment: Callable[[SegmentDescriptor], None],
        clock: Clock,
        *,
        on_error: Callable[[RecordError], None] | None = None,
    ) -> None:
        self._folder = folder
        self._camera = camera
        self._seconds = segment_seconds
        self._clock = clock
        self.losses = Losses(camera, "masked", on_error)
        self._finisher = Finisher(f"{camera} masked copies", on_segment, self.losses)
        self._segment: _Segment | None = None
        self._format: AudioFormat | None = None
        self._sound: deque[AudioUnit] = deque(maxlen=_WAITING)
        self._unheard = False
        self._retry_at = clock.monotonic()

    def masked(self, unit: MaskedUnit) -> None:
        """Keep one access unit and its regions."""
        segment = self._segment
        if segment is not None:
            self._mux_sound(segment, unit.pts)
            if self._segment is not None and self._cut(segment, unit):
                self._end()
        if self._segment is None and unit.key:
            self._begin(unit)
        if self._segment is not None:
            self._write(self._segment, unit)

    def audio(self, unit: AudioUnit) -> None:
        """Keep one audio packet until the pictures of its time arrive."""
        form = AudioFormat.of(unit)
        if form is None:
            if not self._unheard:
                self._unheard = True
                _log.warning("audio not recorded: MP4 takes AAC-LC only", camera=self._camera, codec=unit.codec)
            return
        self._format = form
        self._sound.append(unit)

    def close(self) -> None:
        """Finish the segment being written and wait until it is on the disk."""
        self._end()
        self._finisher.close()

    def _cut(self, segment: _Segment, unit: MaskedUnit) -> bool:
        form = (unit.width, unit.height, CODECS[unit.codec])
        if segment.span.forced(unit.pts) or form != (segment.width, segment.height, segment.codec):
            return True
        if not unit.key or not self._finisher.room():
            return False
        return (
            segment.span.due(unit.pts, unit.time, key=True)
            or unit.dts <= segment.span.first_pts
            or parameter_sets(unit.data, segment.codec) != segment.parameters
        )

    def _begin(self, unit: MaskedUnit) -> None:
        if self.losses.outage and self._clock.monotonic() < self._retry_at:
            return
        draft = None
        try:
            draft = Draft(self._folder, self._camera, "masked", unit.time)
            side = draft.create(REGIONS)
            first = Hevc(unit.data) if unit.codec == "h265" else None
            file = FragmentedMp4(draft.main, unit.width, unit.height, self._format, first=first)
        except (OSError, av.FFmpegError) as error:
            self._lose(draft, unit.time, error)
            return
        while self._sound and self._sound[0].pts < unit.pts:
            self._sound.popleft()
        self._segment = _Segment(
            draft=draft,
            file=file,
            side=side,
            span=Span(self._seconds, unit.pts, unit.time),
            origin=unit.dts,
            width=unit.width,
            height=unit.height,
            codec=CODECS[unit.codec],
            parameters=parameter_sets(unit.data, CODECS[unit.codec]),
        )

    def _write(self, segment: _Segment, unit: MaskedUnit) -> None:
        segment.span.add(unit.pts)
        packet = Packet(
            unit.data, unit.pts - segment.origin, unit.dts - segment.origin, unit.key, segment.span.step
        )
        time = (unit.pts - segment.span.first_pts) / TICKS
        try:
            segment.file.video(packet)
            if unit.key:
                segment.side.write(segment.regions.sync())
            segment.side.write(segment.regions.line(segment.frames, time, unit.regions))
        except (OSError, av.FFmpegError) as error:
            self._abandon(segment, error)
        segment.frames += 1

    def _mux_sound(self, segment: _Segment, until: int) -> None:
        try:
            while self._sound and self._sound[0].pts < until:
                unit = self._sound.popleft()
                if unit.pts >= segment.span.first_pts:
                    segment.file.audio(unit.data, unit.pts - segment.origin)
        except (OSError, av.FFmpegError) as error:
            self._abandon(segment, error)

    def _abandon(self, segment: _Segment, error: Exception) -> None:
        self._segment = None
        _close_broken(segment.file)
        self._lose(segment.draft, segment.span.start, error)

    def _lose(self, draft: Draft | None, start: int, error: Exception) -> None:
        if draft is not None:
            draft.discard()
        self._retry_at = self._clock.monotonic() + min(self._seconds, _RETRY)
        self.losses.lost(start, error)

    def _end(self) -> None:
        segment = self._segment
        if segment is None:
            return
        try:
            segment.file.close()
            descriptor = self._describe(segment)
        except (OSError, av.FFmpegError) as error:
            self._abandon(segment, error)
            return
        self._segment = None
        self._finisher.submit(segment.draft, descriptor)

    def _describe(self, segment: _Segment) -> SegmentDescriptor:
        segment.side.write(segment.regions.close())
        main = segment.draft.main
        descriptor = SegmentDescriptor(
            id=segment.draft.id,
            camera=self._camera,
            kind="masked",
            start=segment.span.start,
            end=segment.span.end,
            sha256=main.sha256,
            size=main.size,
            side_sha256=segment.side.sha256,
            side_size=segment.side.size,
            codec=segment.codec,
            width=segment.width,
            height=segment.height,
            frames=segment.frames,
            starts_with_key=True,
            origin=segment.origin,
            parameter_sets=base64.b64encode(segment.parameters).decode(),
        )
        segment.draft.describe(descriptor)
        return descriptor


def _close_broken(file: FragmentedMp4) -> None:
    """Free what a file that cannot be written still holds; it is discarded, so its errors say nothing new."""
    try:
        file.close()
    except (OSError, av.FFmpegError) as error:
        _log.debug("closing a lost segment failed too", error=str(error))
