"""Tokens of presets, whatever was stored."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onvif_server.presets import PresetTokens
from onvif_server.soap import Fault
from onvif_server.store import Store

TOKENS = st.lists(st.text(min_size=1, max_size=8), max_size=6, unique=True)


class Kept(Store):
    """A store in memory."""

    def __init__(self, value: object = None) -> None:
        self.value = value

    def read(self, section: str) -> object:
        return self.value

    def write(self, section: str, value: object) -> None:
        self.value = value


@given(TOKENS, TOKENS)
def test_each_has_its_number_for_as_long_as_it_is_there(first: list[str], second: list[str]) -> None:
    store = Kept()
    tokens = PresetTokens(store)
    numbers = {token: tokens.virtual(token) for token in first}
    assert len(set(numbers.values())) == len(first)
    tokens.settle(second)
    again = PresetTokens(store)
    for token in second:
        number = again.virtual(token)
        assert number == numbers.get(token, number)
        assert again.physical(number) == token
    assert len({again.virtual(token) for token in second}) == len(second)


@given(
    st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists, max_leaves=4)
    | st.dictionaries(st.text(), st.none() | st.booleans() | st.integers() | st.text())
)
def test_what_was_stored_may_be_anything(stored: object) -> None:
    tokens = PresetTokens(Kept(stored))
    assert tokens.physical(tokens.virtual("a")) == "a"


def test_a_disk_that_is_full_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    store = Store(tmp_path / "device.json")
    store._path = tmp_path / "file" / "device.json"
    tokens = PresetTokens(store)
    with pytest.raises(Fault, match="cannot keep"):
        tokens.virtual("a")


def test_a_camera_that_names_ever_new_presets_fills_no_disk() -> None:
    tokens = PresetTokens(Kept({f"p{number}": number for number in range(1, 1025)}))
    with pytest.raises(Fault, match="no room"):
        tokens.virtual("another")
