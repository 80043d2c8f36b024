"""One form for each value, and none for what readers of JSON take differently (RFC 8785)."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vcam.base.canonical import Json, canonical

_TEXT = st.text(st.characters(exclude_categories=["Cs"]))
_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(1 << 53) + 1, (1 << 53) - 1) | _TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_TEXT, inner, max_size=4),
    max_leaves=12,
)


@given(_VALUES)
def test_it_reads_back_and_has_one_form(value: Json) -> None:
    data = canonical(value)
    again = json.loads(data)
    assert again == value
    assert canonical(again) == data


def test_keys_go_by_utf_16() -> None:
    # The example of RFC 8785, 3.2.3: a supplementary character sorts by its surrogates, before U+FB33.
    keys = ["\u20ac", "\r", "\ufb33", "1", "\U0001f600", "\u0080", "\u00f6"]
    found = list(json.loads(canonical(dict.fromkeys(keys, 0))))
    assert found == ["\r", "1", "\u0080", "\u00f6", "\u20ac", "\U0001f600", "\ufb33"]


@pytest.mark.parametrize("value", [1.5, [0.0], {"a": float("nan")}, 1 << 53, {1: 2}, b"bytes", "\ud800"])
def test_what_has_no_one_form_is_refused(value: Json) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - of several kinds
        canonical(value)
