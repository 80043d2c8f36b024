"""The gallery keeps the gravest misses, each object once in a while."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from av.video.frame import VideoFrame

from vcam.quality.gallery import Gallery, Spot

FRAME = VideoFrame.from_ndarray(np.full((120, 160, 3), 90, np.uint8), format="bgr24").reformat(format="yuv420p")


def spot(weight: float, x: float = 10, time: float | None = None, side: float = 20) -> Spot:
    return Spot(f"{weight:g}", (x, 10, x + side, 10 + side), weight, time)


def test_the_gravest_are_kept_gravest_first() -> None:
    gallery = Gallery()
    for weight in [*range(30), *range(15)]:
        gallery.add("faces", spot(weight), FRAME, [])
    assert [miss.spot.weight for miss in gallery.misses] == list(range(29, 17, -1))


def test_one_object_of_a_clip_is_shown_once_in_a_while() -> None:
    gallery = Gallery()
    for number in range(50):
        gallery.add("gate", spot(number % 10, x=10 + number / 10, time=number / 25), FRAME, [])
        gallery.add("gate", spot(1, x=100, time=number / 25), FRAME, [])
    left = [miss.spot for miss in gallery.misses if miss.spot.box[0] < 50]
    assert left[0].weight == 9
    assert all(abs(a.time - b.time) >= 1 for a in left for b in left if a != b and a.time and b.time)
    assert len(gallery.misses) - len(left) == 2


def test_places_are_apart() -> None:
    gallery = Gallery()
    gallery.add("faces", spot(1), FRAME, [])
    gallery.add("plates", spot(2), FRAME, [])
    assert [miss.place for miss in gallery.misses] == ["faces", "plates"]


@pytest.mark.parametrize("box", [(0, 0, 160, 120), (150, 110, 160, 120), (-5, -5, 3, 3), (70, 50, 71.5, 51)])
def test_crops_are_small_pictures_of_their_surroundings(box: tuple[float, float, float, float]) -> None:
    gallery = Gallery()
    gallery.add("faces", Spot("any", box, 1), FRAME, [(0, 0, 80, 60)])
    picture = cv2.imdecode(np.frombuffer(gallery.misses[0].jpeg, np.uint8), cv2.IMREAD_COLOR)
    assert picture is not None
    assert max(picture.shape) == 200
    assert len(gallery.misses[0].jpeg) < 20_000


def test_what_should_be_covered_is_outlined_in_red_and_masks_in_white() -> None:
    found = []
    for masks in ([(60, 40, 80, 60)], []):
        gallery = Gallery()
        gallery.add("faces", Spot("any", (60, 40, 100, 80), 1), FRAME, masks)
        picture = cv2.imdecode(np.frombuffer(gallery.misses[0].jpeg, np.uint8), cv2.IMREAD_COLOR)
        assert picture is not None
        middle = picture[:, picture.shape[1] // 2].astype(int)
        assert (middle[:, 2] - middle[:, 1] > 40).any()
        found.append(bool((picture.min(axis=2) > 180).any()))
    assert found == [True, False]
