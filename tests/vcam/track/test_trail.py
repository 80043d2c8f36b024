"""Trails are summed up."""

from __future__ import annotations

from vcam.base.media import TICKS, Kind
from vcam.track.trace import Trace, Traced
from vcam.track.trail import Trail, Trails

FACE = Trace((100, 100, 140, 140), 1, Kind.FACE, 0.5)
PERSON = Trace((80, 90, 160, 300), 2, Kind.PERSON, 0.7, "it jumps")


def test_a_trail_is_summed_up_and_knows_what_holds_it() -> None:
    trails = Trails()
    trails.add(Traced(0, 0, "", (FACE, PERSON)))
    trails.add(Traced(1, TICKS, "damaged picture", ()))
    trails.add(
        Traced(2, 2 * TICKS, "", (PERSON, Trace((100, 100, 140, 140), 1, Kind.FACE, 0.9, "", frozenset({5}))))
    )
    assert trails.trails({2: 7}) == (
        Trail(1, Kind.FACE, 0.0, 2.0, 0.9, 2, 1, 0, (2,)),
        Trail(2, Kind.PERSON, 0.0, 2.0, 0.7, 2, 0, 7, ()),
    )


def test_who_is_only_sometimes_inside_another_is_not_within_it() -> None:
    trails = Trails()
    trails.add(Traced(0, 0, "", (FACE, PERSON)))
    trails.add(Traced(1, 1, "", (FACE,)))
    face, _ = trails.trails({})
    assert face.within == ()
