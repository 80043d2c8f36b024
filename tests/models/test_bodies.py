"""Heads of persons whose face nobody saw, and bands of vehicles whose plate nobody saw."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.bodies import Margins, as_wanted
from vcam.base.media import Detection, Kind, Region

SIZE = (640, 480)
NONE = (0.0, 0.0, 0.0)
MARGINS: dict[Kind, Margins] = {
    Kind.FACE: (0.3, 0.3, 0.3),
    Kind.PERSON: (0.1, 0.1, 0.05),
    Kind.PLATE: (0.15, 0.2, 0.2),
    Kind.VEHICLE: (0.05, 0.05, 0.05),
}
HEADS = {Kind.FACE, Kind.HEAD}
BANDS = {Kind.PLATE, Kind.PLATE_BAND}

Box = tuple[float, float, float, float]


def seen(kind: Kind, box: Box, *, score: float = 0.7, every: float = 0.52) -> Detection:
    """A detection of `kind` that drew `box`, widened as the analyst widens it."""
    x1, y1, x2, y2 = box
    beside, up, down = MARGINS[kind]
    wide, high = x2 - x1, y2 - y1
    return Detection(
        x1 - beside * wide, y1 - up * high, x2 + beside * wide, y2 + down * high, score, kind, every
    )


def tracked(one: Detection, number: int = 1) -> Region:
    return Region(one.x1, one.y1, one.x2, one.y2, one.kind, number)


def standing(x: float, y: float = 100, width: float = 80, shape: float = 3.0) -> Detection:
    """A person `width` pixels wide whose top left corner is x, y."""
    return seen(Kind.PERSON, (x, y, x + width, y + shape * width))


def face_box(x: float, y: float = 100, width: float = 80) -> Box:
    """Where the face of somebody standing at x, y is: three tenths as wide as the body, in its middle."""
    return x + 0.35 * width, y + 0.14 * width, x + 0.65 * width, y + 0.53 * width


def face_of(x: float, y: float = 100, width: float = 80) -> Detection:
    return seen(Kind.FACE, face_box(x, y, width), every=0.28)


def wanted(
    found: Sequence[Detection], regions: Sequence[Region] = (), kinds: Collection[Kind] = HEADS
) -> list[Detection]:
    return as_wanted(found, regions, kinds, SIZE, MARGINS)


def heads(found: Sequence[Detection], regions: Sequence[Region] = ()) -> list[Detection]:
    return [one for one in wanted(found, regions) if one.kind is Kind.HEAD]


def bands(found: Sequence[Detection], regions: Sequence[Region] = ()) -> list[Detection]:
    return [one for one in wanted(found, regions, BANDS) if one.kind is Kind.PLATE_BAND]


def holds(outer: Detection, box: Box) -> bool:
    return outer.x1 <= box[0] and outer.y1 <= box[1] and outer.x2 >= box[2] and outer.y2 >= box[3]


@pytest.mark.parametrize("shape", [1.2, 1.5, 3.0, 4.0])
def test_a_person_without_a_face_gets_a_head_where_the_face_must_be(shape: float) -> None:
    (head,) = heads([standing(200, shape=shape)])
    assert holds(head, face_box(200))
    # and no more of the body than that takes
    assert head.x2 - head.x1 <= 0.6 * 80
    assert head.y2 - head.y1 <= 0.7 * 80
    assert (head.score, head.every) == (0.7, 0.52)


def test_a_face_that_is_seen_or_tracked_is_its_persons_head() -> None:
    person, face = standing(200), face_of(200)
    assert wanted([person, face]) == [face]
    assert heads([person], [tracked(face)]) == []


@pytest.mark.parametrize(
    "elsewhere",
    [
        face_box(400),  # somebody else's, far off
        face_box(200, 220),  # before the belly
        face_box(270),  # beside the shoulder
        (200.0, 100.0, 280.0, 180.0),  # as wide as the whole body: of somebody much nearer
        (238.0, 138.0, 242.0, 142.0),  # on a picture in the background
    ],
)
def test_a_face_that_cannot_be_the_persons_leaves_the_head(elsewhere: Box) -> None:
    face = seen(Kind.FACE, elsewhere)
    assert len(heads([standing(200), face])) == 1
    assert len(heads([standing(200)], [tracked(face)])) == 1


def test_other_tracks_claim_no_head() -> None:
    face = face_of(200)
    others = [
        Region(face.x1, face.y1, face.x2, face.y2, kind, number)
        for number, kind in enumerate((Kind.HEAD, Kind.PLATE, Kind.PERSON, Kind.MOTION))
    ]
    assert len(heads([standing(200)], others)) == 1


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_a_neighbours_face_takes_no_head_away(order: tuple[int, ...]) -> None:
    """Two stand so close that the face of one lies where that of the other may be: it is claimed once."""
    found = [standing(200), standing(220), face_of(220)]
    assert heads([found[0], found[2]]) == []  # alone, the first would pass for its owner
    (head,) = heads([found[at] for at in order])
    assert holds(head, face_box(200))
    (head,) = heads([found[at] for at in order if at < 2], [tracked(found[2])])
    assert holds(head, face_box(200))


@pytest.mark.parametrize("shift", [0.0, 3.0])
def test_a_face_that_is_both_seen_and_tracked_is_one_face(shift: float) -> None:
    """Nor is one that several tracks cover."""
    persons, face = [standing(200), standing(220)], face_of(220)
    there = tracked(face_of(220 + shift))
    (head,) = heads([*persons, face], [there])
    assert holds(head, face_box(200))
    (head,) = heads(persons, [tracked(face), there])
    assert holds(head, face_box(200))


def test_in_a_queue_each_face_goes_to_its_own() -> None:
    places = [100, 130, 160, 190]
    persons = [standing(x) for x in places]
    assert heads([*persons, *(face_of(x) for x in places)]) == []
    for hidden in places:
        (head,) = heads([*persons, *(face_of(x) for x in places if x != hidden)])
        assert holds(head, face_box(hidden))


corners = st.tuples(st.floats(0, 600), st.floats(0, 440), st.floats(1, 400), st.floats(1, 400))
boxes = corners.map(lambda c: (c[0], c[1], min(c[0] + c[2], 640.0), min(c[1] + c[3], 480.0)))


def plainly(kind: Kind, found: Sequence[Box]) -> list[Detection]:
    return [Detection(*box, 0.5, kind) for box in found]


@given(st.lists(boxes, max_size=6), st.lists(boxes, max_size=6))
def test_no_more_heads_are_taken_than_there_are_faces(persons: list[Box], faces: list[Box]) -> None:
    bodies = plainly(Kind.PERSON, persons)
    assert len(heads(bodies)) == len(bodies)
    left = heads([*bodies, *plainly(Kind.FACE, faces)])
    assert len(bodies) - len(faces) <= len(left) <= len(bodies)


@given(st.lists(boxes, max_size=6), st.lists(boxes, max_size=6))
def test_heads_and_bands_are_boxes_inside_the_picture(persons: list[Box], vehicles: list[Box]) -> None:
    found = [*plainly(Kind.PERSON, persons), *plainly(Kind.VEHICLE, vehicles)]
    for one in wanted(found, kinds={Kind.HEAD, Kind.PLATE_BAND}):
        assert 0 <= one.x1 < one.x2 <= SIZE[0]
        assert 0 <= one.y1 < one.y2 <= SIZE[1]
        assert (one.score, one.every) == (0.5, 1.0)


@pytest.mark.parametrize(
    "box", [(100.0, 100.0, 100.0, 200.0), (100.0, 100.0, 180.0, 100.0), (100.0, 100.0, 100.0, 100.0)]
)
def test_boxes_that_are_none_make_no_such_heads_and_claim_none(box: Box) -> None:
    (nobody,) = plainly(Kind.PERSON, [box])
    for found in ([nobody], [nobody, face_of(200)]):
        assert all(one.x1 < one.x2 and one.y1 < one.y2 for one in heads(found))
    (nothing,) = plainly(Kind.FACE, [box])
    (head,) = heads([standing(400), nothing])
    assert holds(head, face_box(400))


@pytest.mark.parametrize("kinds", [set(), {Kind.FACE}, {Kind.PERSON, Kind.VEHICLE}, {Kind.FACE, Kind.PLATE}])
def test_what_is_not_asked_for_is_not_said(kinds: set[Kind]) -> None:
    found = [
        standing(200),
        face_of(400),
        seen(Kind.VEHICLE, (10, 10, 90, 90)),
        seen(Kind.PLATE, (300, 10, 330, 20)),
    ]
    assert wanted(found, kinds=kinds) == [one for one in found if one.kind in kinds]


def test_persons_may_be_asked_for_beside_their_heads() -> None:
    person, face = standing(200), face_of(200)
    assert wanted([person], kinds={Kind.PERSON, Kind.HEAD})[0] == person
    assert wanted([person, face], kinds={Kind.PERSON, Kind.HEAD}) == [person]


CAR: Box = (100.0, 100.0, 300.0, 250.0)


def test_a_vehicle_without_a_plate_gets_a_band_below_its_windows() -> None:
    car = seen(Kind.VEHICLE, CAR)
    (band,) = bands([car])
    assert (band.x1, band.x2, band.y2) == (car.x1, car.x2, car.y2)
    assert band.y1 == pytest.approx(car.y1 + (car.y2 - car.y1) / 3)
    assert (band.score, band.every) == (0.7, 0.52)


def test_a_plate_that_is_seen_or_tracked_needs_no_band() -> None:
    car, plate = seen(Kind.VEHICLE, CAR), seen(Kind.PLATE, (180, 210, 220, 220))
    assert wanted([car, plate], kinds=BANDS) == [plate]
    assert bands([car], [tracked(plate)]) == []


def test_another_vehicles_plate_leaves_the_band() -> None:
    car, plate = seen(Kind.VEHICLE, CAR), seen(Kind.PLATE, (380, 210, 420, 220))
    assert len(bands([car, plate])) == 1
    assert len(bands([car], [tracked(plate)])) == 1
    face = Region(180, 210, 220, 220, Kind.FACE, 1)
    assert len(bands([car], [face])) == 1


def test_a_band_reaches_on_where_the_picture_cuts_the_vehicle() -> None:
    wide = Detection(100, 300, 300, 479.5, 0.5, Kind.VEHICLE)
    (band,) = bands([wide])
    assert band.y2 == SIZE[1]
    whole = Detection(100, 300, 300, 470, 0.5, Kind.VEHICLE)
    (band,) = bands([whole])
    assert band.y2 == 470


def test_margins_are_taken_off_before_faces_are_compared() -> None:
    """Boxes widened by nothing say the same as boxes widened by much."""
    plain: dict[Kind, Margins] = dict.fromkeys(MARGINS, NONE)
    person = Detection(200, 100, 280, 340, 0.7, Kind.PERSON)
    face = Detection(*face_box(200), 0.7, Kind.FACE)
    (bare,) = as_wanted([person], (), HEADS, SIZE, plain)
    (widened,) = heads([standing(200)])
    for edge in ("x1", "y1", "x2", "y2"):
        assert math.isclose(getattr(bare, edge), getattr(widened, edge), abs_tol=1e-6)
    assert as_wanted([person, face], (), HEADS, SIZE, plain) == [face]
