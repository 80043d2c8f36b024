"""One open container, demuxed and decoded: the events of one connection or of one pass over a file."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain
from threading import Event
from typing import TypeAlias

import structlog
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.error import FFmpegError, InvalidDataError
from av.packet import Packet
from av.stream import Discard, Disposition
from av.stream import Stream as AnyStream
from av.video.stream import VideoStream

from vcam.base.clock import Clock
from vcam.base.errors import NotVideo, SourceError, StreamLost
from vcam.base.media import TICKS, AccessUnit, AudioUnit, Picture, StreamInfo
from vcam.source.annexb import framing, to_annexb
from vcam.source.decoder import Decoded, Decoder, Stamp, overhearing
from vcam.source.failure import Place, read_error
from vcam.source.joiner import Joiner, splits
from vcam.source.leadin import read_lead_in
from vcam.source.timeline import AHEAD, TRUST, Order, Timeline, UtcClock
from vcam.source.upright import Turn, display_turn, make_upright

SourceEvent: TypeAlias = StreamInfo | AccessUnit | AudioUnit | Picture

BLIND = 30.0
"""Seconds for which a live stream may send data without one picture that can be decoded."""

_TIME_BASE = Fraction(1, TICKS)
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Playing:
    """How a container is played."""

    place: Place
    clock: Clock
    stop: Event
    rotate: int = 0
    live: bool = False
    audio: bool = False
    timeout: float = 5.0


class Session:
    """The events of one open container. It does not close it.

    `info` is the StreamInfo last announced where the time line goes on without a break (a loop), so that the same is
    not announced again.
    """

    def __init__(
        self,
        container: InputContainer,
        playing: Playing,
        timeline: Timeline,
        capture: UtcClock,
        info: StreamInfo | None = None,
    ) -> None:
        self._container = container
        self._playing = playing
        self._timeline = timeline
        self._capture = capture
        self.info = info
        self._announce = info is None
        self._stream = self._video()
        self._audio = self._sound()
        self._codec = self._stream.codec_context.codec.canonical_name
        self._framing = framing(self._codec, self._stream.codec_context.extradata or b"")
        self._decoder = Decoder(self._stream)
        self._order = Order()
        self._number = 0
        self._held: list[AccessUnit | AudioUnit] = []
        self._last_time = 0
        self._size = (0, 0)
        self._turn = Turn()
        self._pictures = 0
        self._seen = self._heard = playing.clock.monotonic()
        self._begin()

    def events(self) -> Iterator[SourceEvent]:
        """Until the end of the container, or until `stop` is set. A live stream's end raises StreamLost."""
        packets = self._packets()
        if self._playing.live:
            packets = self._led_in(packets)
        for packet in packets:
            if self._playing.stop.is_set():
                return
            if packet.stream_index == self._stream.index:
                yield from self._video_packet(packet)
            else:
                yield from self._audio_packet(packet)
        if self._playing.stop.is_set():
            return
        for decoded in self._decoder.flush():
            yield from self._picture(decoded)
        if self._pictures == 0:
            raise NotVideo(
                f"{self._playing.place.who} holds no picture that can be decoded",
                mend=self._playing.place.broken,
            )
        if self._playing.live:
            raise StreamLost(f"{self._playing.place.who} has ended its stream", mend=self._playing.place.check)

    @property
    def fps(self) -> float:
        """Nominal pictures a second: the average, or what the stream itself says where there are no time stamps."""
        stream = self._stream
        rates = [stream.average_rate, stream.guessed_rate]
        if self._playing.live or stream.start_time is None:
            rates.reverse()
        return next((float(rate) for rate in rates if rate and 0.1 <= rate <= 240), 25.0)

    def _begin(self) -> None:
        stream, timeline = self._stream, self._timeline
        gap = None
        if self._playing.live and timeline.seen is not None:
            gap = self._playing.clock.monotonic() - timeline.seen
        timeline.begin(
            stream.time_base or _TIME_BASE,
            self.fps,
            origin=None if self._playing.live else stream.start_time,
            gap=gap,
            leap=AHEAD if self._playing.live or "mpegts" in self._container.format.name else None,
        )

    def _video(self) -> VideoStream:
        place = self._playing.place
        streams = [s for s in self._container.streams.video if not s.disposition & Disposition.attached_pic]
        if not streams:
            raise NotVideo(f"{place.who} holds no video", mend=place.broken)
        stream = max(streams, key=lambda s: (s.width or 0) * (s.height or 0) if s.codec_context else -1)
        if stream.codec_context is None:
            raise NotVideo(f"{place.who} is of a codec that FFmpeg cannot decode", mend=place.broken)
        return stream

    def _sound(self) -> AudioStream | None:
        """The first audio stream, only when sound is asked for. Nothing else is even demuxed."""
        audio = next(iter(self._container.streams.audio), None) if self._playing.audio else None
        wanted = {self._stream.index, audio.index if audio else -1}
        for stream in self._container.streams:
            if stream.index not in wanted:
                stream.discard = Discard.all
        return audio

    def _packets(self) -> Iterator[Packet[AnyStream]]:
        """Packets with data in them, from both streams."""
        streams = [self._stream, self._audio] if self._audio else [self._stream]
        packets = self._container.demux(*streams)
        try:
            while not self._playing.stop.is_set():
                failure: SourceError | None = None
                try:
                    with overhearing():
                        packet = next(packets, None)
                except FFmpegError as error:
                    packet = None
                    if self._playing.live or not isinstance(error, InvalidDataError):
                        failure = read_error(error, self._playing.place)
                    else:
                        log.warning("file ends early", what=self._playing.place.who)
                if failure is not None:
                    raise failure
                if packet is None:
                    return
                if packet.size:
                    yield packet
        finally:
            packets.close()  # type: ignore[attr-defined]  # PyAV's demux is a generator

    def _led_in(self, packets: Iterator[Packet[AnyStream]]) -> Iterator[Packet[AnyStream]]:
        """`packets` joined, once the capture clock has seen which of those that had piled up was least late."""
        lead_in = read_lead_in(packets, self._stream.index, 1 / Fraction(self.fps), self._playing.clock)
        pieces = [(packet, utc) for packet, utc in lead_in.packets if packet.stream_index == self._stream.index]
        for packet, utc in pieces:
            if packet.pts is not None:
                self._capture.arrive(self._timeline.place(packet.pts), utc)
        joiner = Joiner(self._stream, splits=splits([packet for packet, _ in pieces]))
        return joiner.joined(chain((packet for packet, _ in lead_in.packets), lead_in.rest(), packets))

    def _video_packet(self, packet: Packet[AnyStream]) -> Iterator[SourceEvent]:
        self._heard = self._playing.clock.monotonic()
        stamp = self._stamp(packet)
        decoded = self._decoder.decode(packet, stamp)
        unit = self._unit(packet, stamp)
        if decoded:
            yield from self._announced(decoded[0])
        elif self._playing.live:
            self._undecodable()
        if unit is not None:
            if self.info is None or self._announce:
                self._held.append(unit)
            else:
                yield unit
        for one in decoded:
            yield from self._picture(one)

    def _stamp(self, packet: Packet[AnyStream]) -> Stamp:
        """Place the packet in time."""
        pts, cut = self._timeline.unit(packet.pts)
        if cut:
            self._capture.restart()
            self._announce = True
            log.warning("time stamps leapt", what=self._playing.place.who)
        self._capture.arrive(pts, self._playing.clock.utc())
        reported = _reference_time(packet)
        if reported is not None:
            self._capture.report(pts, reported)
        self._number += 1
        return Stamp(self._number, None if packet.pts is None else pts, pts, self._capture.time(pts))

    def _unit(self, packet: Packet[AnyStream], stamp: Stamp) -> AccessUnit | None:
        if self._codec == "rawvideo":
            return None
        data = bytes(packet)
        if self._framing.length_size:
            data = to_annexb(data, self._framing.length_size)
        return AccessUnit(data, stamp.place, stamp.time, packet.is_keyframe) if data else None

    def _audio_packet(self, packet: Packet[AnyStream]) -> Iterator[AudioUnit]:
        self._sound_alone()
        audio = self._audio
        if audio is None or packet.pts is None or audio.time_base is None:
            return
        pts = self._timeline.place_other(packet.pts, audio.time_base)
        if pts is None or pts < 0:
            return
        context = audio.codec_context
        unit = AudioUnit(
            bytes(packet),
            pts,
            self._capture.time(pts),
            context.codec.canonical_name,
            context.sample_rate,
            context.channels,
            context.extradata or b"",
        )
        if self.info is None:
            self._held.append(unit)
        else:
            yield unit

    def _announced(self, decoded: Decoded) -> Iterator[SourceEvent]:
        """The StreamInfo that `decoded` needs before it, if any, and what was held back for want of one."""
        frame = decoded.frame
        size = (frame.width, frame.height)
        # All that can change does so with a key picture or with the size: the others are not asked, for PyAV's list
        # of side data and its frame hold each other, and the frame's memory until the garbage collector comes.
        if self._announce or frame.key_frame or size != self._size:
            self._size = size
            self._turn = display_turn(frame).then(self._playing.rotate)
            width, height = self._turn.size(*size)
            info = StreamInfo(self._codec, width, height, self.fps, self._framing.parameter_sets)
            if info != self.info or self._announce:
                self.info, self._announce = info, False
                yield info
        yield from self._held
        self._held.clear()

    def _picture(self, decoded: Decoded) -> Iterator[SourceEvent]:
        yield from self._announced(decoded)
        stamp, timeline = decoded.stamp, self._timeline
        pts = self._order.choose(self._presented(decoded), _placed(timeline, decoded.frame.dts))
        index = timeline.index
        pts = timeline.picture(pts)
        time = stamp.time if pts == stamp.pts else self._capture.time(pts)
        if self._last_time - TRUST < time <= self._last_time:
            time = self._last_time + 1
        self._last_time = time
        self._pictures += 1
        self._seen = timeline.seen = self._playing.clock.monotonic()
        frame = make_upright(decoded.frame, self._turn)
        frame.pts, frame.time_base = pts, _TIME_BASE
        yield Picture(frame, index, pts, time, decoded.damaged)

    def _presented(self, decoded: Decoded) -> int | None:
        if decoded.stamp.pts is not None:
            return decoded.stamp.pts
        return _placed(self._timeline, decoded.frame.pts)

    def _sound_alone(self) -> None:
        """Sound alone must not hide that the picture has fallen silent."""
        playing = self._playing
        if playing.live and playing.clock.monotonic() - self._heard > playing.timeout:
            raise StreamLost(
                f"{playing.place.who} sends sound, but no picture any more", mend=playing.place.check
            )

    def _undecodable(self) -> None:
        if self._playing.clock.monotonic() - self._seen <= BLIND:
            return
        what = f"{self._playing.place.who} has sent no picture that can be decoded for {BLIND:.0f} s"
        kind = StreamLost if self._pictures else NotVideo
        raise kind(what, mend=self._playing.place.broken)


def _placed(timeline: Timeline, stamp: int | None) -> int | None:
    return None if stamp is None else timeline.place(stamp)


def _reference_time(packet: Packet[AnyStream]) -> int | None:
    """The producer reference time that FFmpeg derives from RTCP sender reports, in microseconds UTC."""
    if not packet.has_sidedata("prft"):
        return None
    (wall_clock,) = struct.unpack_from("=q", bytes(packet.get_sidedata("prft")))
    return int(wall_clock)
