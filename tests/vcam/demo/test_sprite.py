"""Sprites."""

from __future__ import annotations

import numpy as np
import pytest

from vcam.demo.sprite import Pose, Sprite


def square(side: int = 64) -> Sprite:
    return Sprite(np.full((side, side, 3), 200, np.uint8), np.full((side, side), 255, np.uint8))


@pytest.mark.parametrize("scale", [0.1, 0.25, 0.5, 0.7, 1.0, 1.6])
def test_it_covers_the_box_of_its_pose(scale: float) -> None:
    picture = np.zeros((200, 200, 3), np.uint8)
    pose = Pose(40.0, 60.0, scale)
    square().set_into(picture, pose)
    rows, columns = np.nonzero(picture[:, :, 0] > 100)
    x1, y1, x2, y2 = pose.box(0, 0, 64, 64)
    assert abs(columns.min() - x1) <= 1
    assert abs(columns.max() + 1 - x2) <= 1
    assert abs(rows.min() - y1) <= 1
    assert abs(rows.max() + 1 - y2) <= 1


@pytest.mark.parametrize(("x", "y"), [(-100, 10), (300, 10), (10, -100), (10, 300)])
def test_outside_the_picture_nothing_changes(x: float, y: float) -> None:
    picture = np.zeros((100, 100, 3), np.uint8)
    square().set_into(picture, Pose(x, y, 1.0))
    assert not picture.any()


def test_it_is_cut_at_the_edges() -> None:
    picture = np.zeros((100, 100, 3), np.uint8)
    square().set_into(picture, Pose(-32, 68, 1.0))
    assert (picture[70:, :30] > 150).all()
    assert not picture[:66].any()


def test_alpha_lets_the_background_through() -> None:
    picture = np.full((64, 64, 3), 100, np.uint8)
    half = Sprite(np.full((64, 64, 3), 200, np.uint8), np.full((64, 64), 128, np.uint8))
    half.set_into(picture, Pose(0, 0, 1.0))
    assert abs(int(picture[32, 32, 0]) - 150) <= 2


def test_cover_is_its_alpha_in_an_area() -> None:
    cover = square().cover(Pose(10, 10, 1.0), (0, 0, 20, 20))
    assert cover.shape == (20, 20)
    assert cover[15, 15] == 255
    assert cover[5, 5] == 0
