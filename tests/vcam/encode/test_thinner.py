"""As many pictures as asked for, evenly, and no more."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from vcam.base.media import TICKS
from vcam.encode.thinner import Thinner

steps = st.lists(st.integers(1, 40_000), min_size=1, max_size=200)
rates = st.floats(0.5, 120)


def kept(fps: float, stamps: list[int]) -> list[int]:
    thinner = Thinner(fps)
    return [pts for pts in stamps if thinner.take(pts)]


@given(steps, rates)
def test_no_stretch_of_time_has_more_than_its_share(between: list[int], fps: float) -> None:
    stamps = kept(fps, list(itertools.accumulate(between)))
    step = round(TICKS / fps)
    for first in range(0, len(stamps), 7):
        for last in range(first, len(stamps), 5):
            assert last - first + 1 <= (stamps[last] - stamps[first]) / step + 2.5


@given(st.lists(st.integers(0, 40_000), min_size=1, max_size=100), rates)
def test_pictures_no_faster_than_asked_all_pass(more: list[int], fps: float) -> None:
    step = round(TICKS / fps)
    stamps = list(itertools.accumulate(step + extra for extra in more))
    assert kept(fps, stamps) == stamps


@given(steps)
def test_without_a_rate_all_pass(between: list[int]) -> None:
    stamps = list(itertools.accumulate(between))
    assert kept(0, stamps) == stamps


@given(st.sampled_from([(25, 15), (30, 15), (25, 5), (60, 12), (25, 24), (29.97, 10)]), st.integers(0, 10**9))
def test_even_pictures_are_thinned_to_the_rate(rate: tuple[float, float], start: int) -> None:
    camera, wanted = rate
    seconds = 20
    stamps = [start + round(number * TICKS / camera) for number in range(round(camera * seconds))]
    found = kept(wanted, stamps)
    assert abs(len(found) - wanted * seconds) <= 2
    gaps = {round((b - a) * camera / TICKS) for a, b in itertools.pairwise(found)}
    assert max(gaps) - min(gaps) <= 1


def test_pictures_that_jitter_around_the_wanted_rate_pass() -> None:
    stamps = [number * 6000 + (1500 if number % 2 else 0) for number in range(100)]
    assert kept(15, stamps) == stamps
