"""Clips with much detail, moving and still, made for tests of marks, and what a leak does to them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import av
import cv2
import numpy as np
import numpy.typing as npt

Luma = npt.NDArray[np.uint8]
WIDTH, HEIGHT, RATE, SECONDS = 640, 360, 10, 8


def scene() -> Iterator[tuple[Luma, float]]:
    """A still, rough background, with something rough that moves before it."""
    rng = np.random.default_rng(5)
    rough = cv2.GaussianBlur(rng.integers(0, 255, (HEIGHT, WIDTH)).astype(np.uint8), (0, 0), 3)
    still = cv2.normalize(rough, np.zeros_like(rough), 30, 220, cv2.NORM_MINMAX).astype(np.uint8)
    moving = np.rot90(still, 2)[:160, :160].copy()
    for number in range(RATE * SECONDS):
        picture = still.copy()
        left = 6 * number % (WIDTH - 160)
        picture[100:260, left : left + 160] = moving
        noise = rng.normal(0, 2, picture.shape)
        yield np.clip(picture + noise, 0, 255).astype(np.uint8), number / RATE


def encode(pictures: Iterator[tuple[Luma, float]], path: Path, crf: int) -> None:
    """Write grey pictures of any one size as H.264."""
    with av.open(str(path), "w") as out:
        stream = None
        for number, (luma, _) in enumerate(pictures):
            height, width = luma.shape[0] & ~1, luma.shape[1] & ~1
            if stream is None:
                stream = out.add_stream("libx264", rate=RATE, options={"crf": str(crf), "preset": "veryfast"})
                stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
            frame = av.VideoFrame.from_ndarray(
                np.ascontiguousarray(luma[:height, :width]), format="gray"
            ).reformat(format="yuv420p", src_color_range=2, dst_color_range=2)
            frame.pts = number
            out.mux(stream.encode(frame))
        assert stream is not None
        out.mux(stream.encode(None))


def decode(path: Path) -> Iterator[tuple[Luma, float]]:
    """The luma of a clip, and seconds into it."""
    with av.open(str(path)) as source:
        for frame in source.decode(source.streams.video[0]):
            yield frame.to_ndarray()[: frame.height].astype(np.uint8), float(frame.time or 0)


def changed(
    pictures: Iterator[tuple[Luma, float]], change: Callable[[Luma], Luma], begin: float = 0.0
) -> Iterator[tuple[Luma, float]]:
    """Each picture from `begin` on, changed."""
    for luma, seconds in pictures:
        if seconds >= begin:
            yield change(luma), seconds - begin
