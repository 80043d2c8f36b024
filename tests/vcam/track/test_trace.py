"""What a first pass says of a region, and which kinds may be one object."""

from __future__ import annotations

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from vcam.base.media import Kind
from vcam.track.trace import Trace, group_of

BOX = (1.0, 2.0, 30.0, 40.0)


@given(st.sampled_from(["", "it jumps", "not seen again"]), st.frozensets(st.integers(1, 9)))
def test_certain_is_what_is_neither_in_doubt_nor_beside_another(doubt: str, beside: frozenset[int]) -> None:
    one = Trace(BOX, 3, Kind.FACE, 0.9, doubt, beside)
    assert one.certain == (doubt == "" and not beside)


def test_by_itself_a_trace_is_certain() -> None:
    assert Trace(BOX, 3, Kind.FACE, 0.9).certain


def test_a_face_and_a_head_may_be_one_object_and_nothing_else_may() -> None:
    same = {frozenset(pair) for pair in combinations(Kind, 2) if group_of(pair[0]) == group_of(pair[1])}
    assert same == {frozenset({Kind.FACE, Kind.HEAD})}
