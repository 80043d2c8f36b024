"""Bech32 against the vectors of BIP 173."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recorder.vault import bech32
from vcam.base.errors import VaultError

VALID = [
    "A12UEL5L",
    "an83characterlonghumanreadablepartthatcontainsthenumber1andtheexcludedcharactersbio1tt5tgs",
    "abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxw",
    "11qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqc8247j",
    "split1checkupstagehandshakeupstreamerranterredcaperred2y9e3w",
]
INVALID = [
    "\x201nwldj5",
    "\x7f1axkwrx",
    "pzry9x0s0muk",
    "1pzry9x0s0muk",
    "x1b4n0q5v",
    "li1dgmt3",
    "A1G7SGD8",
    "10a06t8",
    "1qzzfhee",
    "A12UEL5l",
]


def checksum_holds(text: str) -> bool:
    try:
        bech32.decode(text)
    except VaultError:
        return False
    return True


@pytest.mark.parametrize("text", VALID[:1] + VALID[2:3] + VALID[4:])
def test_the_valid_vectors(text: str) -> None:
    prefix, data = bech32.decode(text)
    assert bech32.encode(prefix, data) == text.lower()


@pytest.mark.parametrize("text", INVALID)
def test_the_invalid_vectors(text: str) -> None:
    assert not checksum_holds(text)


@given(st.binary(max_size=80))
def test_whatever_is_encoded_comes_back(data: bytes) -> None:
    assert bech32.decode(bech32.encode("age", data)) == ("age", data)
    assert bech32.decode(bech32.encode("age", data).upper()) == ("age", data)


@given(
    st.binary(min_size=32, max_size=32), st.integers(4, 61), st.sampled_from("qpzry9x8gf2tvdw0s3jn54khce6mua7l")
)
def test_one_wrong_character_is_noticed(data: bytes, at: int, character: str) -> None:
    text = bech32.encode("age", data)
    changed = text[:at] + character + text[at + 1 :]
    assert checksum_holds(changed) == (changed == text)
