from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from models.train.drawn import draw_bank
from models.train.pictures import load
from models.train.sample import IGNORED, KNOWN, MOST, SIDE, UNKNOWN, Maker


@pytest.fixture(scope="module")
def maker(drawn_folder: Path) -> Maker:
    return Maker(load(drawn_folder), draw_bank(20, np.random.default_rng(1)), 3)


def test_samples_are_sound(maker: Maker) -> None:
    plates = 0
    states: set[int] = set()
    for index in range(80):
        sample = maker.make(index)
        assert sample.picture.shape == (SIDE, SIDE, 3)
        assert sample.known.shape == (SIDE // 8, SIDE // 8)
        assert len(sample.boxes) <= MOST
        if len(sample.boxes):
            assert sample.boxes.min() >= -0.01
            assert sample.boxes.max() <= SIDE + 0.01
            assert (sample.boxes[:, 2:] > sample.boxes[:, :2]).all()
        plates += len(sample.boxes)
        states |= set(np.unique(sample.known).tolist())
    assert plates > 120
    assert states == {IGNORED, UNKNOWN, KNOWN}


def test_a_sample_is_the_same_again(maker: Maker, drawn_folder: Path) -> None:
    again = Maker(load(drawn_folder), draw_bank(20, np.random.default_rng(1)), 3)
    for index in (0, 17):
        one, other = maker.make(index), again.make(index)
        np.testing.assert_array_equal(one.picture, other.picture)
        np.testing.assert_array_equal(one.boxes, other.boxes)
        np.testing.assert_array_equal(one.known, other.known)
    assert not np.array_equal(maker.make(0).picture, maker.make(1).picture)
