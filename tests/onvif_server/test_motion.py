"""What counts as motion: tracks that move or appear, not those that are there or flicker."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from onvif_server.motion import HOLD, Motion
from vcam.base.media import Kind, Region
from vcam.base.scene import Scene

STEP = 0.2


def box(x: float, track: int = 1, kind: Kind = Kind.PERSON, size: float = 100) -> Region:
    return Region(x, 100, x + size, 100 + 2 * size, kind, track)


def run(motion: Motion, scenes: Iterable[Iterable[Region]], start: float = 0.0) -> list[bool]:
    """What motion says of scenes that come five times a second."""
    return [
        motion.see(Scene(0, 0, 1920, 1080, tuple(regions)), start + index * STEP)
        for index, regions in enumerate(scenes)
    ]


def test_nothing_moves_in_an_empty_scene() -> None:
    assert not any(run(Motion(), [[]] * 50))


def test_what_is_there_from_the_beginning_does_not_appear() -> None:
    assert not any(run(Motion(), [[box(300)]] * 100))


def test_somebody_who_walks_moves_until_the_hold_is_over() -> None:
    said = run(Motion(), [[box(10 * index)] for index in range(50)] + [[]] * 60)
    began = said.index(True)
    assert began * STEP < 1.5
    ended = said.index(False, began)
    assert ended * STEP >= 50 * STEP + HOLD - 2 * STEP
    assert not any(said[ended:])


def test_a_walk_with_rests_does_not_flicker() -> None:
    walk = [[box(40 * (index // 15))] for index in range(300)]
    said = run(Motion(), walk)
    assert sum(one != other for one, other in pairwise(said)) <= 1


def test_somebody_who_appears_and_stands_is_motion_once() -> None:
    said = run(Motion(), [[]] * 20 + [[box(300)]] * 100)
    assert True in said
    assert said.index(True) >= 21
    assert said.count(True) <= (HOLD / STEP) + 1


def test_what_is_seen_for_an_instant_only_does_not_count() -> None:
    assert not any(run(Motion(), [[]] * 20 + [[box(300)]] * 2 + [[]] * 40))


def test_a_poster_that_is_found_again_and_again_does_not_appear() -> None:
    """A detector loses a still object, and the tracker gives it another number."""
    scenes = [[box(300, track=1 + index // 20)] if index % 20 < 12 else [] for index in range(400)]
    assert not any(run(Motion(), scenes))


def test_a_box_that_trembles_does_not_move() -> None:
    assert not any(run(Motion(), [[box(300 + 10 * (-1) ** index)] for index in range(200)]))


def test_a_shadow_that_creeps_does_not_move() -> None:
    assert not any(run(Motion(), [[box(300 + 0.2 * index)] for index in range(1000)]))


def test_zones_signs_and_screens_do_not_move() -> None:
    kinds = (Kind.ZONE, Kind.TEXT, Kind.SCREEN)
    scenes = [[box(10 * index, track, kind) for track, kind in enumerate(kinds)] for index in range(100)]
    assert not any(run(Motion(), scenes))


def test_a_picture_masked_whole_tells_nothing() -> None:
    whole = [Region(0, 0, 1920, 1080, Kind.WHOLE, 0)]
    still = Motion()
    assert not any(run(still, [whole] * 100))
    moving = Motion()
    assert run(moving, [[box(10 * index)] for index in range(30)])[-1]
    assert all(run(moving, [whole] * 100, start=30 * STEP))


@given(st.lists(st.lists(st.tuples(st.floats(0, 1800), st.integers(1, 3)), max_size=3), max_size=60))
def test_motion_lasts_as_long_as_the_hold(scenes: list[list[tuple[float, int]]]) -> None:
    said = run(Motion(), [[box(x, track) for x, track in scene] for scene in scenes])
    runs = "".join("1" if one else "0" for one in said).strip("0").split("0")
    whole_runs = runs if said and not said[-1] else runs[:-1]
    assert all(len(one) >= HOLD / STEP - 1 for one in whole_runs if one)
