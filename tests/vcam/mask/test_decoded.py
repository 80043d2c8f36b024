"""A frame made writable and masked leaves all later pictures as they were, even while they are predicted from it."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from vcam.base.media import Picture
from vcam.mask.masker import Masker
from vcam.mask.planes import Planes


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    """40 pictures with references in both directions (B pictures)."""
    path = tmp_path / "clip.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25, options={"bf": "3", "refs": "4"})
        stream.width, stream.height, stream.pix_fmt = 200, 120, "yuv420p"
        rng = np.random.default_rng(1)
        ground = rng.integers(0, 255, (120, 240, 3), np.uint8)
        for number in range(40):
            frame = av.VideoFrame.from_ndarray(ground[:, number : number + 200].copy(), format="rgb24")
            frame.pts, frame.time_base = number, Fraction(1, 25)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def decoded(path: Path, *, mask: bool) -> list[bytes]:
    """The luma of every picture as it was decoded, masked at once where `mask`."""
    masker = Masker("mosaic")
    seen = []
    with av.open(str(path)) as container:
        for number, frame in enumerate(container.decode(video=0)):
            seen.append(Planes.of(frame).luma.tobytes())
            if mask:
                frame.make_writable()
                masker.whole(Picture(frame, number, number, 0))
                assert Planes.of(frame).luma.tobytes() != seen[-1]
    return seen


def test_later_pictures_are_unharmed(clip: Path) -> None:
    assert decoded(clip, mask=True) == decoded(clip, mask=False)
