"""Ed25519 keys (RFC 8032) that the product signs with, kept in files of their own."""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from recorder import durable
from vcam.base.errors import RecordError

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
        """The key `name` in `folder`, made when it is not there. Raises RecordError.

        The file holds the key's number and its seed, and is readable by its owner only.
        """
        path = folder / f"{name}.key"
        try:
            if not path.exists():
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                fresh = cls.generate()
                part = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
                durable.write(part, fresh.public.id + fresh._seed)
                try:
                    os.link(part, path)  # fails where another process was first, whose key then counts
                except FileExistsError:
                    pass
                finally:
                    durable.unlink(part)
                durable.sync_folder(folder)
            data = path.read_bytes()
        except OSError as error:
            raise RecordError(
                f"Signing key {path} cannot be used: {error.strerror}",
                mend="Let Garim's user read and write the folder of site.state",
            ) from error
        if len(data) != _ID + _SEED:
            raise RecordError(
                f"Signing key {path} is damaged",
                mend="Restore it from a backup; with a new one, receivers must be told the new public key",
            )
        return cls(data[:_ID], data[_ID:])

    def sign(self, data: bytes) -> bytes:
        """The signature over `data`: 64 bytes."""
        return self._key.sign(data)
