"""The painted frame number."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vcam.demo.stamp import NUMBERS, paint, read_index


@settings(deadline=None, max_examples=60)
@given(number=st.integers(0, NUMBERS - 1), level=st.integers(0, 255), seed=st.integers(0, 2**16))
def test_a_number_survives_noise(number: int, level: int, seed: int) -> None:
    picture = np.full((72, 1280, 3), level, np.uint8)
    paint(picture, number)
    noise = np.random.default_rng(seed).normal(0, 25, picture.shape)
    noisy = np.clip(picture + noise, 0, 255).astype(np.uint8)
    assert read_index(noisy) == number
    assert read_index(np.asarray(cv2.cvtColor(noisy, cv2.COLOR_BGR2GRAY), np.uint8)) == number


@pytest.mark.parametrize("width", [1280, 1920])
def test_every_number_is_read_at_every_size(width: int) -> None:
    for number in range(0, NUMBERS, 17):
        picture = np.full((round(width * 9 / 16), width, 3), 90, np.uint8)
        paint(picture, number)
        assert read_index(picture) == number


@settings(deadline=None, max_examples=40)
@given(number=st.integers(0, NUMBERS - 1), side=st.sampled_from([48, 64, 128]))
def test_a_mosaic_hides_it(number: int, side: int) -> None:
    picture = np.full((720, 1280, 3), 90, np.uint8)
    paint(picture, number)
    small = cv2.resize(picture, (1280 // side, max(1, 720 // side)), interpolation=cv2.INTER_AREA)
    coarse = np.asarray(cv2.resize(small, (1280, 720), interpolation=cv2.INTER_NEAREST), np.uint8)
    assert read_index(coarse) is None


@pytest.mark.parametrize("level", [0, 45, 127, 210, 255])
def test_a_plain_picture_has_none(level: int) -> None:
    assert read_index(np.full((720, 1280), level, np.uint8)) is None


@pytest.mark.parametrize("number", [-1, NUMBERS])
def test_too_large_a_number_is_refused(number: int) -> None:
    with pytest.raises(ValueError, match="not between"):
        paint(np.zeros((72, 1280, 3), np.uint8), number)
