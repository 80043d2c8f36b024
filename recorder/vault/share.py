"""One custodian's share of an epoch's private key, and what binds it to its epoch."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import Self

from recorder.vault.keys import KEY_SIZE
from vcam.base.errors import VaultError

SPLIT_SIZE = 8
_VERSION = 1
_FORM = struct.Struct(f">BBB{SPLIT_SIZE}s{KEY_SIZE}s{KEY_SIZE}s")
"""Version, threshold, number, split, public key and value; the epoch's name follows in ASCII."""


@dataclass(frozen=True, slots=True)
class Share:
    """The plaintext that a custodian's copy holds. Its value never shows in `repr`.

    `split` is a random name of one splitting: shares of two splittings of the same key never join.
    """

    epoch: str
    number: int
    threshold: int
    split: bytes
    public: bytes
    """The epoch's X25519 public key, 32 bytes."""
    value: bytes = field(repr=False)

    def __bytes__(self) -> bytes:
        front = (_VERSION, self.threshold, self.number, self.split, self.public, self.value)
        return _FORM.pack(*front) + self.epoch.encode("ascii")

    @classmethod
    def parse(cls, data: bytes) -> Self:
        """From the bytes of a share. Raises VaultError, which never repeats them."""
        broken = VaultError(
            "This is no share of an epoch's key", mend="Answer the ask again, with its own file"
        )
        if len(data) <= _FORM.size:
            raise broken
        version, threshold, number, split, public, value = _FORM.unpack_from(data)
        try:
            epoch = data[_FORM.size :].decode("ascii")
        except UnicodeDecodeError:
            raise broken from None
        if version != _VERSION or threshold < 2 or number < 1:
            raise broken
        return cls(epoch, number, threshold, split, public, value)
