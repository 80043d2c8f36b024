"""Writes minisign's public keys and signatures with a `SigningKey`; what is read, the verifier's own parser reads.

Debian's `minisign -V` checks what is written here. The format is that of https://jedisct1.github.io/minisign/.
"""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path

from recorder.evidence.verifier import minisign as texts
from recorder.signing import PublicKey, SigningKey
from vcam.base.errors import CustodyError
from vcam.base.partfile import write_whole


def public_text(key: PublicKey) -> str:
    """The contents of a `.pub` file for `key`."""
    named = texts.PublicKey(key.id, key.raw)
    return f"untrusted comment: minisign public key {named.number}\n{named.text}\n"


def key_line(key: PublicKey) -> str:
    """`key` on one line, as `minisign -P` and `garim verify --key` take it."""
    return texts.PublicKey(key.id, key.raw).text


def write_public(path: Path, key: PublicKey) -> None:
    """Write `key` as minisign's public key file, whole or not at all. Raises OSError."""
    write_whole(path, public_text(key).encode())


def read_public(text: str) -> PublicKey:
    """The key in a `.pub` file, or on one line. Raises CustodyError."""
    try:
        found = texts.public_key(text)
    except texts.NotMinisign as error:
        raise CustodyError(
            f"This is {error}", mend="Give the contents of a .pub file, or its line that begins with RW"
        ) from error
    return PublicKey(found.id, found.raw)


def sign(key: SigningKey, data: bytes, *, comment: str, legacy: bool = False) -> str:
    """The contents of a `.minisig` file over `data`; `comment` is signed too.

    Prehashed ("ED", BLAKE2b-512) unless `legacy` ("Ed"). Raises ValueError for a comment of more than one line.
    """
    if not comment.isprintable():
        raise ValueError("a trusted comment is one printable line")
    message = data if legacy else hashlib.blake2b(data).digest()
    signature = key.sign(message)
    whole = key.sign(signature + comment.encode())
    algorithm = texts.LEGACY if legacy else texts.PREHASHED
    lines = (
        f"untrusted comment: signature from key {key.public.id[::-1].hex().upper()}",
        base64.b64encode(algorithm + key.public.id + signature).decode("ascii"),
        f"trusted comment: {comment}",
        base64.b64encode(whole).decode("ascii"),
    )
    return "\n".join(lines) + "\n"


def verifies(key: PublicKey, signature: str, data: bytes) -> bool:
    """Whether `signature`, the contents of a `.minisig` file, and its comment were made over `data` by `key`."""
    try:
        signed = texts.signature(signature)
    except texts.NotMinisign:
        return False
    named = texts.PublicKey(key.id, key.raw)
    return signed.id == key.id and texts.signs(named, signed, data) and texts.vouches(named, signed)
