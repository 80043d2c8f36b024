"""The verifier's Ed25519 against the RFC's vectors and against another implementation."""

from __future__ import annotations

import hashlib

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from hypothesis import given, settings
from hypothesis import strategies as st

from recorder.evidence.verifier.ed25519 import L, P, verify
from tests.recorder.evidence.verifier.rfc8032 import VECTORS

SMALL_ORDER = [
    "0100000000000000000000000000000000000000000000000000000000000000",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0000000000000000000000000000000000000000000000000000000000000080",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
]
"""Every point whose order divides 8."""


def other(public: bytes, message: bytes, signature: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


@pytest.mark.parametrize("name", VECTORS)
def test_the_vectors_of_the_rfc(name: str) -> None:
    public, message, signature = map(bytes.fromhex, VECTORS[name])
    assert verify(public, message, signature)
    assert not verify(public, message + b"\0", signature)
    for at in (0, 31, 32, 63):
        altered = bytearray(signature)
        altered[at] ^= 1
        assert not verify(public, message, bytes(altered))


@settings(deadline=None, max_examples=40)
@given(st.binary(min_size=32, max_size=32), st.binary(max_size=300), st.integers(0, 511), st.data())
def test_it_agrees_with_another_implementation(
    seed: bytes, message: bytes, bit: int, data: st.DataObject
) -> None:
    key = Ed25519PrivateKey.from_private_bytes(seed)
    public, signature = key.public_key().public_bytes_raw(), key.sign(message)
    assert verify(public, message, signature)
    altered = bytearray(signature)
    altered[bit // 8] ^= 1 << bit % 8
    assert not verify(public, message, bytes(altered))
    assert not other(public, message, bytes(altered))
    anything = data.draw(st.binary(min_size=32, max_size=32))
    assert verify(anything, message, signature) == other(anything, message, signature)


@settings(deadline=None, max_examples=20)
@given(st.binary(min_size=32, max_size=32), st.binary(max_size=40))
def test_a_second_form_of_the_same_signature_is_refused(seed: bytes, message: bytes) -> None:
    key = Ed25519PrivateKey.from_private_bytes(seed)
    signature = key.sign(message)
    s = int.from_bytes(signature[32:], "little") + L
    assert not verify(key.public_key().public_bytes_raw(), message, signature[:32] + s.to_bytes(32, "little"))


@pytest.mark.parametrize("point", SMALL_ORDER)
def test_a_key_of_small_order_is_refused(point: str) -> None:
    """With such a key and commitment, and S = 0, the equation holds for one message in eight or for all."""
    public = bytes.fromhex(point)
    for commitment in map(bytes.fromhex, SMALL_ORDER):
        for number in range(16):
            assert not verify(public, bytes([number]), commitment + bytes(32))
    fits = [
        number
        for number in range(64)
        if other(public, bytes([number]), bytes.fromhex(SMALL_ORDER[0]) + bytes(32))
    ]
    assert fits, "the forgery is real: an implementation that is less strict takes it"


@pytest.mark.parametrize("y", [P, P + 1, 2**255 - 1])
def test_an_encoding_that_is_not_canonical_is_refused(y: int) -> None:
    public, message, signature = map(bytes.fromhex, VECTORS["TEST 2"])
    assert not verify(y.to_bytes(32, "little"), message, signature)
    assert not verify(public, message, y.to_bytes(32, "little") + signature[32:])


def test_other_lengths_are_refused() -> None:
    public, message, signature = map(bytes.fromhex, VECTORS["TEST 2"])
    assert not verify(public + b"\0", message, signature)
    assert not verify(public, message, signature[:-1])
    assert not verify(b"", message, b"")


def test_a_point_that_is_not_on_the_curve_is_refused() -> None:
    _, message, signature = map(bytes.fromhex, VECTORS["TEST 2"])
    refused = 0
    for number in range(20):
        public = hashlib.sha256(bytes([number])).digest()
        refused += not verify(public, message, signature)
    assert refused == 20
