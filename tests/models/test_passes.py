from __future__ import annotations

import math
from itertools import pairwise
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.detector import STRIDE
from models.passes import CYCLE, KINDS, PASSES, UPSCALE, Pass, Size, chosen, due, longest_gap
from vcam.base.media import Kind
from vcam.base.settings import MaskKind

rates = st.one_of(
    st.sampled_from([1.0, 3.0, 5.0, 10.0, 12.5, 15.0, 18.09, 23.976, 25.0, 29.97, 30.0, 50.0, 60.0]),
    st.floats(1.0, 60.0),
)
HD = (1920, 1080)
SLOTTED = [one for one in PASSES if one.slots]
BUDGETED = [one for one in PASSES if one.budget]
passes = st.sampled_from(SLOTTED)
budgeted = st.sampled_from(BUDGETED)
sides = st.one_of(
    st.sampled_from([(320, 240), (640, 360), (640, 480), (704, 576), (1280, 720), HD, (3840, 2160)]),
    st.tuples(st.integers(16, 4096), st.integers(16, 4096)),
)


def indices(one: Pass, fps: float, count: int, size: Size = HD, start: int = 0) -> list[int]:
    return [index for index in range(start, start + count) if one in due(PASSES, index, fps, size)]


@given(passes, rates)
def test_every_pass_runs_in_every_cycle(one: Pass, fps: float) -> None:
    count = math.ceil(fps * 12)
    ran = indices(one, fps, count)
    gaps = [later - earlier for earlier, later in pairwise(ran)]
    longest = longest_gap([one], fps)
    assert longest <= CYCLE + 1 / fps
    assert max(gaps) <= round(longest * fps)
    assert ran[0] < math.ceil(fps * CYCLE) + 1
    # each slot falls to the picture that answers for its time, once; the first picture may get one more
    taken = {math.floor((turn + slot) * CYCLE * fps + 1e-9) for turn in range(13) for slot in one.slots}
    assert set(ran) | {0} == {index for index in taken if index < count} | {0}


@given(st.sampled_from(sorted(KINDS)), rates)
def test_every_family_is_proven_within_its_period(family: str, fps: float) -> None:
    proving = [one for one in PASSES if one.family == family and one.proving]
    period = longest_gap(proving, fps)
    proofs = [
        index / fps for index in range(math.ceil(fps * 12)) if set(due(PASSES, index, fps, HD)) & set(proving)
    ]
    assert proofs[0] == 0
    assert all(later - earlier <= period + 1e-6 for earlier, later in pairwise(proofs))
    assert period >= 1 / fps - 1e-9
    # what is shown by default must stay proven when an answer comes half a second late
    assert period <= (0.6 if family in {"object", "text"} else 0.4) * CYCLE + 1 / fps


@pytest.mark.parametrize("fps", [1.0, 2.0, 3.0])
def test_slow_streams_have_every_picture_looked_at(fps: float) -> None:
    for index in range(60):
        assert any(one.family == "face" for one in due(PASSES, index, fps, HD))
    if fps == 1.0:
        assert all(set(due(PASSES, index, fps, HD)) == set(SLOTTED) for index in range(20))
        assert all(set(due(PASSES, index, fps, (640, 480))) == set(PASSES) for index in range(20))


@given(rates, sides)
def test_the_first_picture_gets_every_proving_pass(fps: float, size: Size) -> None:
    assert {one for one in PASSES if one.proving} <= set(due(PASSES, 0, fps, size))


def test_a_pass_has_either_slots_or_a_budget_and_none_with_a_budget_proves() -> None:
    # what runs at some sizes only cannot vouch for a picture
    assert all(bool(one.slots) != bool(one.budget) for one in PASSES)
    assert not any(one.proving for one in BUDGETED)
    assert BUDGETED


