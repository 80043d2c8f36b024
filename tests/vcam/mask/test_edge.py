"""The ring around an ellipse lies outside every mask and only ever moves pixels towards their block's mean."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from vcam.base.media import Kind, Picture, Region
from vcam.mask.cover import Style
from vcam.mask.grain import Grain
from vcam.mask.grid import snap
from vcam.mask.masker import BLOCKS, Masker
from vcam.mask.planes import Planes

Noise = Callable[..., Picture]
lookup = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
SIZE = (320, 240)


@st.composite
def faces(draw: st.DrawFn) -> list[Region]:
    found = []
    for track in range(1, draw(st.integers(1, 5)) + 1):
        x, y = draw(st.floats(-40, 300)), draw(st.floats(-40, 220))
        kind = draw(st.sampled_from([Kind.FACE, Kind.HEAD, Kind.PLATE]))
        found.append(Region(x, y, x + draw(st.floats(8, 160)), y + draw(st.floats(8, 160)), kind, track))
    return found


def inside(boxes: tuple[Region, ...]) -> NDArray[np.bool_]:
    mask = np.zeros(SIZE[::-1], np.bool_)
    for box in boxes:
        mask[int(box.y1) : int(box.y2), int(box.x1) : int(box.x2)] = True
    return mask


@lookup
@given(faces(), st.sampled_from(["mosaic", "blur", "solid"]))
def test_what_is_reported_is_masked_as_if_there_were_no_ring(
    noise: Noise, monkeypatch: pytest.MonkeyPatch, wanted: list[Region], style: Style
) -> None:
    masker = Masker(style, shape="ellipse", grain=Grain(3))
    with_ring, without = noise(*SIZE), noise(*SIZE)
    covered = masker.apply(with_ring, wanted)
    with monkeypatch.context() as patch:
        patch.setattr("vcam.mask.masker.soften", lambda *_: None)
        assert masker.apply(without, wanted) == covered
    mask = inside(covered)
    for one, other, step in zip(_planes(with_ring), _planes(without), (1, 2, 2), strict=True):
        assert np.array_equal(one[mask[::step, ::step]], other[mask[::step, ::step]])


@lookup
@given(faces())
def test_the_ring_is_a_block_wide_and_fades_out(noise: Noise, wanted: list[Region]) -> None:
    picture, before = noise(*SIZE), Planes.of(noise(*SIZE).frame).luma.copy()
    covered = Masker("solid", shape="ellipse").apply(picture, wanted)
    luma = Planes.of(picture.frame).luma.astype(int)
    changed = (luma != before) & ~inside(covered)
    # Towards grey and never past it, so the picture is nowhere more than it was.
    assert np.all(np.abs(luma - 128)[changed] <= np.abs(before.astype(int) - 128)[changed])
    near = np.zeros_like(changed)
    for region in wanted:
        cells = snap(region, *SIZE, BLOCKS)
        if cells is not None and region.kind is not Kind.PLATE:
            size = cells.size
            near[max(cells.y1 - size, 0) : cells.y2 + size, max(cells.x1 - size, 0) : cells.x2 + size] = True
    assert not np.any(changed & ~near)


def _planes(picture: Picture) -> list[NDArray[np.uint8]]:
    planes = Planes.of(picture.frame)
    return [planes.luma, *planes.chroma]


def test_the_inner_side_of_the_ring_is_fully_the_mean(noise: Noise) -> None:
    picture, before = noise(*SIZE), Planes.of(noise(*SIZE).frame).luma.copy()
    boxes = Masker("mosaic", shape="ellipse").apply(picture, [Region(96, 96, 160, 160, Kind.FACE, 1)])
    box = min(boxes, key=lambda one: one.x1)
    luma = Planes.of(picture.frame).luma
    left = int(box.x1)
    rows = slice(int(box.y1), int(box.y2))
    # The ring's block to the left: its mean, ever less of it away from the mask.
    mean = before[rows, left - 8 : left].reshape(-1, 8, 8).mean(axis=(1, 2))
    away = np.abs(luma[rows, left - 8 : left].reshape(-1, 8, 8) - mean[:, None, None]).mean(axis=(0, 1))
    assert np.all(np.diff(away) < 0)
    assert away[-1] < 0.2 * away[0]
    assert np.array_equal(luma[rows, left - 16 : left - 8], before[rows, left - 16 : left - 8])
