"""Decoding with one thread, and knowing which pictures the decoder had to invent parts of."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from av import VideoFrame
from av import logging as ffmpeg_log
from av.error import FFmpegError
from av.packet import Packet
from av.stream import Stream
from av.video.stream import VideoStream

_HARMLESS = ("SEI type", "Truncated SEI", "unable to decode APP fields", "No start code is found")


@contextmanager
def overhearing() -> Iterator[list[tuple[int, str, str]]]:
    """Collect what FFmpeg reports in this thread, which nothing else tells, and keep it out of the log.

    FFmpeg's messages may hold URLs with credentials: they are looked at, and go nowhere.
    """
    with ffmpeg_log.Capture(local=True) as messages:
        yield messages


def listen() -> None:
    """Have FFmpeg report errors at all. For the whole process; what no `overhearing` takes is dropped."""
    logger = logging.getLogger("libav")
    logger.propagate = False
    if not logger.handlers:
        logger.addHandler(logging.NullHandler())
    ffmpeg_log.set_skip_repeated(False)
    if ffmpeg_log.get_level() is None:
        ffmpeg_log.set_level(ffmpeg_log.ERROR)


class Damage:
    """Which pictures cannot be believed. Pure.

    An error in one access unit spoils its picture and all that may be predicted from it: all that follow in
    decoding order, until a later key picture, whole itself, has been put out. Nothing is whole before
    the first key picture.
    """

    def __init__(self) -> None:
        self._dirty = True
        self._since: int | None = None
        self._heals: int | None = None

    def unit(self, number: int, *, key: bool, hurt: bool) -> None:
        """Access unit `number`, rising in decoding order, was decoded; `hurt` when with errors."""
        if hurt:
            self._since = number if self._since is None else self._since
            self._heals = None
        elif key and self._heals is None and (self._dirty or self._since is not None):
            self._heals = number

    def picture(self, number: int, *, key: bool, corrupt: bool) -> bool:
        """Whether the next picture in output order, from access unit `number`, is damaged."""
        if corrupt or (self._since is not None and number >= self._since):
            self._dirty = True
        if self._dirty and key and not corrupt and self._heals is not None and number >= self._heals:
            self._dirty = False
            self._since = self._heals = None
        return self._dirty


@dataclass(frozen=True, slots=True)
class Stamp:
    """What is known of an access unit, carried through the decoder to its picture.

    `pts` is that of its picture, None where the container gave no time stamp; `place` is the access unit's
    own even then. `time` is microseconds UTC of `place`.
    """

    number: int
    pts: int | None
    place: int
    time: int


@dataclass(frozen=True, slots=True)
class Decoded:
    """One picture as the decoder put it out."""

    frame: VideoFrame
    stamp: Stamp
    damaged: bool


class Decoder:
    """Decodes one stream's packets in decoding order."""

    def __init__(self, stream: VideoStream) -> None:
        listen()
        self._context = stream.codec_context
        self._context.thread_count = 1
        self._context.copy_opaque = True
        self._damage = Damage()
        self._latest = Stamp(0, None, 0, 0)

    def decode(self, packet: Packet[VideoStream] | Packet[Stream], stamp: Stamp) -> list[Decoded]:
        """The pictures that come out once `packet` has gone in, in output order.

        A packet that cannot be decoded gives none, and what follows counts as damaged.
        """
        packet.opaque = stamp
        frames, hurt = self._run(packet)
        self._damage.unit(stamp.number, key=packet.is_keyframe, hurt=hurt or packet.is_corrupt)
        self._latest = stamp
        return [self._decoded(frame) for frame in frames]

    def flush(self) -> list[Decoded]:
        """The pictures that are still inside, at the end of the stream."""
        frames, _ = self._run(None)
        return [self._decoded(frame) for frame in frames]

    def _run(self, packet: Packet[VideoStream] | Packet[Stream] | None) -> tuple[list[VideoFrame], bool]:
        with overhearing() as messages:
            try:
                frames = self._context.decode(packet)
            except FFmpegError as error:
                if isinstance(error, MemoryError):
                    raise
                return [], True
        return frames, any(not text.startswith(_HARMLESS) for _, _, text in messages)

    def _decoded(self, frame: VideoFrame) -> Decoded:
        stamp = frame.opaque
        if not isinstance(stamp, Stamp):
            latest = self._latest
            stamp = Stamp(latest.number, None, latest.place, latest.time)
        damaged = self._damage.picture(stamp.number, key=frame.key_frame, corrupt=frame.is_corrupt)
        return Decoded(frame, stamp, damaged)
