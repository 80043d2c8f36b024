"""Footage for the recorder's tests: generated, and real where there is some."""

from __future__ import annotations

import os
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest

from recorder.descriptor import SegmentDescriptor
from vcam.base.media import TICKS, AccessUnit, Kind, MaskedUnit, Picture, Region, StreamInfo
from vcam.base.rendition import Rendition
from vcam.base.settings import EncodeSettings
from vcam.encode.encoder import Encoder

START = 1_750_000_000_000_000
"""An instant in 2025, in microseconds UTC."""


def encode(
    frames: int,
    *,
    width: int = 320,
    height: int = 180,
    gop: int = 10,
    fps: int = 25,
    seed: int = 1,
    in_band: bool = True,
) -> tuple[StreamInfo, list[AccessUnit]]:
    """Moving noise through x264: access units in Annex B."""
    context = av.CodecContext.create("libx264", "w")
    assert isinstance(context, av.VideoCodecContext)
    context.width, context.height, context.pix_fmt = width, height, "yuv420p"
    context.time_base, context.framerate = Fraction(1, TICKS), Fraction(fps)
    repeat = int(in_band)
    context.options = {
        "preset": "ultrafast",
        "tune": "zerolatency",
        "x264-params": f"keyint={gop}:min-keyint={gop}:scenecut=0:repeat-headers={repeat}:annexb=1",
    }
    if not in_band:
        context.flags |= av.codec.context.Flags.global_header
    random = np.random.default_rng(seed)
    still = random.integers(0, 255, (height * 3 // 2, width), dtype=np.uint8)
    packets = []
    for number in range(frames):
        picture = av.VideoFrame.from_ndarray(np.roll(still, 3 * number, axis=1), format="yuv420p")
        picture.pts, picture.time_base = number * TICKS // fps, Fraction(1, TICKS)
        packets += context.encode(picture)
    packets += context.encode(None)
    units = []
    for packet in packets:
        assert packet.pts is not None
        time = START + packet.pts * 1_000_000 // TICKS
        units.append(AccessUnit(bytes(packet), packet.pts, time, packet.is_keyframe))
    outside = b"" if in_band else bytes(context.extradata or b"")
    return StreamInfo("h264", width, height, float(fps), outside), units


def hevc(frames: int, *, gop: int = 10, seed: int = 1) -> list[MaskedUnit]:
    """Moving noise in H.265 as Garim encodes it, 320x192 at 25 a second."""
    encoder = Encoder(
        EncodeSettings(), 320, 192, 25.0, rendition=Rendition("main", "h265", gop=gop, bit_rate=300_000)
    )
    still = np.random.default_rng(seed).integers(0, 255, (288, 320), dtype=np.uint8)
    units: list[MaskedUnit] = []
    for number in range(frames):
        frame = av.VideoFrame.from_ndarray(np.roll(still, 3 * number, axis=1), format="yuv420p")
        pts = number * TICKS // 25
        region = Region(number, 2, number + 20.5, 40, Kind.FACE, 7)
        units += encoder.encode(Picture(frame, number, pts, START + number * 40_000), (region,))
    return units


def masked(units: list[AccessUnit], width: int = 320, height: int = 180) -> list[MaskedUnit]:
    """The same access units as the masked stream, each with a region."""
    return [
        MaskedUnit(
            data=unit.data,
            pts=unit.pts,
            dts=unit.pts,
            time=unit.time,
            key=unit.key,
            index=number,
            width=width,
            height=height,
            regions=(Region(number, 2, number + 20.5, 40, Kind.FACE, 7),),
        )
        for number, unit in enumerate(units)
    ]


def eval_folder() -> Path | None:
    """The folder of real footage, where there is one."""
    given = os.environ.get("GARIM_EVAL")
    folder = Path(given) if given else Path(__file__).parents[3] / "shared" / "eval"
    return folder if folder.is_dir() else None


def real_units(name: str, limit: int = 200) -> tuple[StreamInfo, list[AccessUnit]]:
    """Access units of a real clip in Annex B, decoding order; skips the test when the clip is absent."""
    folder = eval_folder()
    path = folder / name if folder else None
    if path is None or not path.exists():
        pytest.skip(f"{name} is not there (set GARIM_EVAL to the folder of real footage)")
    with av.open(path, "r") as container:
        stream = container.streams.video[0]
        codec = stream.codec_context.name
        scale = (stream.time_base or Fraction(1, TICKS)) * TICKS
        bitstream = av.BitStreamFilterContext(f"{codec}_mp4toannexb", stream)
        units = []
        for packet in container.demux(stream):
            for part in bitstream.filter(packet if packet.size else None):
                pts = round((part.pts or 0) * scale)
                time = START + pts * 1_000_000 // TICKS
                units.append(AccessUnit(bytes(part), pts, time, part.is_keyframe))
        info = StreamInfo(codec, stream.width, stream.height, float(stream.average_rate or 25))
    return info, units[:limit]


def files(folder: Path, suffix: str = "") -> list[Path]:
    """All files below `folder` whose names end in `suffix`."""
    return sorted(path for path in folder.rglob("*") if path.is_file() and path.name.endswith(suffix))


def contiguous(segments: list[SegmentDescriptor]) -> bool:
    """Whether each segment begins where the one before ends, to a picture."""
    return all(abs(b.start - a.end) <= 1_000_000 for a, b in pairwise(segments))
