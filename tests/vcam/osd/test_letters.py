"""Letters are white with a dark edge, in every script, and lie where they are laid."""

from __future__ import annotations

import numpy as np
import pytest
from av.video.frame import VideoFrame
from hypothesis import given
from hypothesis import strategies as st

from vcam.mask.planes import Planes
from vcam.osd.letters import Letters, draw


def blank(level: int, width: int = 320, height: int = 96) -> VideoFrame:
    return VideoFrame.from_ndarray(np.full((height * 3 // 2, width), level, np.uint8), format="yuv420p")


def laid(letters: Letters, level: int, x: int = 8, y: int = 8) -> Planes:
    planes = Planes.of(blank(level))
    letters.lay(planes, x, y)
    return planes


@pytest.mark.parametrize("level", [0, 90, 255])
def test_white_letters_with_a_dark_edge_on_any_ground(level: int) -> None:
    planes = laid(draw("Garim 12", 40), level)
    assert planes.luma.max() >= 233
    box = planes.luma[8:60, 8:200]
    assert (box > 220).mean() > 0.02
    assert (box < 40).mean() > 0.02
    for plane in planes.chroma:  # letters have no colour of the ground behind them
        assert np.abs(plane[8:24, 8:90].astype(int) - 128).min() <= 1
    assert (planes.luma[70:] == level).all()


def test_hangul_has_letters_of_its_own() -> None:
    known = [draw(character, 40).luma_added for character in ("가", "힣", "문", "中", "A")]
    missing = draw("\ue000", 40).luma_added  # private use: no font has it
    for one in known:
        assert one.shape != missing.shape or (one != missing).any()
    assert len({one.tobytes() for one in known}) == len(known)


@given(st.integers(-400, 400), st.integers(-200, 200))
def test_what_lies_outside_is_cut_off(x: int, y: int) -> None:
    letters = draw("Garim", 24)
    x, y = x & ~1, y & ~1
    planes = laid(letters, 90, x, y)
    width, height = letters.size
    touched = np.argwhere(planes.luma != 90)
    if len(touched):
        assert touched[:, 0].min() >= max(y, 0)
        assert touched[:, 0].max() < y + height
        assert touched[:, 1].min() >= max(x, 0)
        assert touched[:, 1].max() < x + width


def test_letters_are_as_high_as_asked() -> None:
    for height in (16, 32, 64):
        assert height * 0.6 <= draw("Ag힣", height).size[1] <= height * 1.8
