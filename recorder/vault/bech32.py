"""Bech32 (BIP 173), without its limit of 90 characters, as age's keys use it."""

from __future__ import annotations

from collections.abc import Iterable

from vcam.base.errors import VaultError

_ALPHABET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_GENERATOR = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
_CHECKSUM_LENGTH = 6


def _polymod(values: Iterable[int]) -> int:
    check = 1
    for value in values:
        top = check >> 25
        check = (check & 0x1FFFFFF) << 5 ^ value
        for bit, generator in enumerate(_GENERATOR):
            if top >> bit & 1:
                check ^= generator
    return check


def _expand(prefix: str) -> list[int]:
    return [ord(c) >> 5 for c in prefix] + [0] + [ord(c) & 31 for c in prefix]


def _regroup(values: Iterable[int], source: int, target: int) -> tuple[list[int], int, int]:
    """Numbers of `source` bits as numbers of `target` bits, and what is left over: its value and its bits."""
    pending = 0
    bits = 0
    out = []
    for value in values:
        pending = pending << source | value
        bits += source
        while bits >= target:
            bits -= target
            out.append(pending >> bits & (1 << target) - 1)
        pending &= (1 << bits) - 1
    return out, pending, bits


def encode(prefix: str, data: bytes) -> str:
    """`data` as bech32 in lower case."""
    values, left, bits = _regroup(data, 8, 5)
    if bits:
        values.append(left << 5 - bits)
    check = _polymod([*_expand(prefix), *values, *[0] * _CHECKSUM_LENGTH]) ^ 1
    values += [check >> 5 * (5 - i) & 31 for i in range(_CHECKSUM_LENGTH)]
    return prefix + "1" + "".join(_ALPHABET[v] for v in values)


def decode(text: str) -> tuple[str, bytes]:
    """Prefix in lower case, and data. Raises VaultError, which never repeats `text`: it may be a secret."""
    broken = VaultError("The key is not valid bech32", mend="Copy the whole key again")
    if text != text.lower() and text != text.upper():
        raise broken
    text = text.lower()
    prefix, separator, rest = text.rpartition("1")
    if not separator or not prefix or len(rest) < _CHECKSUM_LENGTH:
        raise broken
    if any(not 33 <= ord(c) <= 126 for c in prefix) or any(c not in _ALPHABET for c in rest):
        raise broken
    values = [_ALPHABET.index(c) for c in rest]
    if _polymod([*_expand(prefix), *values]) != 1:
        raise broken
    data, left, bits = _regroup(values[:-_CHECKSUM_LENGTH], 5, 8)
    if bits >= 5 or left:  # the padding is not canonical
        raise broken
    return prefix, bytes(data)
