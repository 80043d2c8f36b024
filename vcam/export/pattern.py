"""The pattern of an invisible mark: which way each chip of a tile is pushed, by key and number. Pure.

Spread spectrum: a tile of chips, each pushed lighter or darker by a pseudo-random sequence that only the key's owner
can draw. Most chips carry one bit of the word each, by their sign; the rest are always the same and are what the
tile's place is found by.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

SIDE = 48
"""Chips along each side of a tile."""
ROWS = 90
"""Chips over a picture's height, whatever its size: large enough to outlive compression and smaller copies."""
PERIOD = 2.0
"""Seconds after which the pattern's sign has gone both ways. What stands still in the picture cancels out."""
_NUMBER, _CHECK = 32, 16
BITS = _NUMBER + _CHECK
_GROUPS = BITS + BITS // 4
LARGEST = (1 << _NUMBER) - 1

Chips = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Layout:
    """A key's tile: `chips` (SIDE, SIDE) of -1 and 1, and the bit that each carries (`owner`, BITS and up: none)."""

    chips: Chips
    owner: npt.NDArray[np.int64]

    @property
    def place(self) -> Chips:
        """The chips that carry no bit, 0 elsewhere: (SIDE, SIDE)."""
        return np.where(self.owner >= BITS, self.chips, 0).astype(np.float32)

    def tile(self, number: int) -> Chips:
        """The tile that carries `number`: (SIDE, SIDE) of -1 and 1."""
        signs = np.concatenate([word(number), np.ones(_GROUPS - BITS, np.float32)])
        tile: Chips = self.chips * signs[self.owner]
        return tile

    def read(self, tile: Chips) -> npt.NDArray[np.float32]:
        """How strongly a tile (SIDE, SIDE) as found says of each bit that it is set: (BITS,)."""
        agreement = (tile * self.chips).ravel()
        return np.bincount(self.owner.ravel(), agreement, _GROUPS)[:BITS].astype(np.float32)


def layout(key: bytes) -> Layout:
    """The tile that belongs to `key`, the same for ever."""
    seed = hmac.digest(key, b"garim invisible mark 1", hashlib.sha256)
    stream = np.frombuffer(hashlib.shake_256(seed).digest(SIDE * SIDE * 9), np.uint8).reshape(SIDE * SIDE, 9)
    chips = np.where(stream[:, 0] & 1, 1.0, -1.0).astype(np.float32)
    order = np.argsort(stream[:, 1:].copy().view(">u8").ravel(), kind="stable")
    owner = np.empty(SIDE * SIDE, np.int64)
    owner[order] = np.arange(SIDE * SIDE) % _GROUPS
    return Layout(chips.reshape(SIDE, SIDE), owner.reshape(SIDE, SIDE))


def word(number: int) -> Chips:
    """The bits of a number and its check, as -1 and 1: (BITS,). Raises ValueError when it has more than 32 bits."""
    if not 0 <= number <= LARGEST:
        raise ValueError(f"{number} is no mark of {_NUMBER} bits")
    value = number << _CHECK | _check(number)
    return np.array([(value >> (BITS - 1 - bit) & 1) * 2 - 1 for bit in range(BITS)], np.float32)


def number_of(bits: npt.NDArray[np.bool_]) -> int | None:
    """The number whose word these (BITS,) are, or None when the check disagrees."""
    value = int("".join("1" if bit else "0" for bit in bits), 2)
    number = value >> _CHECK
    return number if value & ((1 << _CHECK) - 1) == _check(number) else None


def sign(seconds: float) -> int:
    """Which way the pattern goes at this instant of the video: 1 or -1."""
    return 1 if seconds % PERIOD < PERIOD / 2 else -1


def _check(number: int) -> int:
    return int.from_bytes(hashlib.sha256(number.to_bytes(4, "big")).digest()[:2], "big")
