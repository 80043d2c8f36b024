"""Tallies of looks: leaks, runs and flicker, in small clips whose answer can be seen."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from vcam.quality.tally import Look, link, tally


def look(
    picture: int, x: float = 0, share: float = 1.0, *, through: bool = False, agreed: bool = False
) -> Look:
    return Look(picture, (x, 0, x + 20, 20, 0.9), share, through, agreed)


def test_leaks_are_boxes_covered_too_little_or_not_changed() -> None:
    counted = tally([[look(0), look(0, 100, 0.69)], [look(1, through=True)], [look(2, share=0.7)]])
    assert (counted.pictures, counted.seen, counted.leaked, counted.through) == (3, 4, 2, 1)
    assert (counted.leaky_pictures, counted.longest_run) == (2, 2)
    assert counted.per_thousand == 500


def test_only_leaks_that_another_judge_sees_are_agreed() -> None:
    assert tally([[look(0, agreed=True), look(0, 50, 0.1, agreed=True), look(0, 90, 0.1)]]).agreed == 1


def test_a_run_ends_where_a_picture_does_not_leak() -> None:
    shares = [0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0]
    assert tally([[look(n, share=share)] for n, share in enumerate(shares)]).longest_run == 3


def test_flicker_is_a_leak_between_two_covered_pictures_of_one_object() -> None:
    # uncovered before it is first covered and after it is last covered: leaks, but no flicker
    shares = [0.0, 1.0, 0.2, 0.3, 1.0, 0.0]
    counted = tally([[look(n, x=2 * n, share=share)] for n, share in enumerate(shares)])
    assert (counted.dropped, counted.tracked) == (2, 6)


def test_two_objects_are_not_taken_for_one() -> None:
    pictures = [[look(0, 0), look(0, 100)], [look(1, 100, 0.0), look(1, 2)], [look(2, 4), look(2, 98)]]
    lives = link(pictures)
    assert sorted([one.box[0] for one in life] for life in lives) == [[0, 2, 4], [100, 100, 98]]
    assert tally(pictures).dropped == 1


def test_what_was_not_seen_for_long_is_another_object() -> None:
    assert len(link([[look(0)], [], [look(2)]])) == 1
    assert len(link([[look(0)], [], [], [], [look(4)]])) == 2


@given(st.lists(st.lists(st.tuples(st.integers(0, 200), st.floats(0, 1)), max_size=4), max_size=8))
def test_counts_hold_together(pictures: list[list[tuple[int, float]]]) -> None:
    looks = [[look(n, x, share) for x, share in some] for n, some in enumerate(pictures)]
    counted = tally(looks)
    assert sum(map(len, link(looks))) == counted.seen == sum(map(len, pictures))
    assert counted.dropped <= counted.leaked <= counted.seen
    assert counted.longest_run <= counted.leaky_pictures <= counted.pictures
    assert (counted.leaky_pictures > 0) == (counted.leaked > 0)
