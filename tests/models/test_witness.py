"""A face that YuNet alone sees where CenterFace looks too must be that of a person, and a plate that of a vehicle."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from models.boxes import Floats
from models.passes import PASSES
from models.witness import Witness, within
from vcam.base.media import Kind

FULL = "centerface:full"
HD = (1920, 1080)
FACE = (100.0, 100.0, 140.0, 150.0)
PERSON = (60.0, 90.0, 180.0, 500.0)


def rows(*boxes: tuple[float, ...]) -> Floats:
    return np.array(boxes, np.float32).reshape(-1, 4)


def kinds(*names: Kind) -> np.ndarray[tuple[int], np.dtype[np.object_]]:
    return np.array(names, dtype=object)


def believed(witness: Witness, boxes: Floats, *detectors: str, kind: Kind = Kind.FACE) -> list[bool]:
    return [bool(one) for one in witness.believes(kind, boxes, np.array(detectors, dtype=object), HD)]


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


def test_a_plate_counts_on_a_vehicle_alone() -> None:
    witness, plate = thorough(), rows((300, 400, 360, 420))
    witness.saw([FULL, "object:416"], rows((250, 200, 500, 430)), kinds(Kind.VEHICLE))
    assert believed(witness, plate, "plates", kind=Kind.PLATE) == [True]
    assert believed(witness, rows(FACE), "yunet") == [False]
    # a bumper may lie below the box of its vehicle
    assert believed(witness, rows((300, 440, 360, 460)), "plates", kind=Kind.PLATE) == [True]
    witness.saw([FULL, "object:416"], rows((250, 200, 500, 430)), kinds(Kind.PERSON))
    assert believed(witness, plate, "plates", kind=Kind.PLATE) == [False]
    assert believed(witness, plate, "imported", kind=Kind.PLATE) == [True]
    assert believed(witness, plate, "yolox_nano", kind=Kind.VEHICLE) == [True]
    assert believed(Witness(PASSES, ()), plate, "plates", kind=Kind.PLATE) == [True]


coordinates = st.floats(-50, 2000, width=32)
spans = st.floats(1, 500, width=32)


@st.composite
def boxes(draw: st.DrawFn) -> Floats:
    found = [
        (draw(coordinates), draw(coordinates), draw(spans), draw(spans)) for _ in range(draw(st.integers(0, 4)))
    ]
    return rows(*((x, y, x + wide, y + high) for x, y, wide, high in found))


@given(boxes(), boxes(), boxes())
def test_more_owners_never_hold_less(things: Floats, some: Floats, others: Floats) -> None:
    assert not within(things, rows(), 0.5, 0.5).any()
    both = within(things, np.concatenate([some, others]), 0.1, 0.2)
    assert np.array_equal(both, within(things, some, 0.1, 0.2) | within(things, others, 0.1, 0.2))
    assert not np.any(within(things, some, 0.0, 0.0) & ~within(things, some, 0.1, 0.2))
    assert within(things, things, 0.0, 0.0).all()
