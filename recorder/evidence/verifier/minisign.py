"""The texts of minisign: public keys and detached signatures, legacy ("Ed") and prehashed ("ED")."""

from __future__ import annotations

import base64
import binascii
import hashlib
from typing import NamedTuple

from . import ed25519

LEGACY = b"Ed"
"""The signature covers the file itself."""
PREHASHED = b"ED"
"""The signature covers the file's BLAKE2b-512."""
_UNTRUSTED = "untrusted comment: "
_TRUSTED = "trusted comment: "
LONGEST = 16_384
"""Characters beyond which a key or signature is not read."""


class NotMinisign(ValueError):
    """A text is no key or signature of minisign's."""


class PublicKey(NamedTuple):
    """`id` is 8 bytes that only help to find the right key; `raw` is the Ed25519 key (32 bytes)."""

    id: bytes
    raw: bytes

    @property
    def number(self) -> str:
        """The key's number as minisign prints it, without leading zeros."""
        return "{:X}".format(int.from_bytes(self.id, "little"))

    @property
    def text(self) -> str:
        """The key on one line, as `minisign -P` takes it."""
        return base64.b64encode(LEGACY + self.id + self.raw).decode("ascii")

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the Ed25519 key, in groups of four hexadecimal digits."""
        digest = hashlib.sha256(self.raw).hexdigest()
        return " ".join(digest[at : at + 4] for at in range(0, 64, 4))


class Signature(NamedTuple):
    """A signature's parts. `whole` covers `signature` and the trusted comment."""

    algorithm: bytes
    id: bytes
    signature: bytes
    comment: str
    whole: bytes


def public_key(text: str) -> PublicKey:
    """The key in a `.pub` file, or on one line alone. Raises NotMinisign."""
    lines = _lines(text)
    if lines and lines[0].startswith(_UNTRUSTED):
        lines = lines[1:]
    if len(lines) != 1:
        raise NotMinisign("no public key of minisign's")
    data = _decoded(lines[0], 42)
    if data[:2] != LEGACY:
        raise NotMinisign("a public key of another algorithm")
    return PublicKey(data[2:10], data[10:])


def signature(text: str) -> Signature:
    """The signature in a `.minisig` file. Raises NotMinisign."""
    lines = _lines(text)
    if len(lines) != 4 or not lines[0].startswith(_UNTRUSTED) or not lines[2].startswith(_TRUSTED):
        raise NotMinisign("no signature of minisign's")
    data = _decoded(lines[1], 74)
    if data[:2] not in (LEGACY, PREHASHED):
        raise NotMinisign("a signature of another algorithm")
    return Signature(data[:2], data[2:10], data[10:], lines[2][len(_TRUSTED) :], _decoded(lines[3], 64))


def signs(key: PublicKey, signed: Signature, data: bytes) -> bool:
    """Whether `signed` was made over `data` by `key`."""
    message = hashlib.blake2b(data).digest() if signed.algorithm == PREHASHED else data
    return ed25519.verify(key.raw, message, signed.signature)


def vouches(key: PublicKey, signed: Signature) -> bool:
    """Whether the trusted comment is the one that `key` signed."""
    return ed25519.verify(key.raw, signed.signature + signed.comment.encode("utf-8"), signed.whole)


def _lines(text: str) -> list[str]:
    if len(text) > LONGEST:
        raise NotMinisign("too long")
    lines = text.replace("\r\n", "\n").split("\n")
    return lines[:-1] if lines[-1] == "" else lines


def _decoded(line: str, size: int) -> bytes:
    try:
        data = base64.b64decode(line.encode("ascii"), validate=True)
    except (UnicodeEncodeError, binascii.Error) as error:
        raise NotMinisign("no base64") from error
    if len(data) != size or base64.b64encode(data).decode("ascii") != line:
        raise NotMinisign("a key or signature of another length")
    return data
