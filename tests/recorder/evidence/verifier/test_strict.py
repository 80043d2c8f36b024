"""The verifier's canonical form is the one that the product signs."""

from __future__ import annotations

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recorder.evidence.verifier.strict import NotStrict, canonical, parse
from vcam.base.canonical import canonical as signed

TEXTS = st.text(st.characters(codec="utf-8"), max_size=8)
SCALARS = st.none() | st.booleans() | st.integers(1 - 2**53, 2**53 - 1) | TEXTS
VALUES = st.recursive(SCALARS, lambda v: st.lists(v, max_size=4) | st.dictionaries(TEXTS, v, max_size=4))


@given(VALUES)
def test_what_the_product_signs_can_be_read_in_one_way(value: object) -> None:
    data = signed(value)  # type: ignore[arg-type]
    assert canonical(value) == data
    assert parse(data, len(data)) == value


def test_too_much_is_not_read() -> None:
    with pytest.raises(NotStrict):
        parse(b'{"a":1}', 6)


def test_a_lone_surrogate_is_refused() -> None:
    with pytest.raises(NotStrict):
        parse(b'"\\ud800"', 100)


@pytest.mark.parametrize("text", ["9" * 300_000, "-" + "9" * 300_000, str(2**53), str(-(2**53))])
def test_a_number_beyond_the_exact_ones_is_refused_before_it_is_read(text: str) -> None:
    limit = sys.get_int_max_str_digits()
    sys.set_int_max_str_digits(0)  # as Python 3.8 reads
    try:
        with pytest.raises(NotStrict):
            parse(text.encode(), len(text))
    finally:
        sys.set_int_max_str_digits(limit)
    assert parse(str(1 - 2**53).encode(), 100) == 1 - 2**53
