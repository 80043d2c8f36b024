"""The scene: the same each time, and its faces and plates where it says."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from models.manifest import weights
from vcam.base.errors import WeightsError
from vcam.base.media import Kind
from vcam.demo.scene import LENGTH, Scene
from vcam.demo.stamp import read_index


def test_the_same_index_gives_the_same_picture(scene: Scene) -> None:
    again = Scene(weights("astronaut"))
    for index in (0, 123, 321, 499):
        assert np.array_equal(scene.render(index), again.render(index))
        assert np.array_equal(scene.render(index), scene.render(index + LENGTH))
        assert read_index(scene.render(index)) == index


def test_the_loop_begins_and_ends_empty(scene: Scene) -> None:
    assert not [truth for truth in scene.truth(0) if truth.visible > 0]
    assert not [truth for truth in scene.truth(LENGTH - 1) if truth.visible > 0]


def test_faces_and_plates_come_move_and_go(scene: Scene) -> None:
    truths = [scene.truth(index) for index in range(0, LENGTH, 2)]
    faces = [truth for frame in truths for truth in frame if truth.kind is Kind.FACE and truth.visible == 1]
    plates = [truth for frame in truths for truth in frame if truth.kind is Kind.PLATE and truth.visible == 1]
    heights = [truth.y2 - truth.y1 for truth in faces]
    widths = [truth.x2 - truth.x1 for truth in plates]
    assert min(heights) >= 60
    assert max(heights) >= 150
    assert min(widths) >= 40
    assert max(widths) >= 150
    assert len({round(truth.x1 / 50) for truth in faces}) > 10
    assert (
        max(sum(truth.kind is Kind.FACE and truth.visible > 0.75 for truth in frame) for frame in truths) >= 2
    )
    partly = [truth for frame in truths for truth in frame if 0 < truth.visible < 1]
    assert {truth.kind for truth in partly} == {Kind.FACE, Kind.PLATE}


def test_boxes_lie_in_the_picture(scene: Scene) -> None:
    for index in range(0, LENGTH, 7):
        for truth in scene.truth(index):
            assert 0 <= truth.x1 < truth.x2 <= scene.width
            assert 0 <= truth.y1 < truth.y2 <= scene.height
            assert 0 < truth.visible <= 1


def test_a_face_detector_finds_the_faces_there(scene: Scene) -> None:
    detector = cv2.FaceDetectorYN.create(str(weights("yunet")), "", (scene.width, scene.height), 0.5)
    judged = 0
    for index in range(60, 420, 45):
        _, found = detector.detect(scene.render(index))
        boxes = [] if found is None else [tuple(map(float, row[:4])) for row in found]
        for truth in scene.truth(index):
            if truth.kind is Kind.FACE and truth.visible == 1:
                judged += 1
                x, y, w, h = min(boxes, key=lambda box: abs(box[0] + box[2] / 2 - (truth.x1 + truth.x2) / 2))
                high = truth.y2 - truth.y1
                assert abs(y + h / 2 - (truth.y1 + truth.y2) / 2) < 0.2 * high
                assert abs(x + w / 2 - (truth.x1 + truth.x2) / 2) < 0.2 * high
                assert 0.7 < h / high < 1.3
    assert judged >= 5


def test_what_stands_before_hides(scene: Scene) -> None:
    hidden = [
        truth
        for index in range(0, LENGTH, 3)
        for truth in scene.truth(index)
        if truth.visible < 0.9 and truth.x1 > 1 and truth.x2 < scene.width - 1 and truth.y2 < scene.height - 1
    ]
    assert hidden


def test_noise_changes_from_picture_to_picture() -> None:
    scene = Scene(weights("astronaut"), noise=3.0)
    one, other = (scene.render(index)[200:300, 1000:1200].astype(int) for index in (0, 1))
    assert 2 < np.std(one - other) < 8


def test_a_larger_scene_has_the_same_places(scene: Scene) -> None:
    large = Scene(weights("astronaut"), scale=1.5)
    assert large.render(120).shape == (1080, 1920, 3)
    assert read_index(large.render(120)) == 120
    for small, big in zip(scene.truth(120), large.truth(120), strict=True):
        assert big.x1 == pytest.approx(small.x1 * 1.5, abs=0.01)
        assert big.y2 == pytest.approx(small.y2 * 1.5, abs=0.01)


def test_an_absent_portrait_is_named(tmp_path_factory: pytest.TempPathFactory) -> None:
    with pytest.raises(WeightsError, match=r"astronaut\.png"):
        Scene(tmp_path_factory.mktemp("none") / "astronaut.png")
