"""The pictures of a video under review, as far as following a box through them needs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from vcam.base.errors import CustodyError, NotVideo
from vcam.base.media import TICKS, Picture
from vcam.review.follow import Luma, follow
from vcam.source import FileSource
from vcam.track.box import Box

_AT_ONCE = 250
"""Pictures that are held while a box is followed backward: ten seconds at 25 a second."""


@dataclass(frozen=True, slots=True)
class Form:
    """Size in pixels, and when each picture is shown, in seconds from the first."""

    width: int
    height: int
    times: tuple[float, ...]

    def at(self, time: float) -> int:
        """Number of the picture that is shown at `time` seconds. Raises CustodyError outside the video."""
        if not self.times or not 0 <= time <= self.times[-1] + 1:
            last = self.times[-1] if self.times else 0
            raise CustodyError(
                f"The video has no picture at {time:g} s", mend=f"Give a time from 0 to {last:.2f}"
            )
        return int(np.searchsorted(self.times, time + 1e-6, side="right")) - 1


def _pictures(path: Path) -> Iterator[Picture]:
    return (event for event in FileSource(path).events() if isinstance(event, Picture))


def lumas(path: Path) -> Iterator[tuple[Luma, float]]:
    """Each picture's luma (height, width), and seconds from the first. Raises SourceError when it is no video."""
    return ((_luma(picture), picture.pts / TICKS) for picture in _pictures(path))


def form(path: Path) -> Form:
    """Decode the video once. Raises SourceError when it is none."""
    size = (0, 0)
    times = []
    for picture in _pictures(path):
        size = (picture.width, picture.height)
        times.append(picture.pts / TICKS)
    if not times:
        raise NotVideo(f"{path} holds no picture", mend="Check that it plays in another program")
    return Form(*size, tuple(time - times[0] for time in times))


def followed(path: Path, frame: int, box: Box, *, back: int, ahead: int) -> tuple[int, list[Box]]:
    """`box` of picture `frame`, followed at most `back` pictures backward and `ahead` forward.

    Returns the first picture's number and a box for it and each after it. `back` is cut to ten seconds at 25
    pictures a second, for those pictures are held in memory.
    """
    back = min(back, frame, _AT_ONCE)
    before: list[Luma] = []
    lumas = enumerate(map(_luma, _pictures(path)))
    first: Luma | None = None
    for number, luma in lumas:
        if frame - back <= number < frame:
            before.append(luma)
        if number == frame:
            first = luma
            break
    if first is None:
        raise CustodyError(f"The video has no picture {frame}", mend="Give an earlier time")
    behind = list(follow(first, box, reversed(before)))
    forward = (luma for _, (_, luma) in zip(range(ahead), lumas, strict=False))
    return frame - len(behind), [*reversed(behind), box, *follow(first, box, forward)]


def _luma(picture: Picture) -> Luma:
    return picture.frame.to_ndarray()[: picture.height].astype(np.uint8)  # the luma of yuv420p comes first
