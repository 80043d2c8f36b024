"""Pictures that move, made here."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

import numpy as np
import pytest
from av.codec.context import CodecContext
from av.packet import Packet
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame

from vcam.base.media import Codec, MaskedUnit, Picture

FFMPEG: dict[Codec, str] = {"h264": "h264", "h265": "hevc", "mjpeg": "mjpeg"}
"""FFmpeg's names of the codecs."""


class Scene:
    """A textured background with a bright square that moves 3 pixels a picture."""

    def frame(self, index: int, width: int = 320, height: int = 192) -> VideoFrame:
        random = np.random.default_rng(1)
        coarse = random.integers(40, 200, (height // 8 + 1, width // 8 + 1), dtype=np.uint8)
        luma = np.kron(coarse, np.ones((8, 8), np.uint8))[:height, :width].copy()
        luma[10:42, (3 * index) % (width - 32) : (3 * index) % (width - 32) + 32] = 230
        noise = np.random.default_rng(index).integers(0, 4, luma.shape, dtype=np.uint8)
        chroma = np.full((height // 2, width), 120, np.uint8)
        return VideoFrame.from_ndarray(np.vstack([luma + noise, chroma]), format="yuv420p")

    def pictures(self, count: int = 30, *, pts: Iterable[int] | None = None) -> list[Picture]:
        instants = list(pts) if pts is not None else [index * 3600 for index in range(count)]
        return [
            Picture(self.frame(index), index, at, 1_700_000_000_000_000 + at * 100 // 9)
            for index, at in enumerate(instants)
        ]


class Judge:
    """FFmpeg's decoder, and measures of what comes out of it."""

    def decode(self, units: Iterable[MaskedUnit]) -> list[VideoFrame]:
        units = list(units)
        decoder = CodecContext.create(FFMPEG[units[0].codec], "r")
        assert isinstance(decoder, VideoCodecContext)
        decoder.thread_count = 1
        frames: list[VideoFrame] = []
        for unit in units:
            packet = Packet(unit.data)
            packet.pts, packet.dts, packet.time_base = unit.pts, unit.dts, Fraction(1, 90_000)
            frames += decoder.decode(packet)
        return frames + decoder.decode(None)

    def samples(self, frame: VideoFrame) -> bytes:
        """All samples of a picture, without padding."""
        return frame.to_ndarray().tobytes()

    def psnr(self, one: VideoFrame, other: VideoFrame) -> float:
        """Peak signal-to-noise ratio of two pictures of one format, in dB."""
        error = np.mean((one.to_ndarray().astype(float) - other.to_ndarray().astype(float)) ** 2)
        return float(10 * np.log10(255**2 / max(error, 1e-9)))


@pytest.fixture
def scene() -> Scene:
    return Scene()


@pytest.fixture
def judge() -> Judge:
    return Judge()
