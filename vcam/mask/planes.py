"""A frame's planes as arrays that share its memory."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from vcam.base.errors import EncodeError

if TYPE_CHECKING:
    import av

Plane = NDArray[np.uint8]

_FORMATS = frozenset({"yuv420p", "yuvj420p"})


@dataclass(frozen=True, slots=True)
class Planes:
    """Y, U and V of a 4:2:0 frame, uint8 of (height, width) and twice the halves; writing changes the frame."""

    luma: Plane
    chroma: tuple[Plane, Plane]

    @classmethod
    def of(cls, frame: av.VideoFrame) -> Planes:
        """Views of `frame`'s planes, without a copy. Raises EncodeError unless it is yuv420p of 8 bits."""
        if frame.format.name not in _FORMATS:
            raise EncodeError(
                f"A picture of format {frame.format.name} cannot be masked", mend="Convert it to yuv420p first"
            )
        views = []
        for plane in frame.planes:
            # Lines are padded, so a line's length in memory is not the plane's width.
            lines = np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)  # type: ignore[call-overload] # a buffer
            views.append(lines[: plane.height, : plane.width])
        luma, first, second = views
        return cls(luma, (first, second))
