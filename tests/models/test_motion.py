"""What moves before a fixed camera is seen, for as long as it is there; what merely lights it is not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from models.analyst import Analyst
from models.boxes import Found, areas
from models.motion import GHOST, LEARN, STILL, Learning, Motion, joined
from models.runtime import Pixels
from models.scaler import Scaler
from vcam.base.media import TICKS, Kind, Picture

MakePicture = Callable[[Pixels], Picture]
WIDE, HIGH = 320, 192


class Yard:
    """A textured ground with the noise of a camera, and a block that stands on it or does not."""

    def __init__(self, seed: int = 0) -> None:
        self._rng = np.random.default_rng(seed)
        ground = self._rng.uniform(60, 160, (HIGH // 8, WIDE // 8)).astype(np.float32)
        self.ground = np.asarray(cv2.resize(ground, (WIDE, HIGH), interpolation=cv2.INTER_CUBIC), np.float32)
        self.motion = Motion()

    def picture(self, at: tuple[int, int] | None = None, *, light: float = 1.0, size: int = 24) -> Pixels:
        luma = self.ground * light
        if at is not None:
            x, y = at
            luma[y : y + size, x : x + size] = 230
        luma = luma + self._rng.normal(0, 1.5, luma.shape)
        return np.repeat(np.clip(luma, 0, 255).astype(np.uint8)[:, :, None], 3, axis=2)

    def look(self, at: tuple[int, int] | None = None, *, light: float = 1.0) -> Found:
        return self.motion.detect(self.picture(at, light=light)[None], 0.5)[0]

    def learn(self, at: tuple[int, int] | None = None) -> None:
        for _ in range(LEARN - 1):
            with pytest.raises(Learning):
                self.look(at)
        for _ in range(10):
            self.look(at)


def holds(found: Found, x: int, y: int, size: int = 24) -> bool:
    box = np.array([x, y, x + size, y + size])
    return any((one[:2] <= box[:2] + 1).all() and (one[2:] >= box[2:] - 1).all() for one in found.boxes)


def test_an_empty_yard_shows_nothing() -> None:
    yard = Yard()
    yard.learn()
    assert sum(len(yard.look()) for _ in range(50)) == 0


def test_what_moves_is_covered_and_tightly() -> None:
    yard = Yard()
    yard.learn()
    for step in range(40):
        found = yard.look((step * 6, 80))
        assert holds(found, step * 6, 80)
        assert areas(found.boxes).sum() < 0.05 * WIDE * HIGH


def test_what_stands_is_covered_for_a_minute_and_then_belongs_there() -> None:
    yard = Yard()
    yard.learn()
    for _ in range(STILL - 30):
        assert holds(yard.look((100, 80)), 100, 80)
    for _ in range(60):
        last = yard.look((100, 80))
    assert not len(last)


def test_the_place_that_something_left_is_forgotten_soon() -> None:
    yard = Yard()
    yard.learn((100, 80))
    assert holds(yard.look(), 100, 80)
    for _ in range(GHOST + 10):
        last = yard.look()
    assert not len(last)


@pytest.mark.parametrize("light", [0.7, 1.25])
def test_another_light_is_not_motion(light: float) -> None:
    yard = Yard()
    yard.learn()
    for _ in range(4):
        found = yard.look((60, 60), light=light)
        assert holds(found, 60, 60)
    assert areas(found.boxes).sum() < 0.1 * WIDE * HIGH
    for _ in range(10):
        last = yard.look(light=light)
    assert areas(last.boxes).sum() < 0.05 * WIDE * HIGH


def test_another_scene_or_size_must_be_learnt() -> None:
    yard = Yard()
    yard.learn()
    yard.ground = 250 - Yard(7).ground
    with pytest.raises(Learning):
        yard.look()
    yard = Yard()
    yard.learn()
    with pytest.raises(Learning):
        yard.motion.detect(np.zeros((1, 96, 96, 3), np.uint8), 0.5)


boxes = st.lists(st.tuples(*[st.integers(0, 90)] * 2, *[st.integers(1, 30)] * 2), max_size=9)


@given(boxes)
def test_joined_boxes_cover_what_they_covered(drawn: list[tuple[int, int, int, int]]) -> None:
    given_boxes = np.array([(x, y, x + w, y + h) for x, y, w, h in drawn], np.float32).reshape(-1, 4)
    scores = np.linspace(0.5, 1, len(drawn), dtype=np.float32)
    found = joined(given_boxes.copy(), scores.copy())
    assert np.all(paint(given_boxes) <= paint(found.boxes))
    assert len(found) <= len(drawn)


def paint(rows: NDArray[np.float32]) -> NDArray[np.bool_]:
    painted = np.zeros((HIGH, WIDE), np.bool_)
    for x1, y1, x2, y2 in rows.astype(int):
        painted[y1:y2, x1:x2] = True
    return painted


def test_the_pass_proves_nothing_before_the_background_is_known(picture_of: MakePicture) -> None:
    yard, analyst = Yard(), Analyst(["motion"])
    (name,) = analyst.families["motion"]
    for number in range(6):
        analysis = analyst.analyse(picture_of(yard.picture()), (name,), ())
        assert (name in analysis.passes) is (number >= LEARN - 1)
    (seen,) = analyst.analyse(picture_of(yard.picture((100, 80))), (name,), ()).detections
    assert seen.kind is Kind.MOTION
    assert seen.x1 <= 100
    assert seen.x2 >= 124
    analyst.load(WIDE, HIGH)
    assert analyst.analyse(picture_of(yard.picture()), (name,), ()).passes == frozenset()


def test_cars_from_straight_above(eval_folder: Path) -> None:
    """No detector knows them from there. The clip shows empty asphalt in between."""
    motion, scaler = Motion(), Scaler()
    shares: list[float] = []
    with av.open(str(eval_folder / "clips" / "dev_08_cars_topview.mp4")) as clip:
        for number, frame in enumerate(clip.decode(video=0)):
            if number % 2:
                continue
            picture = Picture(frame, number, number * TICKS // 12, 0)
            try:
                found = motion.detect(scaler.scale(picture.frame, WIDE, HIGH), 0.5)[0]
            except Learning:
                continue
            shares.append(float(paint(found.boxes).mean()))
    empty = sum(share < 0.01 for share in shares) / len(shares)
    assert empty > 0.4
    assert max(shares) > 0.25
    assert sum(shares) / len(shares) < 0.12
