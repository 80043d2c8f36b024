"""Both marks are in a picture of any size, and faint but for the corner."""

from __future__ import annotations

import numpy as np
import pytest

from tests.support.patch import PatchScene, luma
from vcam.base.media import TICKS, Picture
from vcam.export.marks import VisibleMark, both
from vcam.export.watermark import STRENGTH

KEY = b"k" * 32
DAY = 1_767_225_600_000_000
NAME = "E20260101-00000005"


def pictures(scene: PatchScene, seconds: float) -> tuple[Picture, Picture]:
    """The same picture twice."""
    pts = round(seconds * TICKS)
    return scene.picture(0, pts=pts), scene.picture(0, pts=pts)


@pytest.mark.parametrize("size", [(640, 360), (1920, 1080), (322, 182), (96, 64)])
def test_both_marks_are_written_and_only_the_corner_shows(size: tuple[int, int]) -> None:
    marker = both(KEY)(NAME, 5, DAY)
    assert marker.names == ("visible", "invisible")
    plain, marked = pictures(PatchScene(*size), 0.2)
    marker.mark(marked)
    change = np.abs(luma(marked.frame).astype(int) - luma(plain.frame))
    above = change[: -size[1] // 2]
    assert set(np.unique(above)) == {STRENGTH}
    assert change[-40:].max() > 30


def test_a_new_size_and_the_next_second_get_their_own_mark() -> None:
    marker = both(KEY)(NAME, 5, DAY)
    found = []
    for size, seconds in (((640, 360), 0.5), ((320, 180), 0.5), ((640, 360), 1.5), ((640, 360), 2.5)):
        plain, marked = pictures(PatchScene(*size), seconds)
        marker.mark(marked)
        found.append((luma(marked.frame).astype(int) - luma(plain.frame))[:90])
    assert found[0].shape != found[1].shape
    assert (found[0] == -found[2]).all()
    assert (found[0] == found[3]).all()


def test_the_visible_mark_alone_leaves_the_rest_as_it_was() -> None:
    plain, marked = pictures(PatchScene(), 0.0)
    VisibleMark(NAME, 5, DAY).mark(marked)
    change = luma(marked.frame) != luma(plain.frame)
    assert change[-40:, :320].any()
    assert not change[:-60].any()
    assert not change[:, 400:].any()
