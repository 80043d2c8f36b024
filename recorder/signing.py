"""Ed25519 keys (RFC 8032) that the product signs with, kept in files of their own."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from recorder.secret import kept

RECORDER = "recorder"
"""Name of the key that signs segment rows and heads of the audit log."""
INSTITUTION = "institution"
"""Name of the key that signs exports and certificates."""

_ID = 8
_SEED = 32


@dataclass(frozen=True, slots=True)
class PublicKey:
    """The public half. `id` is minisign's key number: 8 random bytes that only help to find the right key."""

    id: bytes
    raw: bytes

    def verify(self, signature: bytes, data: bytes) -> bool:
        """Whether `signature` (64 bytes) was made over `data` by the private half."""
        try:
            Ed25519PublicKey.from_public_bytes(self.raw).verify(signature, data)
        except (InvalidSignature, ValueError):
            return False
        return True


class SigningKey:
    """A key pair. Its private half never leaves this object but to its file."""

    def __init__(self, key_id: bytes, seed: bytes) -> None:
        self._seed = seed
        self._key = Ed25519PrivateKey.from_private_bytes(seed)
        self.public = PublicKey(key_id, self._key.public_key().public_bytes_raw())

    @classmethod
    def generate(cls) -> Self:
        """A new key pair."""
        return cls(secrets.token_bytes(_ID), secrets.token_bytes(_SEED))

    @classmethod
    def open(cls, folder: Path, name: str) -> Self:
        """The key `name` in `folder`, made when it is not there: its number and its seed. Raises RecordError."""
        data = kept(folder / f"{name}.key", _ID + _SEED)
        return cls(data[:_ID], data[_ID:])

    def sign(self, data: bytes) -> bytes:
        """The signature over `data`: 64 bytes."""
        return self._key.sign(data)
