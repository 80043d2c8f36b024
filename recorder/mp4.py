"""Fragmented MP4 (ISO/IEC 14496-12) from encoded packets, written front to back: playable wherever it is cut off."""

from __future__ import annotations

import io
import mmap
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import NewType, Protocol, Self

import av

from vcam.base.errors import RecordError
from vcam.base.media import TICKS, AudioUnit

TIME_BASE = Fraction(1, TICKS)
_OPTIONS = {
    "movflags": "frag_keyframe+delay_moov+default_base_moof",
    "video_track_timescale": str(TICKS),
}


Hevc = NewType("Hevc", bytes)
"""An IDR access unit of H.265 in Annex B with its parameter sets."""


class Output(Protocol):
    """Where the file goes; it is never sought in."""

    def write(self, data: bytes) -> int: ...


@dataclass(frozen=True, slots=True)
class AudioFormat:
    """AAC-LC of one or two channels. `rate` in hertz."""

    rate: int
    channels: int

    @classmethod
    def of(cls, unit: AudioUnit) -> Self | None:
        """The format of `unit`, or None when MP4 cannot carry it from here."""
        # The first five bits of the AudioSpecificConfig (ISO/IEC 14496-3) are the object type: 2 is LC.
        config = unit.extradata
        if unit.codec != "aac" or len(config) < 2 or config[0] >> 3 != 2 or unit.channels not in {1, 2}:
            return None
        return cls(unit.rate, unit.channels)


@dataclass(frozen=True, slots=True)
class Packet:
    """One access unit as it lies in a file. Time stamps in 1/90000 s, duration too."""

    data: bytes
    pts: int
    dts: int
    key: bool
    duration: int


class FragmentedMp4:
    """One H.264 or H.265 track, and perhaps one AAC track; a fragment for each GOP.

    H.264 keeps its parameter sets in band (avc1), those of H.265 lie in the header alone (hvc1, as players want it):
    `first` is the access unit that brings them. Raises OSError or av.FFmpegError.
    """

    def __init__(
        self,
        out: Output,
        width: int,
        height: int,
        audio: AudioFormat | None = None,
        *,
        first: Hevc | None = None,
    ) -> None:
        self._container = av.open(out, "w", format="mp4", options=_OPTIONS)
        if first is None:
            self._video = self._container.add_mux_stream(
                "h264", width=width, height=height, time_base=TIME_BASE
            )
        else:
            self._video = _hvc1(self._container, first)
        self._audio: av.AudioStream | None = None
        if audio is not None:
            stream = self._container.add_stream("aac", rate=audio.rate)
            stream.layout = "mono" if audio.channels == 1 else "stereo"
            self._audio = stream

    def video(self, packet: Packet) -> None:
        """Add an access unit in Annex B; the first must be an IDR picture with its parameter sets."""
        muxed = av.Packet(packet.data)
        muxed.pts, muxed.dts, muxed.duration = packet.pts, packet.dts, packet.duration
        muxed.is_keyframe = packet.key
        muxed.time_base = TIME_BASE
        muxed.stream = self._video
        self._container.mux_one(muxed)

    def audio(self, data: bytes, pts: int) -> None:
        """Add an AAC frame; nothing happens when the file has no audio track."""
        if self._audio is None:
            return
        muxed = av.Packet(data)
        muxed.pts = muxed.dts = pts
        muxed.time_base = TIME_BASE
        muxed.stream = self._audio
        self._container.mux_one(muxed)

    def close(self) -> None:
        """Write the last fragment and the end."""
        self._container.close()


def _hvc1(container: av.container.OutputContainer, first: Hevc) -> av.VideoStream:
    # The one way by which PyAV sets a track's name: a template, which it reads from the stream's own beginning.
    with av.open(io.BytesIO(first), "r", format="hevc") as source:
        stream = container.add_stream_from_template(source.streams.video[0], opaque=True)
        stream.codec_context.codec_tag = "hvc1"
    stream.time_base = TIME_BASE
    return stream


def whole_boxes(data: bytes | mmap.mmap) -> int:
    """Bytes of an fMP4's front that hold its header and whole fragments; 0 when it has not one fragment."""
    offset = whole = 0
    seen: set[bytes] = set()
    while offset + 8 <= len(data):
        size = int.from_bytes(data[offset : offset + 4], "big")
        kind = data[offset + 4 : offset + 8]
        if size == 1 and offset + 16 <= len(data):
            size = int.from_bytes(data[offset + 8 : offset + 16], "big")
        if size < 8 or offset + size > len(data):
            break
        offset += size
        seen.add(kind)
        if kind in {b"mdat", b"mfra"} and {b"moov", b"moof"} <= seen:
            whole = offset
    return whole


def _annexb(data: bytes) -> bytes:
    """An access unit with 4-byte lengths as one with start codes."""
    out = bytearray()
    at = 0
    while at + 4 <= len(data):
        length = int.from_bytes(data[at : at + 4], "big")
        out += b"\x00\x00\x00\x01" + data[at + 4 : at + 4 + length]
        at += 4 + length
    return bytes(out)


def packets(source: Path | bytes) -> Iterator[Packet]:
    """The video packets of an MP4 that this module wrote, in Annex B. Raises RecordError when it is not playable."""
    try:
        with av.open(
            io.BytesIO(source) if isinstance(source, bytes) else source, "r", format="mp4"
        ) as container:
            stream = container.streams.video[0]
            hevc = stream.codec_context.name == "hevc"
            # It puts the parameter sets back before each IDR picture.
            bitstream = av.BitStreamFilterContext("hevc_mp4toannexb", stream) if hevc else None
            scale = (stream.time_base or TIME_BASE) * TICKS
            for packet in container.demux(stream):
                if packet.pts is None or packet.dts is None:
                    continue
                stamps = (round(packet.pts * scale), round(packet.dts * scale))
                key, duration = packet.is_keyframe, round((packet.duration or 0) * scale)
                data = b"".join(map(bytes, bitstream.filter(packet))) if bitstream else _annexb(bytes(packet))
                yield Packet(data, *stamps, key, duration)
    except (av.FFmpegError, IndexError) as error:
        where = "A masked segment" if isinstance(source, bytes) else f"Masked segment {source.name}"
        raise RecordError(
            f"{where} cannot be read ({type(error).__name__})", mend="Run 'garim check'"
        ) from error
