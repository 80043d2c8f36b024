"""age's X25519 key pairs, in age's notation."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Self

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

from recorder.vault import bech32
from vcam.base.errors import VaultError

KEY_SIZE = 32
_FIELD = 2**255 - 19
_ANY = X25519PrivateKey.from_private_bytes(bytes(KEY_SIZE))
_RECIPIENT = "age"
_IDENTITY = "age-secret-key-"


def _decode(text: str, prefix: str, what: str) -> bytes:
    found, data = bech32.decode(text.strip())
    if found != prefix or len(data) != KEY_SIZE:
        raise VaultError(f"The key is no {what}", mend="Give the key that 'garim keys new' printed")
    return data


def parse_recipient(text: str) -> X25519PublicKey:
    """The public key written as `age1...`. Raises VaultError.

    Points of low order, to which nothing can be sealed, and numbers beyond the field, which only look like another
    key (RFC 7748, sections 5 and 6.1), are refused.
    """
    data = _decode(text, _RECIPIENT, "age recipient (age1...)")
    key = X25519PublicKey.from_public_bytes(data)
    try:
        _ANY.exchange(key)
        sound = int.from_bytes(data, "little") < _FIELD
    except ValueError:
        sound = False
    if not sound:
        raise VaultError("The key is no public key that somebody can hold", mend="Copy the whole key again")
    return key


@dataclass(frozen=True, slots=True)
class Identity:
    """A private key. It never shows in `repr`, and belongs on no recorder."""

    key: X25519PrivateKey = field(repr=False)

    @classmethod
    def generate(cls) -> Self:
        """A new private key from the system's random source."""
        return cls(X25519PrivateKey.generate())

    @classmethod
    def parse(cls, text: str) -> Self:
        """The private key written as `AGE-SECRET-KEY-1...`. Raises VaultError, which never repeats it."""
        return cls(
            X25519PrivateKey.from_private_bytes(_decode(text, _IDENTITY, "age identity (AGE-SECRET-KEY-1...)"))
        )

    @property
    def recipient(self) -> str:
        """The public half, `age1...`."""
        return bech32.encode(_RECIPIENT, self.key.public_key().public_bytes_raw())

    def secret(self) -> str:
        """The private key as `AGE-SECRET-KEY-1...`."""
        return bech32.encode(_IDENTITY, self.key.private_bytes_raw()).upper()
