"""One track's boxes between, before and after its sightings."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vcam.base.media import Kind
from vcam.track.box import Box, size_of
from vcam.track.settings import TrackSettings
from vcam.track.track import Sighting, Track

SETTINGS = TrackSettings()


def at(
    time: float, x: float, y: float, size: float = 40.0, *, kind: Kind = Kind.FACE, every: float = 0.2
) -> Sighting:
    return Sighting(time, (x - size / 2, y - size / 2, x + size / 2, y + size / 2), 0.9, kind, every)


def track(*sightings: Sighting) -> Track:
    made = Track(1, [])
    for sighting in sightings:
        made.add(sighting, SETTINGS)
    return made


def holds(outer: Box, inner: Box) -> bool:
    return (
        outer[0] <= inner[0] + 1e-6
        and outer[1] <= inner[1] + 1e-6
        and outer[2] >= inner[2] - 1e-6
        and outer[3] >= inner[3] - 1e-6
    )


speeds = st.floats(-300, 300)


@given(speeds, speeds, st.floats(0.1, 1.0), st.floats(0, 1), st.floats(8, 200))
def test_linear_motion_is_covered_between_two_sightings(
    vx: float, vy: float, gap: float, share: float, size: float
) -> None:
    made = track(at(0, 500, 500, size), at(gap, 500 + vx * gap, 500 + vy * gap, size))
    time = share * gap
    assert holds(made.cover(time, SETTINGS), at(time, 500 + vx * time, 500 + vy * time, size).box)


@given(speeds, speeds, st.floats(0.04, 0.4), st.floats(0, 0.6), st.booleans())
def test_linear_motion_is_covered_before_and_after_many_sightings(
    vx: float, vy: float, gap: float, away: float, late: bool
) -> None:
    made = track(*(at(number * gap, 500 + vx * number * gap, 500 + vy * number * gap) for number in range(5)))
    time = 4 * gap + away if late else -away
    assert holds(made.cover(time, SETTINGS), at(time, 500 + vx * time, 500 + vy * time).box)


@given(st.floats(0, 1), st.floats(0, 1))
def test_uncertainty_grows_with_time_after_one_sighting(first: float, second: float) -> None:
    made = track(at(0, 100, 100))
    near, far = sorted((first, second))
    assert holds(made.cover(far, SETTINGS), made.cover(near, SETTINGS))
    assert holds(made.cover(-far, SETTINGS), made.cover(-near, SETTINGS))
    assert size_of(made.cover(far, SETTINGS)) <= 40 * (1 + 2 * SETTINGS.grow_max) + 1e-6


@given(st.floats(0, 30), st.floats(0, 1000))
def test_no_region_runs_away(away: float, speed: float) -> None:
    made = track(*(at(number * 0.2, 500 + speed * number * 0.2, 500) for number in range(4)))
    box = made.cover(0.6 + away, SETTINGS)
    most = SETTINGS.way_max * (1 + 2 * SETTINGS.speed_share) + 1 + 2 * SETTINGS.grow_max
    assert box[2] - box[0] <= 40 * most + 1e-6


@given(st.lists(st.tuples(st.integers(0, 50), st.floats(0, 1000)), min_size=1, max_size=20))
def test_order_of_sightings_does_not_matter(seen: list[tuple[int, float]]) -> None:
    sightings = [at(step / 25, x, 100) for step, x in seen]
    first, second = track(*sightings), track(*reversed(sightings))
    assert [one.time for one in first.sightings] == sorted({one.time for one in sightings})
    assert [one.box for one in first.sightings] == [one.box for one in second.sightings]


def test_two_sightings_at_once_are_united() -> None:
    made = track(at(0, 100, 100), at(0, 110, 100))
    assert made.first.box == (80, 80, 130, 120)
    assert len(made.sightings) == 1


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_of_two_sightings_at_once_the_better_one_speaks_and_the_more_seldom_one_sets_the_time(
    order: tuple[int, int],
) -> None:
    pair = (
        replace(at(0, 100, 100, every=1.0), score=0.4),
        replace(at(0, 100, 100, every=0.04), score=0.8),
    )
    made = track(*(pair[number] for number in order))
    assert (made.first.score, made.first.every) == (0.8, 1.0)


def test_hold_over_follows_the_tracks_own_rhythm() -> None:
    assert track(at(0, 0, 0), at(0.1, 0, 0)).hold(SETTINGS) == pytest.approx(0.2 + SETTINGS.hold)
    assert track(at(0, 0, 0), at(0.8, 0, 0)).hold(SETTINGS) == pytest.approx(0.8 + SETTINGS.hold)
    rare = track(at(0, 0, 0), at(1.4, 0, 0))
    assert rare.hold(SETTINGS) == pytest.approx(SETTINGS.own_period + SETTINGS.hold)


def test_hold_over_waits_for_the_pass_that_comes_again_first() -> None:
    seldom = track(at(0, 0, 0, every=1.0), at(0.1, 0, 0, every=1.0))
    assert seldom.hold(SETTINGS) == pytest.approx(1.0 + SETTINGS.hold)
    both = track(at(0, 0, 0, every=1.0), at(0.1, 0, 0, every=0.3), at(0.2, 0, 0, every=1.0))
    assert both.hold(SETTINGS) == pytest.approx(0.3 + SETTINGS.hold)
    # what saw it long ago says nothing of when it should be seen again
    gone = track(at(0, 0, 0, every=0.04), *(at(step / 5, 0, 0, every=0.6) for step in range(1, 6)))
    assert gone.hold(SETTINGS) == pytest.approx(0.6 + SETTINGS.hold)


def test_a_sighting_that_is_too_small_is_covered_as_its_neighbours_have_it() -> None:
    made = track(at(0, 100, 100), at(0.2, 100, 100, size=24), at(0.4, 100, 100))
    assert holds(made.cover(0.2, SETTINGS), (80, 80, 120, 120))
    assert made.cover(0.0, SETTINGS) == (80, 80, 120, 120)


def test_weak_sightings_add_up_to_a_sure_one() -> None:
    weak = [Sighting(0.1 * step, (80, 80, 120, 120), 0.4, Kind.FACE, 1.0) for step in range(4)]
    doubt = SETTINGS.doubt + SETTINGS.doubt_least
    assert [track(*weak[:count]).hold(SETTINGS) for count in (1, 2, 3)] == [pytest.approx(doubt)] * 3
    assert track(*weak).hold(SETTINGS) == pytest.approx(1.0 + SETTINGS.hold)
    assert track(*weak[:3]).lead(1.0, SETTINGS) == pytest.approx(doubt)
    assert track(*weak).lead(1.0, SETTINGS) == SETTINGS.lead


@given(st.floats(0.04, 1.0), st.floats(0.04, 1.0))
def test_doubt_lasts_longer_where_the_pass_comes_more_seldom(first: float, second: float) -> None:
    often, seldom = (
        track(replace(at(0, 100, 100), score=0.4, every=every)) for every in sorted((first, second))
    )
    assert often.hold(SETTINGS) <= seldom.hold(SETTINGS)
    assert often.lead(1.0, SETTINGS) <= seldom.lead(1.0, SETTINGS)
    # until the pass comes again the object is covered by the hold-over of one sighting or the lead-in of the next
    assert seldom.hold(SETTINGS) + seldom.lead(1.0, SETTINGS) >= max(first, second)
    # doubt never lets anything be covered for longer than certainty does
    sure = track(at(0, 100, 100, every=first), at(0.04, 100, 100, every=first))
    doubtful = track(replace(at(0, 100, 100, every=first), score=0.4))
    assert doubtful.hold(SETTINGS) <= sure.hold(SETTINGS)


def test_a_far_plate_seen_twice_is_no_doubt_any_more() -> None:
    # its one sharp pass comes once a second: a third sighting may be too late
    far = [replace(at(step, 100 + 40 * step, 100, every=1.0), score=0.55, kind=Kind.PLATE) for step in range(2)]
    assert track(*far[:1]).hold(SETTINGS) == pytest.approx(SETTINGS.doubt + SETTINGS.doubt_least)
    assert track(*far).hold(SETTINGS) == SETTINGS.hold_plate
    assert track(*far).lead(1.0, SETTINGS) == SETTINGS.lead


def test_doubt_lasts_as_long_as_the_most_seldom_pass_needs() -> None:
    made = track(
        replace(at(0, 100, 100, every=1.0), score=0.4), replace(at(0.1, 100, 100, every=0.04), score=0.4)
    )
    assert made.lead(1.0, SETTINGS) == pytest.approx(SETTINGS.doubt + SETTINGS.doubt_least)


def test_a_still_object_grows_little_between_sightings() -> None:
    made = track(at(0, 100, 100), at(0.2, 100, 100))
    assert size_of(made.cover(0.1, SETTINGS)) < 1.05 * 40


def test_forgetting_keeps_what_later_times_need() -> None:
    made = track(*(at(number * 0.1, number * 10, 0) for number in range(100)))
    before = [made.cover(time / 50, SETTINGS) for time in range(450, 520)]
    made.forget(9.0)
    assert len(made.sightings) < 15
    assert [made.cover(time / 50, SETTINGS) for time in range(450, 520)] == before


def test_the_nearest_sighting_names_the_kind() -> None:
    made = track(at(0, 0, 0), at(1, 0, 0, kind=Kind.HEAD))
    assert made.said(0.2) == (Kind.FACE, 0.9)
    assert made.said(0.9)[0] is Kind.HEAD


def test_a_time_rests_on_the_nearest_sightings_that_count() -> None:
    weak = Sighting(1.0, (0, 0, 40, 40), 0.2, Kind.FACE)
    made = track(at(0, 0, 0), weak, at(2, 0, 0), at(3, 0, 0))
    assert [seen.time for seen in made.between(0.5, 0.3)] == [0, 1, 2]
    assert [seen.time for seen in made.between(1.0, 0.3)] == [0, 1, 2]
    assert [seen.time for seen in made.between(2.0, 0.3)] == [2]
    assert [seen.time for seen in made.between(2.5, 0.3)] == [2, 3]
    assert made.between(-0.1, 0.3) == made.between(3.1, 0.3) == made.between(2.5, 0.95) == ()


def test_a_plate_that_speeds_up_as_it_leaves_stays_covered() -> None:
    """Seen four times at 60 pixels a second, then no more; half a second later it has gone twice as far."""
    made = track(*(at(number * 0.36, 500 + 60 * number * 0.36, 300, kind=Kind.PLATE) for number in range(4)))
    last, x = 3 * 0.36, 500 + 60 * 3 * 0.36
    assert made.hold(SETTINGS) > 1.0
    assert holds(made.cover(last + 0.5, SETTINGS), at(last + 0.5, x + 60, 300).box)


def test_motion_is_covered_briefly_and_closely_around_its_sightings() -> None:
    moving = track(*(at(n / 6, 100 + 40 * n, 100, kind=Kind.MOTION) for n in range(6)))
    near = SETTINGS.near_motion
    assert moving.lead(1.0, SETTINGS) == moving.hold(SETTINGS) == near
    assert moving.lead(0.1, SETTINGS) == 0.1
    for time in (0.25, 0.5, 5 / 6 + near):
        box = moving.cover(time, SETTINGS)
        assert size_of(box) < 1.6 * 40
    assert holds(moving.cover(0.25, SETTINGS), moving.predict(0.25, SETTINGS))


def test_a_track_remembers_how_far_it_reached() -> None:
    walking = track(*(at(float(n), 100 + 10 * n, 50) for n in range(30)))
    walking.forget(28.0)
    assert len(walking.sightings) < 10
    assert walking.reach == (80, 30, 410, 70)
