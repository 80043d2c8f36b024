from __future__ import annotations

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.detector import STRIDE
from models.passes import CYCLE, KINDS, PASSES, UPSCALE, Pass, chosen, due, longest_gap
from vcam.base.media import Kind

rates = st.one_of(
    st.sampled_from([1.0, 3.0, 5.0, 10.0, 12.5, 15.0, 18.09, 23.976, 25.0, 29.97, 30.0, 50.0, 60.0]),
    st.floats(1.0, 60.0),
)
passes = st.sampled_from(PASSES)


def indices(one: Pass, fps: float, count: int) -> list[int]:
    return [index for index in range(count) if one in due(PASSES, index, fps)]


@given(passes, rates)
def test_every_pass_runs_in_every_cycle(one: Pass, fps: float) -> None:
    count = math.ceil(fps * 12)
    ran = indices(one, fps, count)
    gaps = [later - earlier for earlier, later in pairwise(ran)]
    longest = longest_gap([one], fps)
    assert longest <= CYCLE + 1 / fps
    assert max(gaps) <= round(longest * fps)
    assert ran[0] < math.ceil(fps * CYCLE) + 1
    # no slot is taken twice, none is lost; the first picture may get one more
    slots = len(one.slots) * 12 * CYCLE
    assert abs(len(ran) - min(slots, count)) <= 2 + len(one.slots)


@given(st.sampled_from(sorted(KINDS)), rates)
def test_every_family_is_proven_within_its_period(family: str, fps: float) -> None:
    proving = [one for one in PASSES if one.family == family and one.proving]
    period = longest_gap(proving, fps)
    proofs = [
        index / fps for index in range(math.ceil(fps * 12)) if set(due(PASSES, index, fps)) & set(proving)
    ]
    assert proofs[0] == 0
    assert all(later - earlier <= period + 1e-6 for earlier, later in pairwise(proofs))
    assert period >= 1 / fps - 1e-9
    # what is shown by default must stay proven when an answer comes half a second late
    assert period <= (0.6 if family in {"object", "text"} else 0.4) * CYCLE + 1 / fps


@pytest.mark.parametrize("fps", [1.0, 2.0, 3.0])
def test_slow_streams_have_every_picture_looked_at(fps: float) -> None:
    for index in range(60):
        assert any(one.family == "face" for one in due(PASSES, index, fps))
    if fps == 1.0:
        assert all(len(due(PASSES, index, fps)) == len(PASSES) for index in range(20))


@given(rates)
def test_the_first_picture_gets_every_proving_pass(fps: float) -> None:
    assert {one for one in PASSES if one.proving} <= set(due(PASSES, 0, fps))


@given(passes, st.integers(2, 8192), st.integers(2, 8192))
def test_analysis_sizes_fit_the_network(one: Pass, width: int, height: int) -> None:
    across, down = one.size(width, height)
    assert across % STRIDE == down % STRIDE == 0
    assert min(across, down) >= STRIDE
    assert max(across, down) <= one.side
    assert across <= max(STRIDE, width * UPSCALE + STRIDE / 2)
    assert down <= max(STRIDE, height * UPSCALE + STRIDE / 2)


@pytest.mark.parametrize(
    ("size", "analysed"),
    [
        ((1920, 1080), (1280, 704)),
        ((3840, 2160), (1280, 704)),
        ((1080, 1920), (704, 1280)),
        ((640, 360), (960, 544)),
        ((48, 48), (64, 64)),
    ],
)
def test_long_sides_are_brought_to_size(size: tuple[int, int], analysed: tuple[int, int]) -> None:
    assert Pass("large", "face", "yunet", 1280, (0.0,)).size(*size) == analysed


def test_only_what_is_wanted_runs() -> None:
    assert {one.family for one in chosen([Kind.FACE])} == {"face"}
    assert {one.family for one in chosen([Kind.HEAD, Kind.PLATE])} == {"object", "plate"}
    assert chosen([]) == ()
