"""Receives an RTSP stream as any player would, through PyAV, and decodes it afterwards."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, cast
from urllib.parse import quote, urlsplit, urlunsplit

import av
import numpy as np
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from numpy.typing import NDArray

from vcam.base.errors import StreamLost, Unreachable
from vcam.base.media import TICKS

_TIMEOUT: Final = 5
"""Seconds of silence after which a stream counts as lost."""


@dataclass(frozen=True, slots=True)
class Received:
    """What came in: access units and their times in the order of arrival, the decoder's name and its extradata.

    Times are in units of 1/`clock` s from an arbitrary start; None where RTP has told none yet.
    """

    codec: str
    extradata: bytes
    units: tuple[tuple[bytes, int | None], ...]
    clock: int

    def pictures(self) -> Iterator[tuple[NDArray[np.uint8], float | None]]:
        """The decoded pictures in grey, (H, W), with their times in seconds. What cannot be decoded is left out."""
        context = cast("VideoCodecContext", av.CodecContext.create(self.codec, "r"))
        context.extradata = self.extradata or None
        for packet in (*(_packet(*unit) for unit in self.units), None):
            try:
                frames = context.decode(packet)
            except av.error.InvalidDataError:
                continue
            for frame in frames:
                seconds = None if frame.pts is None else frame.pts / self.clock
                yield grey(frame), seconds


def grey(frame: VideoFrame) -> NDArray[np.uint8]:
    """A decoded picture in grey, (H, W)."""
    return np.asarray(frame.to_ndarray(format="gray"), np.uint8)


def _packet(data: bytes, pts: int | None) -> av.Packet[VideoStream]:
    packet = cast("av.Packet[VideoStream]", av.Packet(data))
    packet.pts = pts
    return packet


def signed(url: str, user: str, password: str) -> str:
    """`url` with the credentials that FFmpeg expects in it. Never print it."""
    parts = urlsplit(url)
    place = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{quote(user, safe='')}:{quote(password, safe='')}@{place}"))


def receive(
    url: str,
    seconds: float,
    *,
    credentials: tuple[str, str] | None = None,
    transport: str = "tcp",
    stopped: Callable[[], bool] = lambda: False,
) -> Received:
    """Receive `seconds` of the video at `url`, or until `stopped`. Raises Unreachable, StreamLost."""
    address = signed(url, *credentials) if credentials else url
    options = {"rtsp_transport": transport, "timeout": str(_TIMEOUT * 1_000_000)}
    try:
        container = av.open(address, options=options, timeout=(2 * _TIMEOUT, 2 * _TIMEOUT))
    except (av.FFmpegError, OSError) as error:
        raise Unreachable(
            f"{url} cannot be opened ({type(error).__name__})", mend="Look at the log of 'garim run'"
        ) from None
    with container:
        stream = container.streams.video[0]
        units: list[tuple[bytes, int | None]] = []
        end = time.monotonic() + seconds
        try:
            for packet in container.demux(stream):
                if packet.size:
                    units.append((bytes(packet), packet.pts))
                if time.monotonic() >= end or stopped():
                    break
        except (av.FFmpegError, OSError) as error:
            raise StreamLost(f"{url} fell silent ({type(error).__name__})") from None
        context = stream.codec_context
        clock = round(1 / stream.time_base) if stream.time_base else TICKS
        return Received(context.name, bytes(context.extradata or b""), tuple(units), clock)
