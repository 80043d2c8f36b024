"""Only chosen regions that are certain and found again stay clear, whatever is asked and whatever the file says."""

from __future__ import annotations

from dataclasses import replace

import pytest
from av.video.frame import VideoFrame
from hypothesis import given
from hypothesis import strategies as st

from vcam.base.media import Kind, Picture, Region
from vcam.track.box import overlap
from vcam.track.buffer import Released
from vcam.track.clearing import SAME, Clearing
from vcam.track.trace import Trace, Traced

FRAME = VideoFrame(400, 200, "yuv420p")
BOX = (100.0, 100.0, 140.0, 150.0)
FACE = Region(*BOX, Kind.FACE, 77, 0.9)
TRACE = Trace(BOX, 3, Kind.FACE, 0.9)


def released(*regions: Region, index: int = 0, pts: int = 0, reason: str = "") -> Released:
    return Released(Picture(FRAME, index, pts, 0), regions, not reason, reason)


def clearing(*traces: Trace, chosen: tuple[int, ...] = (3,), whole: str = "") -> Clearing:
    return Clearing(chosen, [Traced(0, 0, whole, traces)])


def test_what_is_certain_and_found_again_is_cleared_whatever_its_number_is_now() -> None:
    made = clearing(TRACE)
    other = Region(300, 100, 340, 150, Kind.FACE, 3, 0.9)
    assert made.clear(released(other, FACE)) == (FACE,)
    verdict = made.verdict(0)
    assert verdict.cleared == (Region(*BOX, Kind.FACE, 3, 0.9),)
    assert verdict.withheld == {}
    assert made.verdict(0).cleared == ()


@pytest.mark.parametrize(
    ("trace", "picture", "why"),
    [
        (replace(TRACE, doubt="it jumps"), released(FACE), "it jumps"),
        (replace(TRACE, beside=frozenset({3, 4, 9})), released(FACE), "beside 4, 9"),
        (TRACE, released(FACE, pts=1), "not at the time of the first pass"),
        (TRACE, released(), "not found where the first pass found it"),
        (TRACE, released(replace(FACE, kind=Kind.HEAD)), "not found where the first pass found it"),
        (TRACE, released(replace(FACE, x2=150)), "not found where the first pass found it"),
        (TRACE, released(FACE, replace(FACE, track=78)), "not found where the first pass found it"),
        (TRACE, released(FACE, reason="no face analysis in time"), "masked whole: no face analysis in time"),
    ],
)
def test_any_doubt_masks(trace: Trace, picture: Released, why: str) -> None:
    made = clearing(trace)
    assert made.clear(picture) == ()
    assert made.verdict(0).withheld == {3: why}


def test_those_beside_one_another_are_cleared_together() -> None:
    head = Region(90, 90, 150, 160, Kind.HEAD, 78, 0.8)
    traces = (
        replace(TRACE, beside=frozenset({4})),
        Trace((90, 90, 150, 160), 4, Kind.HEAD, 0.8, "", frozenset({3})),
    )
    assert clearing(*traces, chosen=(3, 4)).clear(released(FACE, head)) == (FACE, head)
    assert clearing(*traces, chosen=(3,)).clear(released(FACE, head)) == ()
    assert clearing(*traces, chosen=(4,)).clear(released(FACE, head)) == ()


def test_what_is_cleared_is_told_as_far_as_it_lies_in_the_picture() -> None:
    half, none = (-20.0, 150.0, 20.0, 210.0), (-50.0, 10.0, 0.0, 60.0)
    made = clearing(replace(TRACE, box=half), Trace(none, 4, Kind.FACE, 0.9), chosen=(3, 4))
    made.clear(released(*(Region(*box, Kind.FACE, 7) for box in (half, none))))
    verdict = made.verdict(0)
    assert verdict.cleared == (Region(0, 150, 20, 200, Kind.FACE, 3, 0.9),)
    assert verdict.withheld == {}


def test_pictures_that_the_first_pass_masked_whole_are_told_within_the_trail_only() -> None:
    traced = [
        Traced(0, 0, "", (TRACE,)),
        Traced(1, 10, "damaged picture", ()),
        Traced(2, 20, "", (TRACE,)),
        Traced(3, 30, "damaged picture", ()),
    ]
    made = Clearing([3], traced)
    assert made.clear(released(FACE, index=1, pts=10)) == ()
    assert made.verdict(1).withheld == {3: "not traced"}
    assert made.clear(released(FACE, index=3, pts=30)) == ()
    assert made.verdict(3).withheld == {}
    assert made.clear(released(FACE, index=9, pts=90)) == ()


edges = st.integers(0, 60)
boxes = st.builds(
    lambda x, y, w, h: (float(x), float(y), float(x + w), float(y + h)), edges, edges, *[st.integers(1, 40)] * 2
)
kinds = st.sampled_from([Kind.FACE, Kind.HEAD, Kind.PLATE])
numbers = st.integers(1, 6)
traces = st.builds(
    Trace,
    boxes,
    numbers,
    kinds,
    st.just(0.9),
    st.sampled_from(["", "", "", "it jumps"]),
    st.frozensets(numbers),
)


@given(
    st.lists(traces, max_size=6, unique_by=lambda trace: trace.number),
    st.lists(st.tuples(boxes, kinds), max_size=4),
    st.frozensets(numbers),
    st.booleans(),
)
def test_whatever_is_chosen_only_that_is_cleared(
    first: list[Trace],
    more: list[tuple[tuple[float, float, float, float], Kind]],
    chosen: frozenset[int],
    proven: bool,
) -> None:
    """The second pass finds what the first one found, and more. All but the chosen is masked as ever."""
    found = [(trace.box, trace.kind) for trace in first] + more
    regions = tuple(Region(*box, kind, 50 + at, 0.9) for at, (box, kind) in enumerate(found))
    made = Clearing(chosen, [Traced(0, 0, "", tuple(first))])
    clear = made.clear(released(*regions, reason="" if proven else "no face analysis in time"))
    assert set(clear) <= set(regions)
    for region in clear:
        assert proven
        box = (region.x1, region.y1, region.x2, region.y2)
        meant = [t for t in first if t.kind is region.kind and overlap(t.box, box) >= SAME]
        assert any(t.number in chosen and not t.doubt and t.beside <= chosen for t in meant)
    verdict = made.verdict(0)
    there = {trace.number for trace in first if trace.number in chosen}
    assert {region.track for region in verdict.cleared} | verdict.withheld.keys() == there
    assert not {region.track for region in verdict.cleared} & verdict.withheld.keys()
    assert bool(clear) == bool(verdict.cleared)


@given(st.lists(traces, max_size=6, unique_by=lambda trace: trace.number), st.frozensets(numbers), numbers)
def test_to_choose_more_never_masks_more(first: list[Trace], chosen: frozenset[int], another: int) -> None:
    regions = tuple(Region(*trace.box, trace.kind, 50 + at, 0.9) for at, trace in enumerate(first))
    one, two = (
        set(Clearing(ids, [Traced(0, 0, "", tuple(first))]).clear(released(*regions)))
        for ids in (chosen, chosen | {another})
    )
    assert one <= two
