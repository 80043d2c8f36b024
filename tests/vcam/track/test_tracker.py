"""Objects that move, hide, cross and turn away stay covered; what was never sure is not."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vcam.base.errors import DetectError
from vcam.base.media import TICKS, Analysis, Detection, Kind, Region
from vcam.track.settings import TrackSettings
from vcam.track.tracker import Tracker

FPS = 25
PERIOD = 0.2
DELAY = 1.0

Path = Callable[[float], tuple[float, float]]


def ticks(seconds: float) -> int:
    return round(seconds * TICKS)


def face(
    x: float,
    y: float,
    *,
    size: float = 40,
    score: float = 0.9,
    kind: Kind = Kind.FACE,
    every: float = PERIOD,
) -> Detection:
    return Detection(x - size / 2, y - size / 2, x + size / 2, y + size / 2, score, kind, every)


def look(seconds: float, *seen: Detection) -> Analysis:
    return Analysis(round(seconds * FPS), ticks(seconds), frozenset({"face"}), seen)


def tracker(delay: float = DELAY, **changes: float) -> Tracker:
    made = Tracker(TrackSettings(**changes))
    made.expect(delay)
    return made


def covered(regions: Sequence[Region], x: float, y: float, size: float = 40) -> float:
    """Share of the square at x, y that the regions cover together, from a grid of points."""
    points = [(x + size * (i - 9.5) / 20, y + size * (j - 9.5) / 20) for i in range(20) for j in range(20)]
    return sum(any(r.x1 <= a <= r.x2 and r.y1 <= b <= r.y2 for r in regions) for a, b in points) / len(points)


def walk(speed: float) -> Path:
    """A person walking to the right, the head bobbing."""
    return lambda t: (200 + speed * t, 300 + 4 * math.sin(2 * math.pi * 1.8 * t))


def oncoming(speed: float) -> Path:
    """Another, walking to the left."""
    return lambda t: (600 - speed * t, 300.0)


@given(st.floats(-300, 300), st.sampled_from([1, 3, 5]))
@settings(deadline=None, max_examples=40)
def test_a_walker_is_covered_at_every_moment(speed: float, every: int) -> None:
    made, path = tracker(), walk(speed)
    for index in range(0, 101, every):
        made.observe(look(index / FPS, face(*path(index / FPS))))
    for index in range(101):
        assert covered(made.regions(ticks(index / FPS)), *path(index / FPS)) > 0.85
    assert {region.track for region in made.regions(ticks(2))} == {1}


@pytest.mark.parametrize("speed", [0, 60, 160, 300])
def test_somebody_is_covered_before_the_first_and_after_the_last_detection(speed: float) -> None:
    made, path = tracker(), walk(speed)
    for index in range(25, 51, 5):
        made.observe(look(index / FPS, face(*path(index / FPS))))
    made.observe(look(60 / FPS))
    end = 2 + PERIOD + made._settings.hold
    for index in range(13, math.floor(end * FPS) + 1):
        assert covered(made.regions(ticks(index / FPS)), *path(index / FPS)) > 0.85
    # two looks may miss in a row
    assert end >= 60 / FPS
    assert made.regions(ticks(1 - DELAY - 0.05)) == ()
    assert made.regions(ticks(end + 0.05)) == ()


def test_lead_in_is_no_longer_than_the_delay() -> None:
    made = tracker(delay=0.0)
    made.observe(look(1, face(100, 100)))
    assert made.regions(ticks(1) - 1) == ()
    assert made.regions(ticks(1))


def test_a_fast_runner_is_covered_while_the_velocity_is_unknown() -> None:
    """Eight head sizes a second: the first two detections do not even touch."""
    made, path = tracker(), walk(320)
    for seconds in (1.0, 1.24, 1.48, 1.72):
        made.observe(look(seconds, face(*path(seconds))))
    for index in range(25, 44):
        assert covered(made.regions(ticks(index / FPS)), *path(index / FPS)) > 0.85


def test_passes_that_miss_take_nothing_away() -> None:
    made = tracker()
    for index in range(0, 76, 5):
        made.observe(look(index / FPS, *([face(100, 100)] if index % 25 == 0 else [])))
    for index in range(76):
        regions = made.regions(ticks(index / FPS))
        assert covered(regions, 100, 100) == 1
        assert {region.track for region in regions} == {1}


def test_two_who_meet_are_both_covered() -> None:
    made, first, second = tracker(), walk(100), oncoming(100)
    for index in range(0, 101, 5):
        seconds = index / FPS
        a, b = first(seconds), second(seconds)
        # The one behind is not seen while they overlap.
        seen = [face(*a)] if abs(a[0] - b[0]) < 30 else [face(*a), face(*b)]
        made.observe(look(seconds, *seen))
    for index in range(101):
        regions = made.regions(ticks(index / FPS))
        assert covered(regions, *first(index / FPS)) > 0.85
        assert covered(regions, *second(index / FPS)) > 0.85


@pytest.mark.parametrize("every", [PERIOD, 1.0])
def test_a_detection_that_may_be_another_object_leaves_both_covered(every: float) -> None:
    """One is seen, then somebody else close by: neither may show, for as long as each alone would be covered."""
    made = tracker()
    made.observe(look(1.0, face(100, 100, every=every)))
    made.observe(look(1.2, face(150, 100, every=every)))
    doubt = made._settings.doubt * every + made._settings.doubt_least
    for index in range(25, math.floor((1.0 + doubt) * FPS) + 1):
        assert covered(made.regions(ticks(index / FPS)), 100, 100) > 0.85
    for index in range(math.ceil((1.2 - doubt) * FPS), math.floor((1.2 + doubt) * FPS) + 1):
        assert covered(made.regions(ticks(index / FPS)), 150, 100) > 0.85


def test_a_head_goes_on_where_the_face_turned_away() -> None:
    made = tracker()
    for step in range(5):
        made.observe(look(step * 0.2, face(100 + step * 4, 100)))
    assert {region.track for step in range(5) for region in made.regions(ticks(step * 0.2))} == {1}
    for step in range(3):
        seconds = 1.32 + step * 0.52
        made.observe(look(seconds, face(100 + seconds * 20, 100, size=60, kind=Kind.HEAD, every=0.52)))
    tracks: list[set[tuple[int, Kind]]] = []
    for index in range(60):
        regions = made.regions(ticks(index / FPS))
        assert covered(regions, 100 + 20 * index / FPS, 100) > 0.95
        tracks.append({(region.track, region.kind) for region in regions})
    # the face is held over until the head, led in, has taken its place
    assert tracks[0] == {(1, Kind.FACE)}
    assert {(1, Kind.FACE), (2, Kind.HEAD)} in tracks
    assert tracks[-1] == {(2, Kind.HEAD)}


@pytest.mark.parametrize("rhythm", [6, 3, 1])
@pytest.mark.parametrize("score", [0.35, 0.6])
@pytest.mark.parametrize("persons", [{0, 12}, {2, 14}])
def test_a_face_that_turns_away_is_covered_whenever_it_does(
    persons: set[int], score: float, rhythm: int
) -> None:
    """Faces are looked for every `rhythm` pictures, `persons` twice a second; a face that is covered hides the head.

    Nothing may show in any picture by what is known of it when its delay is over.
    """
    shows: list[tuple[int, int]] = []
    for last in range(50, 75):
        made = tracker()
        for index in range(130):
            seen: list[Detection] = []
            if index % 25 % rhythm == 0 and index <= last:
                seen.append(face(100, 100, every=rhythm / FPS))
            known = {one.kind for one in seen} | {r.kind for r in made.regions(ticks(index / FPS))}
            if index % 25 in persons and Kind.FACE not in known:
                seen.append(face(100, 100, size=60, score=score, kind=Kind.HEAD, every=0.52))
            made.observe(look(index / FPS, *seen))
            leaves = made.regions(ticks(index / FPS - DELAY))
            inside = any(r.x1 <= 80 and r.y1 <= 80 and r.x2 >= 120 and r.y2 >= 120 for r in leaves)
            if index >= DELAY * FPS and not inside:
                shows.append((last, index - round(DELAY * FPS)))
    assert shows == []


def test_plates_and_faces_never_join() -> None:
    made = tracker()
    made.observe(look(0, face(100, 100)))
    made.observe(look(0.2, face(100, 100, kind=Kind.PLATE)))
    assert {(region.track, region.kind) for region in made.regions(ticks(0.1))} == {
        (1, Kind.FACE),
        (2, Kind.PLATE),
    }


def test_a_face_and_its_head_have_tracks_of_their_own() -> None:
    made = tracker()
    for step in range(5):
        head = face(100, 100, size=44, kind=Kind.HEAD)
        made.observe(look(step * 0.2, *((face(100, 100), head) if step % 2 else (head,))))
    for step in range(5):
        regions = made.regions(ticks(step * 0.2))
        assert {(region.track, region.kind) for region in regions} == {(1, Kind.HEAD), (2, Kind.FACE)}


def test_weak_detections_wait_for_a_strong_one_and_then_count() -> None:
    made = tracker()
    for step in range(4):
        made.observe(look(step * 0.2, face(100 + 30 * step, 100, score=0.2)))
    assert made.regions(ticks(0.4)) == ()
    made.observe(look(0.8, face(220, 100, score=0.5)))
    for index in range(21):
        assert covered(made.regions(ticks(index / FPS)), 100 + 6 * index, 100) == 1


def test_weak_detections_carry_a_track_on() -> None:
    made = tracker()
    made.observe(look(0, face(100, 100)))
    for step in range(1, 20):
        made.observe(look(step * 0.2, face(100, 100, score=0.15)))
    assert covered(made.regions(ticks(3.8)), 100, 100) == 1


@pytest.mark.parametrize("kind", [Kind.FACE, Kind.PLATE])
@pytest.mark.parametrize("every", [0.04, PERIOD, 1.0])
def test_a_doubtful_single_detection_is_covered_by_how_soon_its_pass_comes_again(
    every: float, kind: Kind
) -> None:
    made = tracker()
    made.observe(look(2.0, face(100, 100, score=0.35, every=every, kind=kind)))
    made.observe(look(2.04 + every))
    brief = made._settings.doubt * every + made._settings.doubt_least
    for away in (-brief, brief):
        inside = away - math.copysign(0.02, away)
        assert covered(made.regions(ticks(2 + inside)), 100, 100) == 1
        assert made.regions(ticks(2 + away + math.copysign(0.02, away))) == ()


@pytest.mark.parametrize("kind", [Kind.FACE, Kind.PLATE])
@pytest.mark.parametrize("cut", [False, True])
def test_doubt_takes_nothing_away_before_its_pass_has_come_again_in_the_same_scene(
    kind: Kind, cut: bool
) -> None:
    made = tracker()
    made.observe(look(2.0, face(100, 100, score=0.35, every=1.0, kind=kind)))
    made.observe(look(2.9))
    if cut:
        made.cut(ticks(2.9))
        made.observe(look(3.2))
    assert covered(made.regions(ticks(2.98)), 100, 100) == 1
    if not cut:
        made.observe(look(3.0))
        assert made.regions(ticks(2.98)) == ()


def test_a_look_at_everything_tells_at_once_that_a_doubtful_one_is_gone() -> None:
    made = Tracker(proving=frozenset({"near", "far"}))
    made.expect(DELAY)
    made.observe(replace(look(2.0, face(100, 100, score=0.35, every=1.0)), passes=frozenset({"far"})))
    made.observe(replace(look(2.7), passes=frozenset({"near"})))
    assert covered(made.regions(ticks(2.6)), 100, 100) == 1
    made.observe(replace(look(2.7), passes=frozenset({"near", "far"})))
    assert made.regions(ticks(2.6)) == ()


def test_a_one_off_of_a_frequent_pass_is_covered_more_briefly_than_one_of_a_rare_pass() -> None:
    covers = []
    for every in (1 / FPS, 1.0):
        made = tracker()
        made.observe(look(2.0, face(100, 100, score=0.35, every=every)))
        made.observe(look(2.04 + every))
        covers.append({index for index in range(100) if made.regions(ticks(index / FPS))})
    assert covers[0] < covers[1]
    assert 2 * FPS in covers[0]


def test_what_stands_still_and_is_seen_by_one_rare_pass_alone_is_covered_throughout() -> None:
    made = tracker()
    for second in range(5):
        made.observe(look(second, face(100, 100, score=0.31, every=1.0)))
        # as long as it stays doubtful too
        assert covered(made.regions(ticks(second - 0.5)), 100, 100) == 1
        assert covered(made.regions(ticks(second + 0.5)), 100, 100) == 1
    assert all(covered(made.regions(ticks(index / FPS)), 100, 100) == 1 for index in range(100))


def test_a_second_detection_removes_the_doubt() -> None:
    made = tracker()
    made.observe(look(2.0, face(100, 100, score=0.35)))
    assert made.regions(ticks(2 - min(DELAY, made._settings.lead) + 0.02)) == ()
    made.observe(look(2.2, face(100, 100, score=0.96)))
    assert covered(made.regions(ticks(2 - min(DELAY, made._settings.lead) + 0.02)), 100, 100) == 1
    assert covered(made.regions(ticks(2.2 + PERIOD + made._settings.hold - 0.02)), 100, 100) == 1


def test_noise_below_the_least_score_is_ignored() -> None:
    made = tracker()
    made.observe(look(0, face(100, 100)))
    made.observe(look(2, face(100, 100, score=0.05)))
    assert made.regions(ticks(2)) == ()


def test_one_face_seen_by_two_passes_is_one_region() -> None:
    made = tracker()
    made.observe(look(0, face(100, 100), face(104, 100, size=44, score=0.6)))
    made.observe(look(0, face(98, 102)))
    (region,) = made.regions(0)
    assert (region.x1, region.y1, region.x2, region.y2) == (78, 78, 126, 122)


def test_neighbours_in_a_crowd_stay_apart() -> None:
    made = tracker()
    for step in range(5):
        made.observe(look(step * 0.2, *(face(60 * number + 5 * step, 100) for number in range(8))))
    assert len(made.regions(ticks(0.5))) == 8


@given(st.permutations(range(12)))
@settings(deadline=None, max_examples=40)
def test_answers_may_come_in_any_order(order: list[int]) -> None:
    """Wherever an object was seen it is covered, whenever that became known."""
    made, path = tracker(), walk(60)
    for step in order:
        made.observe(look(step * 0.12, face(*path(step * 0.12))))
    for step in range(12):
        assert covered(made.regions(ticks(step * 0.12)), *path(step * 0.12)) > 0.85


def test_tracks_do_not_join_across_a_cut_but_stay_covered() -> None:
    made = tracker()
    made.observe(look(1.0, face(100, 100)))
    made.cut(ticks(1.1))
    made.observe(look(1.2, face(104, 100)))
    assert {region.track for region in made.regions(ticks(1.1))} == {1, 2}


def test_a_reset_forgets_everything_and_numbers_go_on() -> None:
    made = tracker()
    made.observe(look(1.0, face(100, 100)))
    made.reset()
    assert made.regions(ticks(1.0)) == ()
    made.observe(look(0.0, face(100, 100)))
    assert [region.track for region in made.regions(0)] == [2]


@pytest.mark.parametrize(
    "bad",
    [
        Detection(math.nan, 0, 10, 10, 0.9, Kind.FACE),
        Detection(0, 0, math.inf, 10, 0.9, Kind.FACE),
        Detection(0, 0, 10, 10, math.nan, Kind.FACE),
        Detection(10, 0, 0, 10, 0.9, Kind.FACE),
        Detection(0, 5, 10, 5, 0.9, Kind.FACE),
    ],
)
def test_a_box_that_is_none_is_an_error_and_teaches_nothing(bad: Detection) -> None:
    made = tracker()
    with pytest.raises(DetectError):
        made.observe(look(0, face(100, 100), bad))
    assert made.regions(0) == ()


def test_memory_is_bounded_by_time() -> None:
    made, rng = tracker(), random.Random(1)
    most = 0
    for step in range(1500):
        made.observe(look(step * 0.2, *(face(rng.uniform(0, 1900), rng.uniform(0, 1000)) for _ in range(3))))
        most = max(most, len(made._tracks))
        if step == 300:
            early = most
    assert most <= early * 1.5
    assert all(track.last.time > 285 for track in made._tracks)
    assert all(len(track.sightings) < 100 for track in made._tracks)


def test_what_is_older_than_the_memory_teaches_nothing() -> None:
    made = tracker()
    made.observe(look(20))
    made.observe(look(1, face(100, 100)))
    assert made.regions(ticks(1)) == ()
    assert ticks(1) < made.horizon
