"""Time without IO: no drift, never back."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vcam.base.media import TICKS
from vcam.source.timeline import AHEAD, TRUST, WINDOW, CaptureClock, Order, PlayClock, Timeline

TIME_BASES = st.sampled_from(
    [Fraction(1, 90_000), Fraction(1, 15_360), Fraction(1, 1000), Fraction(1001, 30_000)]
)


@given(TIME_BASES, st.integers(-(2**40), 2**40), st.lists(st.integers(1, 500), min_size=1, max_size=200))
def test_no_rounding_adds_up(time_base: Fraction, origin: int, steps: list[int]) -> None:
    timeline = Timeline()
    timeline.begin(time_base, 25.0, leap=None)
    stamp = origin
    for step in [0, *steps]:
        stamp += step
        pts, cut = timeline.unit(stamp)
        assert not cut
        assert abs(pts - (stamp - origin) * time_base * TICKS) <= Fraction(1, 2)


@given(
    st.lists(st.one_of(st.none(), st.integers(-(2**33), 2**33)), max_size=100),
    st.sampled_from([AHEAD, None]),
    st.floats(0.5, 120),
)
def test_pictures_never_step_back_whatever_the_stamps(
    stamps: list[int | None], leap: int | None, fps: float
) -> None:
    timeline = Timeline()
    timeline.begin(Fraction(1, 90_000), fps, leap=leap)
    last = -1
    for index, stamp in enumerate(stamps):
        if index == len(stamps) // 2 and index:
            timeline.begin(Fraction(1, 1000), fps, leap=leap, gap=1.5)
        assert timeline.index == index
        pts = timeline.picture(timeline.unit(stamp)[0])
        assert pts > last
        last = pts


def test_a_reconnect_leaves_the_gap_and_a_loop_one_period() -> None:
    timeline = Timeline()
    timeline.begin(Fraction(1, 25), 25.0, origin=7)
    assert [timeline.picture(timeline.unit(stamp)[0]) for stamp in (7, 8, 9)] == [0, 3600, 7200]
    timeline.begin(Fraction(1, 1000), 10.0, gap=2.0)
    assert timeline.picture(timeline.unit(123)[0]) == 7200 + 2 * TICKS
    timeline.begin(Fraction(1, 1000), 10.0)
    assert timeline.picture(timeline.unit(55)[0]) == 7200 + 2 * TICKS + 9000
    assert timeline.index == 5


def test_a_leap_of_the_stamps_is_a_new_time_line() -> None:
    timeline = Timeline()
    timeline.begin(Fraction(1, 90_000), 25.0)
    assert timeline.unit(0) == (0, False)
    assert timeline.unit(3600) == (3600, False)
    assert timeline.unit(3600 + AHEAD + 1) == (7200, True)
    assert timeline.unit(3600 + AHEAD + 3601) == (10_800, False)
    assert timeline.unit(5) == (14_400, True)


def test_other_streams_share_the_time_line() -> None:
    timeline = Timeline()
    timeline.begin(Fraction(1, 90_000), 25.0)
    assert timeline.place_other(100, Fraction(1, 8000)) is None
    timeline.unit(90_000)
    assert timeline.place_other(8000 + 80, Fraction(1, 8000)) == 900


def test_the_stamps_that_step_back_less_are_believed() -> None:
    order = Order()
    wrong = [2, 3, 5, 4, 6, 8, 7, 9]
    chosen = [order.choose(pts, dts) for dts, pts in enumerate(wrong, start=1)]
    assert chosen == [2, 3, 5, 4, 5, 6, 7, 8] or chosen[4:] == [5, 6, 7, 8]
    order = Order()
    assert [order.choose(pts, None) for pts in (0, 2, 1)] == [0, 2, 1]
    assert order.choose(None, None) is None


@given(
    st.lists(st.tuples(st.integers(1, 40_000), st.integers(0, 3_000_000)), min_size=1, max_size=120),
    st.integers(-5_000_000, 5_000_000),
)
def test_capture_time_never_steps_back(steps: list[tuple[int, int]], skew: int) -> None:
    capture = CaptureClock()
    pts, last = 0, None
    for index, (step, delay) in enumerate(steps):
        pts += step
        at = 1_700_000_000_000_000 + pts * 100 // 9
        capture.arrive(pts, at + delay)
        if index % 7 == 3:
            capture.report(pts, at + skew)
        time = capture.time(pts)
        assert last is None or time >= last
        last = time


def test_the_least_delayed_packet_sets_the_time() -> None:
    capture = CaptureClock()
    for index, delay in enumerate([900_000, 400_000, 20_000, 700_000]):
        capture.arrive(index * 3600, 10_000_000 + index * 40_000 + delay)
    assert capture.time(3 * 3600) == 10_000_000 + 3 * 40_000 + 20_000


def test_sender_reports_are_believed_only_near_the_hosts_clock() -> None:
    capture = CaptureClock()
    capture.arrive(0, 100_000_000)
    capture.report(0, 100_000_000 - 200_000)
    assert capture.trusts_camera
    assert capture.time(0) == 99_800_000
    capture.report(0, 100_000_000 - TRUST - 1)
    assert not capture.trusts_camera
    assert capture.time(0) == 100_000_000


def test_a_drifting_camera_is_followed() -> None:
    capture = CaptureClock()
    drift = 0
    for second in range(600):
        drift = second * 100  # 100 ppm slow
        capture.arrive(second * TICKS, 50_000_000 + second * 1_000_000 + drift)
        capture.time(second * TICKS)
    error = capture.time(599 * TICKS) - (50_000_000 + 599 * 1_000_000 + drift)
    assert abs(error) <= 2 * WINDOW / 1_000_000 * 100


def test_a_host_clock_set_back_far_is_followed_at_once() -> None:
    capture = CaptureClock()
    capture.arrive(0, 10**12)
    assert capture.time(0) == 10**12
    capture.arrive(3600, 10**12 - 2 * TRUST)
    assert capture.time(3600) == 10**12 - 2 * TRUST


def test_time_needs_a_packet() -> None:
    with pytest.raises(ValueError, match="arrived"):
        CaptureClock().time(0)


def test_a_file_plays_from_its_first_packet() -> None:
    capture = PlayClock()
    capture.arrive(0, 5_000_000)
    capture.arrive(3600, 9_000_000)
    assert capture.time(TICKS) == 6_000_000
    capture.shift(2.0)
    assert capture.time(TICKS) == 8_000_000
