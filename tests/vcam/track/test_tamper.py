"""A covered or re-aimed camera is told of; light, weather and people are not."""

from __future__ import annotations

import copy
from collections.abc import Callable

import cv2
import numpy as np
import pytest
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from models.manifest import weights
from tests.support.portrait import footage, frames
from vcam.base.errors import WeightsError
from vcam.base.media import TICKS, Picture
from vcam.base.scene import Tampering
from vcam.demo.scene import LENGTH, Scene
from vcam.track.scene import SceneCut
from vcam.track.tamper import ACCEPTED, TURNING, Tamper

RATE = 5
"""Pictures a second that are shown here."""

Shot = NDArray[np.uint8]
Change = Callable[[Shot], Shot]


class Watched:
    """A camera that shows what it is told to, and what was told of it: seconds, covered, moved."""

    def __init__(self) -> None:
        self.told: list[tuple[float, bool, bool]] = []
        self._cut = SceneCut()
        self._tamper = Tamper()
        self._shown = 0

    def show(self, frame: VideoFrame) -> None:
        picture = Picture(frame, self._shown, self._shown * TICKS // RATE, self._shown * 1_000_000 // RATE)
        self._shown += 1
        self._cut.observe(picture)
        assert self._cut.cells is not None
        said = self._tamper.observe(picture, self._cut.cells)
        if said is not None:
            assert isinstance(said, Tampering)
            self.told.append((said.time / 1_000_000, said.covered, said.moved))

    def told_to_turn(self) -> None:
        self._tamper.aim()

    def states(self) -> list[tuple[bool, bool]]:
        return [state[1:] for state in self.told]


@pytest.fixture(scope="module")
def shots() -> list[Shot]:
    """People and cars that come and go, half a second apart."""
    try:
        scene = Scene(weights("astronaut"), scale=0.25, noise=3.0)
    except WeightsError as error:
        pytest.skip(f"the portrait is absent: {error}")
    return [scene.render(index) for index in range(0, LENGTH, 10)]


def played(watched: Watched, shots: list[Shot], seconds: float, change: Change | None = None) -> None:
    made: dict[int, VideoFrame] = {}
    for number in range(round(seconds * RATE)):
        place = number % len(shots)
        if place not in made:
            shot = shots[place]
            bgr = shot if change is None else np.ascontiguousarray(change(shot).astype(np.uint8))
            made[place] = VideoFrame.from_ndarray(bgr, format="bgr24").reformat(format="yuv420p")
        watched.show(made[place])


@pytest.fixture(scope="module")
def learnt(shots: list[Shot]) -> Watched:
    camera = Watched()
    played(camera, shots, 20)
    assert camera.told == []
    return camera


@pytest.fixture
def watched(learnt: Watched) -> Watched:
    """A camera whose usual picture is known."""
    return copy.deepcopy(learnt)


def noise(shot: Shot, level: float) -> Shot:
    random = np.random.default_rng(int(shot.sum()) & 0xFFFF)
    return np.asarray(np.clip(random.normal(level, 3, shot.shape), 0, 255), np.uint8)


def hand(shot: Shot) -> Shot:
    shade = np.linspace(40, 110, shot.shape[1])[None, :, None]
    return np.asarray(np.clip(noise(shot, 0).astype(float) + shade, 0, 255), np.uint8)


def blurred(shot: Shot) -> Shot:
    return np.asarray(cv2.GaussianBlur(shot, (0, 0), 6), np.uint8)


@pytest.mark.parametrize(
    "cover",
    [lambda shot: noise(shot, 8), lambda shot: noise(shot, 230), hand, blurred],
    ids=["black", "white", "hand", "out of focus"],
)
def test_a_covered_lens_is_told_until_it_is_free(cover: Change, watched: Watched, shots: list[Shot]) -> None:
    played(watched, shots, 15, cover)
    assert watched.states() == [(True, False)]
    played(watched, shots, 15)
    assert watched.states() == [(True, False), (False, False)]


@pytest.mark.parametrize(
    "aim",
    [
        lambda shot: np.roll(shot, 80, axis=1),
        lambda shot: np.roll(shot, -40, axis=1),
        lambda shot: np.roll(shot, 45, axis=0),
        lambda shot: cv2.resize(shot[45:135, 80:240], (320, 180)),
    ],
    ids=["right", "left", "down", "closer"],
)
def test_a_turned_camera_is_told_until_it_is_back(aim: Change, watched: Watched, shots: list[Shot]) -> None:
    played(watched, shots, 15, aim)
    assert watched.states() == [(False, True)]
    played(watched, shots, 15)
    assert watched.states() == [(False, True), (False, False)]


def turned(shot: Shot) -> Shot:
    return np.asarray(np.roll(shot, 80, axis=1), np.uint8)


def test_a_camera_that_was_told_to_turn_is_not_told_of(watched: Watched, shots: list[Shot]) -> None:
    watched.told_to_turn()
    played(watched, shots, 8, lambda shot: np.roll(shot, 40, axis=1))
    played(watched, shots, TURNING + 20, turned)
    assert watched.states() == []
    played(watched, shots, 15)  # somebody turns it back
    assert watched.states() == [(False, True)]
    watched.told_to_turn()
    played(watched, shots, TURNING + 20)
    assert watched.states() == [(False, True), (False, False)]


@pytest.mark.parametrize("cover", [lambda shot: noise(shot, 8), hand, blurred])
def test_a_lens_that_is_covered_while_it_turns_is_told(
    cover: Change, watched: Watched, shots: list[Shot]
) -> None:
    watched.told_to_turn()
    played(watched, shots, TURNING + 15, cover)
    assert watched.states() == [(True, False)]
    played(watched, shots, 15, turned)
    assert watched.states()[1:] in ([(False, False)], [(False, True)])


def test_a_new_view_becomes_the_usual_one(watched: Watched, shots: list[Shot]) -> None:
    played(watched, shots, ACCEPTED + 20, turned)
    assert watched.states() == [(False, True), (False, False)]
    played(watched, shots, 20)
    assert watched.states()[2:] == [(False, True)]


@pytest.mark.parametrize(
    "light",
    [
        lambda shot: shot * 0.2,
        lambda shot: np.clip(shot * 1.6 + 20, 0, 255),
        lambda shot: 255 * (shot / 255.0) ** 2.2,
        lambda shot: shot * (0.1 + 1.2 * np.exp(-(((np.arange(320) - 75) / 60.0) ** 2)))[None, :, None] * 0.8,
    ],
    ids=["lights off", "sun", "contrast", "one lamp"],
)
def test_another_light_is_no_tampering(light: Change, watched: Watched, shots: list[Shot]) -> None:
    played(watched, shots, 15, light)
    played(watched, shots, 10)
    assert watched.told == []


def test_a_short_disturbance_is_no_tampering(watched: Watched, shots: list[Shot]) -> None:
    for _ in range(3):
        played(watched, shots, 2, lambda shot: noise(shot, 8))
        played(watched, shots, 10)
    assert watched.told == []


def test_people_and_cars_are_no_tampering(watched: Watched, shots: list[Shot]) -> None:
    played(watched, shots, 60)
    assert watched.told == []


def test_a_camera_that_starts_in_the_dark_learns_by_day(shots: list[Shot]) -> None:
    camera = Watched()
    played(camera, shots, 30, lambda shot: noise(shot, 8))
    played(camera, shots, 30)
    assert camera.told == []
    played(camera, shots, 15, hand)
    assert camera.states() == [(True, False)]


FIXED = (
    "dev_09_room_one_by_one",
    "dev_10_campus_pedestrians",
    "dev_12_residential_road",
    "dev_14_night_street",
)


@pytest.mark.parametrize("name", FIXED)
def test_real_cameras_that_nobody_touches_are_quiet(name: str) -> None:
    clip = [
        frame.reformat(640, 360, format="yuv420p") for frame in frames(footage("clips", f"{name}.mp4"))[:100:10]
    ]
    camera = Watched()
    for _ in range(6):
        for frame in [*clip, *reversed(clip)]:
            camera.show(frame)
    assert camera.told == []
