"""Ed25519 keys (RFC 8032) that the product signs with, kept in files of their own."""

from __future__ import annotations

import contextlib
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from recorder.secret import kept, once
from vcam.base.errors import RecordError

RECORDER = "recorder"
"""Name of the key that signs segment rows and heads of the audit log."""
INSTITUTION = "institution"
"""Name of the key that signs exports and certificates."""

_SIGNS = {RECORDER: "rows of segments and heads of the audit log", INSTITUTION: "exports and certificates"}
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
        """The key `name` in `folder`, its number and its seed; made when there never was one.

        Its public half lies beside it, so that a key that is lost or exchanged is noticed: no other ever takes its
        place. Raises RecordError.
        """
        path, beside = folder / f"{name}.key", folder / f"{name}.pub"
        try:
            if beside.exists() and not path.exists():
                raise lost(path, name)
            data = kept(path, _ID + _SEED, f"which signs {_SIGNS[name]}")
            key = cls(data[:_ID], data[_ID:])
            known = _known(beside, key.public.raw)
        except OSError as error:
            raise RecordError(
                f"Key file {path}, which signs {_SIGNS[name]}, cannot be used: {error.strerror}",
                mend="Let Garim's user read and write the folder of site.state",
            ) from error
        if known != key.public.raw:
            raise RecordError(
                f"Key file {path}, which signs {_SIGNS[name]}, holds another key than {beside.name} tells",
                mend="Restore both from the same backup; another key does not answer for what was signed",
            )
        return key

    def sign(self, data: bytes) -> bytes:
        """The signature over `data`: 64 bytes."""
        return self._key.sign(data)


def lost(path: Path, name: str) -> RecordError:
    """The error for the key `name`, whose file at `path` is not there any more."""
    return RecordError(
        f"Key file {path} is lost, which signs {_SIGNS[name]}",
        mend="Restore it from a backup of site.state; without one, begin anew with another site.state and "
        "recorder.folder and keep the old ones, for a new key does not answer for what the old one signed",
    )


def _known(path: Path, public: bytes) -> bytes:
    """What the file of a public half says in hexadecimal; made when it is not there and can be. Raises OSError."""
    if not path.exists():
        with contextlib.suppress(OSError):  # the folder may be read-only: then the key alone must do
            once(path, public.hex().encode())
        return public
    try:
        return bytes.fromhex(path.read_text("ascii").strip())
    except ValueError:
        return b""
