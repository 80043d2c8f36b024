"""Shamir's secret sharing over GF(2^8), byte by byte (A. Shamir, "How to share a secret", CACM 22, 1979).

The field is that of AES (FIPS 197): polynomials modulo x^8 + x^4 + x^3 + x + 1. A secret is the value at 0 of one
random polynomial of degree `threshold - 1` for each byte; share number x holds the values at x.

Joining checks nothing: wrong or too few shares give a wrong secret. Who joins compares the result with a public key.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping

from vcam.base.errors import VaultError

MOST = 255
"""Shares that the field has room for."""


def _tables() -> tuple[bytes, bytes]:
    """Powers of the generator 3 (twice round, so that exponents need no reduction), and logarithms to it."""
    powers = bytearray(510)
    logarithms = bytearray(256)
    value = 1
    for exponent in range(255):
        powers[exponent] = powers[exponent + 255] = value
        logarithms[value] = exponent
        value ^= value << 1 ^ (0x11B if value & 0x80 else 0)
    return bytes(powers), bytes(logarithms)


_POWERS, _LOGARITHMS = _tables()


def _times(a: int, b: int) -> int:
    return _POWERS[_LOGARITHMS[a] + _LOGARITHMS[b]] if a and b else 0


def _inverse(a: int) -> int:
    return _POWERS[255 - _LOGARITHMS[a]]


_ROWS = tuple(bytes(_times(a, b) for b in range(256)) for a in range(256))
"""Products: row a holds a times every element, for `bytes.translate`."""


def _add(a: bytes, b: bytes) -> bytes:
    return (int.from_bytes(a) ^ int.from_bytes(b)).to_bytes(len(a))


def split(secret: bytes, threshold: int, count: int) -> dict[int, bytes]:
    """`count` shares of `secret`, numbered from 1, any `threshold` of which give it back.

    Fewer than `threshold` are random bytes that say nothing of the secret. Raises VaultError.
    """
    if not 2 <= threshold <= count <= MOST:
        raise VaultError(
            f"{threshold} of {count} is no threshold",
            mend=f"Let at least 2 and at most all of them, {MOST} at the most, be needed",
        )
    coefficients = [secrets.token_bytes(len(secret)) for _ in range(threshold - 1)]
    shares = {}
    for x in range(1, count + 1):
        value = bytes(len(secret))
        for coefficient in coefficients:
            value = _add(value, coefficient).translate(_ROWS[x])
        shares[x] = _add(value, secret)
    return shares


def join(shares: Mapping[int, bytes]) -> bytes:
    """The value at 0 of the polynomials through `shares` (Lagrange). Raises VaultError for what are no shares."""
    sizes = {len(value) for value in shares.values()}
    if len(sizes) != 1 or not all(1 <= x <= MOST for x in shares):
        raise VaultError("These are no shares of one secret", mend="Give the shares of one epoch")
    secret = bytes(sizes.pop())
    for x, value in shares.items():
        weight = 1
        for other in shares:
            if other != x:
                weight = _times(weight, _times(other, _inverse(other ^ x)))
        secret = _add(secret, value.translate(_ROWS[weight]))
    return secret
