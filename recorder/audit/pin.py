"""The log's public key in a file: minisign's form, so that one form serves heads and exports."""

from __future__ import annotations

import base64
import binascii
import hashlib
from pathlib import Path

from recorder.signing import PublicKey
from vcam.base.errors import CustodyError

_ALGORITHM = b"Ed"
_LENGTH = 42


def text(key: PublicKey) -> str:
    """`key` as minisign writes a public key."""
    data = base64.b64encode(_ALGORITHM + key.id + key.raw).decode()
    return f"untrusted comment: minisign public key {key.id[::-1].hex().upper()}\n{data}\n"


def read(path: Path) -> PublicKey:
    """The key in `path`. Raises CustodyError."""
    try:
        data = base64.b64decode(path.read_text(encoding="utf-8").split("\n")[1], validate=True)
    except (OSError, UnicodeDecodeError, IndexError, binascii.Error):
        data = b""
    if len(data) != _LENGTH or not data.startswith(_ALGORITHM):
        raise CustodyError(
            f"{path} holds no public key",
            mend="Give the file that 'garim audit key' has written on the recorder",
        )
    return PublicKey(data[2:10], data[10:])


def fingerprint(raw: bytes) -> str:
    """Of an Ed25519 public key (32 bytes): its SHA-256 in groups of four, to be compared by eye or telephone."""
    found = hashlib.sha256(raw).hexdigest()
    return " ".join(found[at : at + 4] for at in range(0, 40, 4))
