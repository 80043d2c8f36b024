"""An ellipse is made of blocks that hold all of it, and goes on where the picture ends."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from vcam.base.media import Kind, Region
from vcam.mask.grid import snap
from vcam.mask.shape import ellipse, rectangles

WIDTH, HEIGHT = 640, 360


@st.composite
def faces(draw: st.DrawFn) -> Region:
    x, y = draw(st.floats(-80, WIDTH)), draw(st.floats(-80, HEIGHT))
    span = st.one_of(st.floats(1, 100), st.floats(1, 900))
    return Region(x, y, x + draw(span), y + draw(span), Kind.FACE, 1)


@given(faces(), st.sampled_from([4, 8, 16]), st.integers(0, 2**32))
@settings(max_examples=80, deadline=None)
def test_every_point_of_the_ellipse_and_of_the_core_is_covered(face: Region, blocks: int, seed: int) -> None:
    cells = snap(face, WIDTH, HEIGHT, blocks)
    if cells is None:
        return
    parts = ellipse(face, cells, WIDTH, HEIGHT)
    covered = np.zeros((cells.y2, cells.x2), np.int32)
    for part in parts:
        assert part.size == cells.size
        assert cells.holds(part)
        covered[part.y1 : part.y2, part.x1 : part.x2] += 1
    assert covered.max() <= 1
    rng = np.random.default_rng(seed)
    angle, reach = rng.uniform(0, 2 * np.pi, 500), np.sqrt(rng.uniform(0, 1, 500)) * 0.999
    unit = np.stack((np.cos(angle), np.sin(angle))) * reach
    core = rng.uniform(-1, 1, (2, 500)) * np.sqrt(0.5) * 0.999
    middle = np.array([[(face.x1 + face.x2) / 2], [(face.y1 + face.y2) / 2]])
    half = np.array([[(face.x2 - face.x1) / 2], [(face.y2 - face.y1) / 2]])
    for points in (middle + unit * half, middle + core * half):
        x, y = points
        seen = (x >= 0) & (x < WIDTH) & (y >= 0) & (y < HEIGHT)
        assert np.all(covered[y[seen].astype(int), x[seen].astype(int)] == 1)


@given(
    st.floats(10, 300),
    st.floats(10, 300),
    st.floats(0.2, 1.0),
    st.sampled_from(["left", "right", "top", "bottom"]),
)
@settings(max_examples=60, deadline=None)
def test_a_face_cut_by_the_edge_is_covered_up_to_the_edge(
    wide: float, high: float, share: float, side: str
) -> None:
    """The box that a detector gives of such a face ends at the edge, where the face may be at its widest."""
    x, y = WIDTH / 2, HEIGHT / 2
    face = {
        "left": Region(0, y - high / 2, wide * share, y + high / 2, Kind.FACE, 1),
        "right": Region(WIDTH - wide * share, y - high / 2, WIDTH, y + high / 2, Kind.FACE, 1),
        "top": Region(x - wide / 2, 0, x + wide / 2, high * share, Kind.FACE, 1),
        "bottom": Region(x - wide / 2, HEIGHT - high * share, x + wide / 2, HEIGHT, Kind.FACE, 1),
    }[side]
    cells = snap(face, WIDTH, HEIGHT, 8)
    assert cells is not None
    parts = ellipse(face, cells, WIDTH, HEIGHT)
    if side in {"left", "right"}:
        column = 0 if side == "left" else WIDTH - 1
        lines = [(column, line) for line in range(int(max(face.y1, 0)), int(min(face.y2, HEIGHT)))]
    else:
        row = 0 if side == "top" else HEIGHT - 1
        lines = [(line, row) for line in range(int(max(face.x1, 0)), int(min(face.x2, WIDTH)))]
    for px, py in lines:
        assert any(part.x1 <= px < part.x2 and part.y1 <= py < part.y2 for part in parts)


def test_fine_blocks_leave_the_corners_free() -> None:
    face = Region(100, 100, 228, 228, Kind.FACE, 1)
    cells = snap(face, WIDTH, HEIGHT, 32)
    assert cells is not None
    area = sum(part.area for part in ellipse(face, cells, WIDTH, HEIGHT))
    assert np.pi / 4 < area / 128**2 < 0.95 * cells.area / 128**2


@given(st.integers(0, 2**32), st.integers(1, 7), st.integers(1, 7))
def test_rectangles_are_the_blocks(seed: int, high: int, wide: int) -> None:
    touched: NDArray[np.bool_] = np.random.default_rng(seed).random((high, wide)) < 0.6
    drawn = np.zeros((high * 8 + 16, wide * 8 + 24), np.int32)
    for one in rectangles(touched, 8, 16, 24, 16):
        assert one.size == 16
        drawn[one.y1 : one.y2, one.x1 : one.x2] += 1
    assert np.array_equal(drawn[16:, 24:], np.repeat(np.repeat(touched, 8, 0), 8, 1).astype(np.int32))
    assert drawn.sum() == touched.sum() * 64
