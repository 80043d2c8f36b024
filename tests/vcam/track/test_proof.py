"""The proof rule, held against a plain reading of its invariant."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from vcam.base.media import TICKS
from vcam.track.proof import Proof

FAMILIES = {"face": frozenset({"face:a", "face:b"}), "plate": frozenset({"plate"})}
PERIODS = {"face": 0.2, "plate": 0.4}
SLACK = 2.0
LATE = 1.5

moments = st.integers(0, 3 * TICKS // 1800).map(lambda step: step * 1800)
looks = st.lists(
    st.tuples(moments, st.sets(st.sampled_from(["face:a", "face:b", "plate", "other"]))), max_size=40
)
delays = st.sampled_from([0.0, 0.1, 0.5, 1.0])


def plainly(
    pts: int, family: str, seen: list[tuple[int, set[str]]], came: tuple[list[int], list[int]], delay: float
) -> bool:
    """The invariant, word for word, by looking at everything."""
    cuts, pictures = came
    proving = [at for at, passes in seen if passes & FAMILIES[family]]
    if pts in proving:
        return True
    gap = SLACK * PERIODS[family] * TICKS
    late = LATE * PERIODS[family] * TICKS
    for a in (at for at in proving if at < pts):
        if any(a < cut <= pts for cut in cuts):
            continue
        if delay == 0:
            if pts - a <= gap and not any(a + late < at < pts for at in pictures):
                return True
            continue
        for b in (at for at in proving if at > pts):
            if any(a + late < at < b for at in pictures) or any(pts < cut <= b for cut in cuts):
                continue
            if b - a <= gap and b - pts <= delay * TICKS:
                return True
    return False


@given(looks, st.lists(moments, max_size=2), moments, delays, st.lists(moments, max_size=40))
def test_proven_is_what_the_invariant_says(
    seen: list[tuple[int, set[str]]], cuts: list[int], pts: int, delay: float, pictures: list[int]
) -> None:
    proof = Proof(FAMILIES, PERIODS, delay, slack=SLACK, late=LATE)
    for at in pictures:
        proof.came(at)
    for at, passes in seen:
        proof.add(at, frozenset(passes))
    for cut in cuts:
        proof.cut(cut)
    unproven = [family for family in FAMILIES if not plainly(pts, family, seen, (cuts, pictures), delay)]
    assert proof.missing(pts) == (unproven[0] if unproven else "")


@given(looks, moments, delays)
def test_order_of_arrival_does_not_matter(seen: list[tuple[int, set[str]]], pts: int, delay: float) -> None:
    first, second = (Proof(FAMILIES, PERIODS, delay) for _ in range(2))
    for at, passes in seen:
        first.add(at, frozenset(passes))
    for at, passes in reversed(seen):
        second.add(at, frozenset(passes))
    assert first.missing(pts) == second.missing(pts)


@given(looks, moments, delays, st.integers(0, 39))
def test_a_missing_analysis_never_proves_more(
    seen: list[tuple[int, set[str]]], pts: int, delay: float, lost: int
) -> None:
    everything, less = (Proof(FAMILIES, PERIODS, delay) for _ in range(2))
    for number, (at, passes) in enumerate(seen):
        everything.add(at, frozenset(passes))
        if number != lost:
            less.add(at, frozenset(passes))
    assert not (everything.missing(pts) and not less.missing(pts))


def test_nothing_is_proven_before_anybody_looked() -> None:
    proof = Proof(FAMILIES, PERIODS, 1.0)
    assert proof.missing(0) == "face"
    proof.add(0, frozenset({"face:a"}))
    assert proof.missing(0) == "plate"
    proof.add(0, frozenset({"plate"}))
    assert proof.missing(0) == ""
    proof.clear()
    assert proof.missing(0) == "face"


def test_what_is_long_past_is_forgotten_and_not_proven() -> None:
    proof = Proof({"face": frozenset({"face"})}, {"face": 0.2}, 1.0)
    proof.add(0, frozenset({"face"}))
    for second in range(1, 30):
        proof.add(second * TICKS, frozenset({"face"}))
    assert proof.missing(0) == "face"
    assert proof.missing(29 * TICKS) == ""


def test_with_nothing_sought_everything_is_proven() -> None:
    assert Proof({}, {}, 1.0).missing(12345) == ""


def test_the_first_picture_that_is_due_must_be_looked_at() -> None:
    """At 25 pictures a second a look may come one picture late, at 5 it comes when there is a picture."""
    for step, after, proven in ((3600, 7, True), (3600, 8, False), (18000, 2, True), (18000, 3, False)):
        proof = Proof({"face": frozenset({"a"})}, {"face": 0.24}, 1.0, slack=3.0, late=1.1)
        for number in range(after + 1):
            proof.came(number * step)
        proof.add(0, frozenset({"a"}))
        proof.add(after * step, frozenset({"a"}))
        assert bool(proof.missing(step)) != proven
