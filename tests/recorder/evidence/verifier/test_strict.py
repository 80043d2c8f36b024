"""The verifier's canonical form is the one that the product signs."""

from __future__ import annotations

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
