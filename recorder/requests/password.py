"""Passwords as they are kept: Argon2id (RFC 9106) in the PHC string form."""

from __future__ import annotations

import secrets
from typing import Final

from cryptography.exceptions import InvalidKey
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from vcam.base.errors import CustodyError

SHORTEST: Final = 10
"""Characters of a password."""
_LONGEST: Final = 1024

_MEMORY: Final = 19 * 1024
"""KiB; with two passes and one lane the least that RFC 9106's users are advised to take on a server."""
_PASSES: Final = 2
_DUMMY: Final = (
    "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
)


def hashed(password: str) -> str:
    """What is kept of `password`. Raises CustodyError when it is too short or too long."""
    if not SHORTEST <= len(password) <= _LONGEST:
        raise CustodyError(
            f"The password has fewer than {SHORTEST} characters or more than {_LONGEST}",
            mend="Choose a longer one, such as four words that nobody would guess",
        )
    kdf = Argon2id(salt=secrets.token_bytes(16), length=32, iterations=_PASSES, lanes=1, memory_cost=_MEMORY)
    return kdf.derive_phc_encoded(password.encode())


def matches(password: str, kept: str | None) -> bool:
    """Whether `password` is the one of which `kept` is kept. Takes as long when nothing is kept."""
    try:
        Argon2id.verify_phc_encoded(password[:_LONGEST].encode("utf-8", "replace"), kept or _DUMMY)
    except InvalidKey:
        return False
    return kept is not None
