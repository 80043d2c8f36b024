"""Access units into a container, untouched: nothing is encoded again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import av

from recorder.mp4 import TIME_BASE, FragmentedMp4, Hevc, Output, Packet
from vcam.base.errors import CustodyError
from vcam.base.media import AccessUnit, StreamInfo
from vcam.export.timeline import Place

ENDINGS = {"h264": ".h264", "hevc": ".h265", "mjpeg": ".mjpeg"}
"""Endings of the bare bitstreams."""


def ending(info: StreamInfo) -> str:
    """The ending of the bitstream's file. Raises CustodyError for a codec that no file of ours can hold."""
    if info.codec not in ENDINGS:
        raise CustodyError(
            f"Footage in {info.codec} cannot be exported", mend="Set the camera to H.264, H.265 or MJPEG"
        )
    return ENDINGS[info.codec]


def container(info: StreamInfo) -> str:
    """The ending of the container that `remux` writes: MP4, or Matroska for MJPEG."""
    return ".mkv" if info.codec == "mjpeg" else ".mp4"


def remux(out: Output, info: StreamInfo, units: Iterable[AccessUnit], line: Sequence[Place]) -> int:
    """Write `units`, placed as `line` says, front to back; return how many. The file begins at a key picture.

    Raises CustodyError when there is none, OSError or av.FFmpegError when `out` cannot be written.
    """
    pairs = iter(zip(units, line, strict=True))
    first = next(((unit, place) for unit, place in pairs if unit.key), None)
    if first is None:
        raise CustodyError("There is no key picture in that time", mend="Ask for a longer time")
    unit, place = first
    file = _Mkv(out, info) if info.codec == "mjpeg" else _mp4(out, info, unit.data)
    try:
        file.video(_packet(unit.data, place, key=True))
        count = 1
        for unit, place in pairs:
            file.video(_packet(unit.data, place, key=unit.key))
            count += 1
    finally:
        file.close()
    return count


def _packet(data: bytes, place: Place, *, key: bool) -> Packet:
    return Packet(data, place.pts, place.dts, key, place.duration)


def _mp4(out: Output, info: StreamInfo, first: bytes) -> FragmentedMp4:
    return FragmentedMp4(out, info.width, info.height, first=Hevc(first) if info.codec == "hevc" else None)


class _Mkv:
    """JPEGs in Matroska."""

    def __init__(self, out: Output, info: StreamInfo) -> None:
        self._container = av.open(out, "w", format="matroska")
        self._stream = self._container.add_mux_stream(
            "mjpeg", width=info.width, height=info.height, time_base=TIME_BASE
        )

    def video(self, packet: Packet) -> None:
        muxed = av.Packet(packet.data)
        muxed.pts, muxed.dts, muxed.duration = packet.pts, packet.dts, packet.duration
        muxed.is_keyframe = packet.key
        muxed.time_base = TIME_BASE
        muxed.stream = self._stream
        self._container.mux_one(muxed)

    def close(self) -> None:
        self._container.close()
