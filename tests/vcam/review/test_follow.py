"""A box is followed through pictures, both ways, and is given up rather than guessed."""

from __future__ import annotations

import itertools

import cv2
import numpy as np
import pytest

from vcam.review.follow import Luma, follow

_SIZE = 60


def _pictures(steps: list[tuple[float, float, float]]) -> list[Luma]:
    """A rough patch over a rough background, at each (x, y) and scale."""
    rng = np.random.default_rng(3)
    ground = cv2.GaussianBlur(rng.integers(0, 255, (240, 320)).astype(np.uint8), (0, 0), 2)
    patch = cv2.GaussianBlur(rng.integers(0, 255, (_SIZE, _SIZE)).astype(np.uint8), (0, 0), 1.5)
    found = []
    for x, y, scale in steps:
        matrix = np.array([[scale, 0, x], [0, scale, y]], np.float64)
        laid = cv2.warpAffine(patch, matrix, (320, 240))
        where = cv2.warpAffine(np.full_like(patch, 255), matrix, (320, 240)) > 127
        found.append(np.where(where, laid, ground).astype(np.uint8))
    return found


def _covers(box: tuple[float, float, float, float], step: tuple[float, float, float]) -> float:
    x, y, scale = step
    size = _SIZE * scale
    width = min(box[2], x + size) - max(box[0], x)
    height = min(box[3], y + size) - max(box[1], y)
    return max(0.0, width) * max(0.0, height) / size**2


@pytest.mark.parametrize("backward", [False, True])
def test_what_moves_and_grows_stays_covered(backward: bool) -> None:
    steps = [(20.0 + 3 * n, 40 + 1.5 * n, 1 + 0.008 * n) for n in range(50)]
    if backward:
        steps.reverse()
    pictures = _pictures(steps)
    x, y, scale = steps[0]
    boxes = list(follow(pictures[0], (x, y, x + _SIZE * scale, y + _SIZE * scale), pictures[1:]))
    assert len(boxes) == 49
    assert min(_covers(box, step) for box, step in zip(boxes, steps[1:], strict=True)) > 0.85
    last = boxes[-1]
    assert (last[2] - last[0]) * (last[3] - last[1]) < 2 * (_SIZE * steps[-1][2]) ** 2


def test_it_is_given_up_when_the_scene_changes() -> None:
    pictures = _pictures([(20.0 + n, 40.0, 1.0) for n in range(5)])
    rng = np.random.default_rng(9)
    other = rng.integers(0, 255, (240, 320)).astype(np.uint8)
    boxes = list(follow(pictures[0], (20, 40, 80, 100), [*pictures[1:], other, other]))
    assert len(boxes) == 4


def test_it_ends_when_the_box_has_left_the_picture() -> None:
    pictures = _pictures([(250.0 + 4 * n, 100.0, 1.0) for n in range(30)])
    boxes = list(follow(pictures[0], (250, 100, 310, 160), pictures[1:]))
    assert 10 <= len(boxes) < 29


def test_nothing_is_followed_outside_the_picture() -> None:
    pictures = _pictures([(20.0, 40.0, 1.0)] * 2)
    assert list(follow(pictures[0], (400, 300, 450, 350), itertools.islice(pictures, 1, None))) == []
