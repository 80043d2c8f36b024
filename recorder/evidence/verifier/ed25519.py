"""Ed25519 verification as RFC 8032, section 5.1.7, has it, and stricter where that leaves a choice.

Keys and commitments must be canonical encodings and not of small order, and S must be below the group's order. So a
signature has one form only, and no key fits more than one message by construction.
"""

from __future__ import annotations

import hashlib
from typing import Tuple

P = 2**255 - 19
"""The field's prime."""
L = 2**252 + 27742317777372353535851937790883648493
"""Order of the base point."""

_D = -121665 * pow(121666, P - 2, P) % P
_ROOT = pow(2, (P - 1) // 4, P)  # of -1
_Point = Tuple[int, int, int, int]  # extended homogeneous coordinates (RFC 8032, 5.1.4)
_ZERO = (0, 1, 1, 0)


def verify(public: bytes, message: bytes, signature: bytes) -> bool:
    """Whether `signature` (64 bytes) was made over `message` by the holder of `public` (32 bytes)."""
    if len(public) != 32 or len(signature) != 64:
        return False
    key, commitment = _decode(public), _decode(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if key is None or commitment is None or s >= L or _small(key) or _small(commitment):
        return False
    k = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % L
    return _same(_times(s, _BASE), _add(commitment, _times(k, key)))


def _add(p: _Point, q: _Point) -> _Point:
    a = (p[1] - p[0]) * (q[1] - q[0]) % P
    b = (p[1] + p[0]) * (q[1] + q[0]) % P
    c = 2 * p[3] * q[3] * _D % P
    d = 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def _times(factor: int, point: _Point) -> _Point:
    result = _ZERO
    while factor:
        if factor & 1:
            result = _add(result, point)
        point = _add(point, point)
        factor >>= 1
    return result


def _same(p: _Point, q: _Point) -> bool:
    return (p[0] * q[2] - q[0] * p[2]) % P == 0 and (p[1] * q[2] - q[1] * p[2]) % P == 0


def _small(point: _Point) -> bool:
    return _same(_times(8, point), _ZERO)


def _decode(data: bytes) -> _Point | None:
    """The point that `data` encodes canonically (RFC 8032, 5.1.3), or None."""
    number = int.from_bytes(data, "little")
    sign, y = number >> 255, number & ((1 << 255) - 1)
    if y >= P:
        return None
    square = (y * y - 1) * pow(_D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * _ROOT % P
    if (x * x - square) % P or (x == 0 and sign):
        return None
    if x & 1 != sign:
        x = P - x
    return x, y, 1, x * y % P


def _base() -> _Point:
    point = _decode((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))
    if point is None:
        raise AssertionError("the base point is on the curve")
    return point


_BASE = _base()
