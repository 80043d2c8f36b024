"""Clips with a real face in them, made on the spot, and what there is to know of a clip."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from itertools import chain
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from av.video.stream import VideoStream
from numpy.typing import NDArray

from models.manifest import weights
from tests.support.patch import luma
from vcam.base.errors import WeightsError

ROOT = Path(__file__).resolve().parents[2]
EVAL = Path(os.environ.get("GARIM_EVAL", ROOT.parent / "shared" / "eval"))
"""Footage that is no part of the repository."""

Picture = NDArray[np.uint8]

SIZE = (640, 480)
FACE = (134, 76)
"""Middle of the face in `portrait()`."""
_LOSSLESS = {"qp": "0", "preset": "ultrafast"}


def footage(*parts: str) -> Path:
    """A file or folder of the evaluation footage; skips the test when it is not there."""
    path = EVAL.joinpath(*parts)
    if not path.exists():
        pytest.skip("evaluation footage is absent; point GARIM_EVAL at it")
    return path


def portrait() -> Picture:
    """A head and shoulders, 300x300 RGB. Skips the test when it or the detectors are not installed."""
    try:
        for name in ("yunet", "centerface", "plates"):
            weights(name)
        picture = cv2.imread(str(weights("astronaut")))
    except WeightsError as error:
        pytest.skip(f"{error.what}: {error.mend}")
    assert picture is not None
    return np.ascontiguousarray(picture[20:320, 90:390, ::-1])


def wall(size: tuple[int, int] = SIZE) -> Picture:
    """A wall of fine grain, in which every pixel differs from its neighbours."""
    grain = np.random.default_rng(1).integers(96, 161, (size[1], size[0], 1), np.uint8)
    return np.repeat(grain, 3, axis=2)


def walk(count: int, step: int = 3, size: tuple[int, int] = SIZE) -> Iterator[Picture]:
    """`count` pictures of the portrait moving to the right before the wall."""
    face, behind = portrait(), wall(size)
    for number in range(count):
        picture = behind.copy()
        x = 20 + number * step
        picture[60:360, x : x + 300] = face
        yield picture


def write(
    path: Path,
    pictures: Iterable[Picture],
    *,
    fps: int = 25,
    codec: str = "libx264",
    pix_fmt: str = "yuv420p",
    options: dict[str, str] | None = None,
    ticks: Sequence[int] | None = None,
) -> Path:
    """Write RGB `pictures` losslessly, at `fps`, or at the times `ticks` in 1/1000 s."""
    if options is None:
        options = _LOSSLESS if codec == "libx264" else {}
    every = iter(pictures)
    first = next(every)
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=fps, options=options)
        assert isinstance(stream, VideoStream)
        stream.height, stream.width = first.shape[:2]
        stream.pix_fmt = pix_fmt
        if ticks is not None:
            stream.codec_context.time_base = Fraction(1, 1000)
        for number, picture in enumerate(chain([first], every)):
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame.pts = number if ticks is None else ticks[number]
            frame.time_base = Fraction(1, fps) if ticks is None else Fraction(1, 1000)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def remux(source: Path, target: Path, seconds: float) -> Path:
    """The first `seconds` of the video in `source`, not encoded again."""
    with av.open(str(source)) as from_, av.open(str(target), "w") as to:
        taken = from_.streams.video[0]
        stream = to.add_stream_from_template(taken)
        for packet in from_.demux(taken):
            if packet.pts is None or packet.dts is None or packet.time_base is None:
                continue
            if packet.dts * packet.time_base >= seconds:
                break
            packet.stream = stream
            to.mux(packet)
    return target


def frames(path: Path) -> list[av.VideoFrame]:
    """Every picture of a file, decoded."""
    with av.open(str(path)) as container:
        return list(container.decode(video=0))


def times(pictures: Iterable[av.VideoFrame]) -> list[float]:
    """Seconds of each picture after the first."""
    stamps = [picture.time for picture in pictures]
    assert None not in stamps
    return [stamp - stamps[0] for stamp in stamps if stamp is not None and stamps[0] is not None]


def masked(frame: av.VideoFrame, box: Sequence[float], noise: int = 10) -> bool:
    """Whether every pixel of `box` lies in a mask.

    Masks consist of blocks whose sides are multiples of 4: inside them, neighbours differ by no more than the
    encoder's `noise`. A mask may be blended nowhere, so a single pixel of grain that shows through is found.
    """
    x1, y1, x2, y2 = (round(edge) for edge in box)
    inside = luma(frame)[y1:y2, x1:x2].astype(np.int16)
    across = np.abs(np.diff(inside, axis=1))[:, np.arange(x1 + 1, x2) % 4 != 0]
    down = np.abs(np.diff(inside, axis=0))[np.arange(y1 + 1, y2) % 4 != 0]
    return inside.size > 0 and int(across.max(initial=0)) <= noise and int(down.max(initial=0)) <= noise


def change(before: av.VideoFrame, after: av.VideoFrame, box: Sequence[float]) -> float:
    """Mean difference of the luma samples in `box`."""
    x1, y1, x2, y2 = (round(edge) for edge in box)
    one, two = (luma(frame)[y1:y2, x1:x2].astype(np.int16) for frame in (before, after))
    return float(np.abs(one - two).mean())
