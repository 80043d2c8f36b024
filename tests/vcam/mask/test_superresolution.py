"""What all masked pictures of an object tell together: at rest no more than one of them; in motion more.

The first part is exact and holds against every attack. The second part measures one attack, to say how far it gets.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import av
import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from tests.vcam.mask.superresolution import GROUND, Attack, Numbers, Place
from vcam.base.media import Kind, Picture, Region
from vcam.mask.cover import Style
from vcam.mask.grain import Grain, Offsets
from vcam.mask.grid import Cells
from vcam.mask.masker import Masker
from vcam.mask.planes import Plane, Planes
from vcam.mask.shape import Shape

SIDE, SIZE, BLOCK = 192, 96, 16
"""Picture, object (six blocks across, as a large face has), and the blocks that a region of its size gets."""
CORNER = 40
PICTURES = 64
ROUNDS = (3, 8, 20, 60)
"""After how many the attack is ended: the best of them counts, which only somebody knows who has the original."""


class Bare(Grain):
    """No offsets."""

    def offsets(self, cells: Cells, track: int) -> Offsets:
        return np.zeros_like(super().offsets(cells, track))


def picture_of(luma: Plane, chroma: Sequence[Plane] = ()) -> Picture:
    frame = av.VideoFrame(luma.shape[1], luma.shape[0], "yuv420p")
    planes = Planes.of(frame)
    planes.luma[:] = luma
    for number, plane in enumerate(planes.chroma):
        plane[:] = chroma[number] if chroma else GROUND
    return Picture(frame, 0, 0, 0)


@st.composite
def courses(draw: st.DrawFn) -> list[Region]:
    """Regions of one track that slide and grow by any amount, all so large that blocks have at least 16 pixels."""
    found = []
    for _ in range(draw(st.integers(1, 8))):
        x, y = draw(st.floats(-20, 150)), draw(st.floats(-20, 150))
        found.append(Region(x, y, x + draw(st.floats(65, 250)), y + draw(st.floats(65, 250)), Kind.FACE, 1))
    return found


def shuffled(plane: Plane, size: int, rng: np.random.Generator) -> Plane:
    """The same plane with the pixels of every block in another order, so that every mean stays as it is."""
    rows, columns = plane.shape[0] // size, plane.shape[1] // size
    blocks = plane.reshape(rows, size, columns, size).swapaxes(1, 2).reshape(-1, size * size)
    mixed = rng.permuted(blocks, axis=1).reshape(rows, columns, size, size)
    return np.asarray(mixed.swapaxes(1, 2).reshape(plane.shape), np.uint8)


@settings(max_examples=60, deadline=None)
@given(
    courses(),
    st.integers(0, 99),
    st.sampled_from(["mosaic", "blur", "solid"]),
    st.sampled_from(["box", "ellipse"]),
)
def test_nothing_tells_apart_two_scenes_at_rest_whose_means_are_the_same(
    course: list[Region], seed: int, style: Style, shape: Shape
) -> None:
    """Under any course of masks both give the same bytes, so no sum of pictures shows what lies inside a block."""
    rng = np.random.default_rng(seed)
    planes = [rng.integers(0, 256, (side, side), np.uint8) for side in (256, 128, 128)]
    others = [shuffled(plane, size, rng) for plane, size in zip(planes, (16, 8, 8), strict=True)]
    assert not np.array_equal(planes[0], others[0])
    masker = Masker(style, shape=shape, grain=Grain(seed))
    for region in course:
        one, two = picture_of(planes[0], planes[1:]), picture_of(others[0], others[1:])
        covered = masker.apply(one, [region])
        assert masker.apply(two, [region]) == covered
        for box in covered:
            for number, shift in enumerate((0, 1, 1)):
                area = np.s_[
                    int(box.y1) >> shift : -(-int(box.y2) >> shift),
                    int(box.x1) >> shift : -(-int(box.x2) >> shift),
                ]
                assert np.array_equal(plane_of(one, number)[area], plane_of(two, number)[area])


def plane_of(picture: Picture, number: int) -> Plane:
    planes = Planes.of(picture.frame)
    return (planes.luma, *planes.chroma)[number]


@pytest.fixture(scope="module")
def thing() -> Plane:
    """Something with features of every size, stronger the larger they are, as pictures of things have them."""
    rng = np.random.default_rng(3)
    total = np.zeros((SIZE, SIZE))
    for width in (1, 2, 4, 8):
        part = cv2.GaussianBlur(rng.normal(size=(SIZE, SIZE)), (0, 0), width)
        total += 4 * width * part / part.std()
    return np.clip(np.rint(total + GROUND), 0, 255).astype(np.uint8)


def seen(thing: Plane, place: Place, masker: Masker) -> Numbers:
    """The luma of a picture in which `thing` lies at `place`, masked."""
    left, top = place
    luma = np.full((SIDE, SIDE), GROUND, np.uint8)
    luma[top : top + SIZE, left : left + SIZE] = thing
    picture = picture_of(luma)
    masker.apply(picture, [Region(left, top, left + SIZE, top + SIZE, Kind.FACE, 1)])
    return Planes.of(picture.frame).luma.astype(np.float64)


def fine(picture: NDArray[np.generic]) -> Numbers:
    """What is finer than a third of a block: in the means of one picture there is none of it."""
    whole = picture.astype(np.float64)
    return np.asarray(whole - cv2.GaussianBlur(whole, (0, 0), BLOCK / 3))


def likeness(found: Numbers, thing: Plane) -> float:
    """Correlation of the fine features found with those that are there."""
    return float(np.corrcoef(fine(found).ravel(), fine(thing).ravel())[0, 1])


def places(count: int) -> list[Place]:
    """Anywhere on the grid, as somebody who walks about comes to be."""
    rng = np.random.default_rng(4)
    return [(CORNER + int(x), CORNER + int(y)) for x, y in rng.integers(0, 2 * BLOCK, (count, 2))]


Attacked = Callable[..., float]


@pytest.fixture
def attacked(thing: Plane) -> Attacked:
    """How much of `thing` comes back; `wrong` is how far off, in pixels, the attacker's idea of its place is."""

    def run(
        course: list[Place], *, grain: Grain | None = None, wrong: float = 0, offsets: bool = True
    ) -> float:
        masker = Masker("mosaic", grain=grain or Grain(5))
        views = [seen(thing, place, masker) for place in course]
        errors = np.rint(np.random.default_rng(6).normal(0, wrong, (len(course), 2))).astype(int)
        thought = [(x + int(dx), y + int(dy)) for (x, y), (dx, dy) in zip(course, errors, strict=True)]
        attack = Attack(SIDE, BLOCK, SIZE)
        found = [attack.recover(views, thought, offsets=offsets, rounds=rounds) for rounds in ROUNDS]
        return max(likeness(one, thing) for one in found)

    return run


def test_at_rest_many_pictures_tell_what_one_tells(attacked: Attacked) -> None:
    still = [(CORNER, CORNER)]
    assert attacked(still) < 0.3
    assert attacked(still * PICTURES) == pytest.approx(attacked(still), abs=0.02)


def test_in_motion_who_does_not_reckon_with_the_offsets_gets_back_little(attacked: Attacked) -> None:
    course = places(PICTURES)
    assert attacked(course, offsets=False) < 0.4
    assert attacked(course, grain=Bare(5), offsets=False) > 0.7


def test_in_motion_a_place_that_is_wrong_by_half_a_block_stops_it(attacked: Attacked) -> None:
    assert attacked(places(16), wrong=BLOCK / 2) < 0.2
    assert attacked(places(PICTURES), wrong=BLOCK / 2) < 0.35


def test_in_motion_who_knows_every_place_to_the_pixel_sees_through(attacked: Attacked) -> None:
    """The known limit of a mosaic, with offsets too. Were it gone, the threat model should no longer tell of it."""
    assert attacked(places(16)) > 0.6
    assert attacked(places(PICTURES)) > 0.7
