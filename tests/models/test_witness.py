"""A face that YuNet alone sees where CenterFace looks too must be that of a person."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from models.boxes import Floats
from models.passes import PASSES
from models.witness import Witness, borne_out
from vcam.base.media import Kind

FULL = "centerface:full"
HD = (1920, 1080)
FACE = (100.0, 100.0, 140.0, 150.0)
PERSON = (60.0, 90.0, 180.0, 500.0)


def rows(*boxes: tuple[float, ...]) -> Floats:
    return np.array(boxes, np.float32).reshape(-1, 4)


def kinds(*names: Kind) -> np.ndarray[tuple[int], np.dtype[np.object_]]:
    return np.array(names, dtype=object)


def believed(witness: Witness, boxes: Floats, *detectors: str, size: tuple[int, int] = HD) -> list[bool]:
    return [bool(one) for one in witness.believes(boxes, np.array(detectors, dtype=object), size)]


def thorough() -> Witness:
    return Witness(PASSES, {FULL, "yunet:often"})


def test_a_face_that_nobody_else_sees_does_not_count() -> None:
    witness = thorough()
    witness.saw([FULL, "yunet:often"], rows(FACE), kinds(Kind.FACE))
    assert believed(witness, rows(FACE), "yunet") == [False]
    assert believed(witness, rows(FACE), "centerface") == [True]
    assert believed(witness, rows(FACE), "imported") == [True]


def test_another_detectors_box_in_the_same_place_bears_it_out() -> None:
    witness = thorough()
    witness.saw([FULL], rows(), kinds())
    near, far = (105.0, 96.0, 143.0, 148.0), (300.0, 100.0, 340.0, 150.0)
    assert believed(witness, rows(FACE, near), "yunet", "centerface") == [True, True]
    assert believed(witness, rows(FACE, far), "yunet", "centerface") == [False, True]
    assert believed(witness, rows(FACE, near), "yunet", "yunet") == [False, False]


def test_a_person_who_was_seen_last_bears_it_out() -> None:
    witness = thorough()
    witness.saw([FULL, "object:416"], rows(PERSON), kinds(Kind.PERSON))
    assert believed(witness, rows(FACE), "yunet") == [True]
    # persons are looked for in some pictures only
    witness.saw([FULL], rows(), kinds())
    assert believed(witness, rows(FACE), "yunet") == [True]
    witness.saw([FULL, "object:416"], rows(PERSON), kinds(Kind.VEHICLE))
    assert believed(witness, rows(FACE), "yunet") == [False]


def test_what_centerface_did_not_look_at_or_does_not_see_well_counts() -> None:
    witness = thorough()
    witness.saw(["yunet:960"], rows(), kinds())
    assert believed(witness, rows(FACE), "yunet") == [True]
    witness.saw([FULL], rows(), kinds())
    large = (100.0, 100.0, 400.0, 400.0)
    assert believed(witness, rows(large), "yunet") == [True]


def test_everything_counts_live_and_where_nobody_looks_for_persons() -> None:
    faces = [one for one in PASSES if one.family == "face"]
    for witness in (Witness(PASSES, ()), Witness(faces, {FULL})):
        witness.saw([FULL], rows(), kinds())
        assert believed(witness, rows(FACE), "yunet") == [True]


coordinates = st.floats(-50, 2000, width=32)
spans = st.floats(1, 500, width=32)


@st.composite
def boxes(draw: st.DrawFn) -> Floats:
    found = [
        (draw(coordinates), draw(coordinates), draw(spans), draw(spans)) for _ in range(draw(st.integers(0, 4)))
    ]
    return rows(*((x, y, x + wide, y + high) for x, y, wide, high in found))


@given(boxes(), boxes(), boxes())
def test_more_witnesses_never_bear_out_less(faces: Floats, others: Floats, persons: Floats) -> None:
    nobody = rows()
    assert not borne_out(faces, nobody, nobody).any()
    both = borne_out(faces, others, persons)
    assert np.array_equal(both, borne_out(faces, others, nobody) | borne_out(faces, nobody, persons))
    assert borne_out(faces, faces, nobody).all()
    assert borne_out(faces, nobody, faces).all()
