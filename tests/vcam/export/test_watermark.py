"""The mark is faint, stays where it belongs, and differs by number and key."""

from __future__ import annotations

import numpy as np
import pytest

from vcam.export.watermark import STRENGTH, InvisibleMark

KEY = b"k" * 32


def test_no_sample_changes_by_more_than_the_strength_or_wraps() -> None:
    mark = InvisibleMark(KEY, 5, 320, 180)
    for level in (0, 1, 128, 254, 255):
        luma = np.full((180, 320), level, np.uint8)
        mark.apply(luma, 0.0)
        assert np.abs(luma.astype(int) - level).max() == STRENGTH


def test_the_sign_turns_every_second_so_that_two_cancel() -> None:
    mark = InvisibleMark(KEY, 5, 320, 180)
    first, second = (np.full((180, 320), 100, np.uint8) for _ in range(2))
    mark.apply(first, 0.9)
    mark.apply(second, 1.1)
    assert ((first.astype(int) + second) == 200).all()
    assert (first != second).all()


def test_marks_of_two_exports_differ_and_of_one_do_not() -> None:
    grey = np.full((180, 320), 100, np.uint8)
    found = []
    for key, number in ((KEY, 5), (KEY, 5), (KEY, 6), (b"o" * 32, 5)):
        luma = grey.copy()
        InvisibleMark(key, number, 320, 180).apply(luma, 0.0)
        found.append(luma.tobytes())
    assert found[0] == found[1]
    assert len(set(found)) == 3


@pytest.mark.parametrize("number", [-1, 1 << 32])
def test_a_number_has_32_bits(number: int) -> None:
    with pytest.raises(ValueError, match="32 bits"):
        InvisibleMark(KEY, number, 320, 180)


def test_another_size_is_refused() -> None:
    with pytest.raises(ValueError, match="luma"):
        InvisibleMark(KEY, 1, 320, 180).apply(np.zeros((180, 322), np.uint8), 0.0)