@given(budgeted, sides, st.integers(1, 60), st.integers(0, 100_000))
def test_over_any_second_a_budget_is_kept_to_the_picture(one: Pass, size: Size, fps: int, start: int) -> None:
    ran = len(indices(one, fps, fps, size, start))
    rate = one.budget / (size[0] * size[1])
    if rate < 2:
        assert one.rate(size) == ran == 0
    else:
        most = min(rate, fps)
        assert math.floor(most - 1e-6) <= ran <= math.ceil(most + 1e-6)
        # unlike slots, which every camera pays for alike, the pixels looked at in a second are the same for all
        assert ran * size[0] * size[1] <= one.budget + size[0] * size[1]


@given(budgeted, sides, st.integers(0, 1000))
def test_looks_of_a_budget_are_spread_evenly(one: Pass, size: Size, start: int) -> None:
    ran = indices(one, 25, 60, size, start)
    gaps = {later - earlier for earlier, later in pairwise(ran)}
    assert not gaps or max(gaps) - min(gaps) <= 1


@pytest.mark.parametrize(
    ("budget", "size", "rate"),
    [
        (2.5e6, (640, 360), 10.85),
        (2.5e6, (1280, 720), 2.71),
        (2.5e6, (1250, 1000), 2.0),
        (2.5e6, (1250, 1001), 0.0),
        (2.5e6, (1920, 1080), 0.0),
        (1.5e6, (1280, 720), 0.0),
        (0.0, (64, 64), 0.0),
    ],
)
def test_rates_fall_with_the_picture_and_end_below_two_a_second(budget: float, size: Size, rate: float) -> None:
    assert Pass("near", "face", "yunet", 960, (), budget=budget).rate(size) == pytest.approx(rate, abs=0.01)


@given(st.sampled_from(PASSES), sides)
def test_a_pass_comes_again_as_soon_as_it_says(one: Pass, size: Size) -> None:
    every = one.every(size)
    assert 0 < every <= CYCLE
    ran = indices(one, 25, 100, size, 1)
    gaps = [(later - earlier) / 25 for earlier, later in pairwise(ran)]
    # a budget says its mean, which whole pictures meet to the next one
    assert max(gaps, default=0.0) < every + (1 / 25 if one.budget else 1e-9)
    if one.slots:
        assert max(gaps) == pytest.approx(every)


@given(st.sampled_from(PASSES), st.integers(2, 8192), st.integers(2, 8192))
def test_analysis_sizes_fit_the_network(one: Pass, width: int, height: int) -> None:
    across, down = one.size(width, height)
    assert across % STRIDE == down % STRIDE == 0
    assert min(across, down) >= STRIDE
    assert max(across, down) <= one.side
    assert one.upscale <= UPSCALE
    if one.upscale == one.squeeze == 1 and max(width, height) <= one.side:
        # not even rounding shrinks what is looked at as it is
        assert width <= across < width + STRIDE
        assert height <= down < height + STRIDE
    else:
        assert across <= max(STRIDE, width * one.upscale + STRIDE / 2)
        assert down <= max(STRIDE, height * one.upscale + STRIDE / 2)


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


@pytest.mark.parametrize(
    ("size", "analysed"),
    [
        ((1920, 1080), (1920, 1088)),
        ((3840, 2160), (1920, 1088)),
        ((640, 360), (640, 384)),
        ((48, 48), (64, 64)),
    ],
)
def test_what_must_not_be_enlarged_keeps_its_size(size: Size, analysed: Size) -> None:
    assert Pass("full", "face", "centerface", 1920, (), upscale=1.0, budget=2.5e6).size(*size) == analysed


def test_only_what_is_wanted_runs() -> None:
    assert {one.family for one in chosen([Kind.FACE])} == {"face"}
    assert {one.family for one in chosen([Kind.HEAD, Kind.PLATE])} == {"object", "plate"}
    assert chosen([]) == ()


def test_every_kind_that_can_be_asked_for_is_found() -> None:
    found = frozenset[str]().union(*KINDS.values())
    assert set(get_args(MaskKind)) <= found
    assert all(any(one.family == family and one.proving for one in PASSES) for family in KINDS)
