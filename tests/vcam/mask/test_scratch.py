"""Masking copies leaves the decoder's own frames, and so all later pictures, as they were."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from vcam.base.media import Picture
from vcam.mask.masker import Masker
from vcam.mask.planes import Planes
from vcam.mask.scratch import Scratch


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


def decoded(path: Path, mask: bool) -> list[bytes]:
    scratch, masker = Scratch(), Masker("mosaic")
    seen = []
    with av.open(str(path)) as container:
        for number, frame in enumerate(container.decode(video=0)):
            if mask:
                ours = scratch.copy(frame)
                assert np.array_equal(Planes.of(ours).luma, Planes.of(frame).luma)
                masker.whole(Picture(ours, number, number, 0))
                assert not np.array_equal(Planes.of(ours).luma, Planes.of(frame).luma)
            seen.append(
                b"".join(plane.tobytes() for plane in (Planes.of(frame).luma, *Planes.of(frame).chroma))
            )
    return seen


def test_later_pictures_are_unharmed(clip: Path) -> None:
    assert decoded(clip, mask=True) == decoded(clip, mask=False)


def test_a_copy_keeps_the_colours_meaning_and_follows_a_new_size() -> None:
    scratch = Scratch()
    first = av.VideoFrame(64, 48, "yuv420p")
    first.color_range, first.colorspace, first.color_primaries, first.color_trc = 2, 1, 1, 1
    copy = scratch.copy(first)
    assert (copy.color_range, copy.colorspace, copy.color_primaries, copy.color_trc) == (2, 1, 1, 1)
    assert scratch.copy(av.VideoFrame(64, 48, "yuv420p")) is copy
    other = scratch.copy(av.VideoFrame(96, 48, "yuv420p"))
    assert (other.width, other.height) == (96, 48)
