"""Numbers come back from their words, and the tile is even."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from vcam.export.pattern import BITS, LARGEST, SIDE, layout, number_of, sign, word

_NUMBERS = st.integers(0, LARGEST)


@given(_NUMBERS)
def test_a_number_is_read_from_its_tile(number: int) -> None:
    tile = layout(b"key")
    assert number_of(tile.read(tile.tile(number)) > 0) == number


@given(_NUMBERS, st.integers(0, BITS - 1))
def test_a_wrong_bit_is_noticed(number: int, bit: int) -> None:
    bits = word(number) > 0
    bits[bit] ^= True
    assert number_of(bits) is None


def test_every_bit_has_as_many_chips() -> None:
    tile = layout(b"key")
    counts = np.bincount(tile.owner.ravel())
    assert counts.max() - counts.min() <= 1
    assert abs(int(tile.chips.sum())) < 4 * SIDE  # four standard deviations of fair coins


def test_signs_take_turns() -> None:
    assert [sign(t) for t in (0.0, 0.99, 1.0, 1.99, 2.0)] == [1, 1, -1, -1, 1]
