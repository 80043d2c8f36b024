"""The default suite: the age v1 format (C2SP, age-encryption.org/v1) with X25519 recipients.

`header || body` is an age file: any age implementation opens it. Here the two are kept apart, so that a
stream is given to other recipients by replacing the header alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import BinaryIO

from recorder.vault.header import Header, new_file_key
from recorder.vault.keys import Identity, parse_recipient
from recorder.vault.payload import PayloadReader, PayloadWriter
from recorder.vault.suite import Opener, Sealer, Suite
from vcam.base.errors import VaultError

LONGEST_HEADER = 1 << 20
"""Bytes after which a header that has not ended is refused."""


class AgeSealer:
    """Encrypts one stream to `recipients`."""

    def __init__(self, recipients: Sequence[str]) -> None:
        file_key = new_file_key()
        self._header = bytes(Header.seal(file_key, recipients))
        self._payload = PayloadWriter(file_key)

    @property
    def header(self) -> bytes:
        return self._header

    def write(self, data: bytes) -> bytes:
        return self._payload.write(data)

    def close(self) -> bytes:
        return self._payload.close()


class AgeOpener:
    """Decrypts one stream; `body` must be seekable and stay open."""

    def __init__(self, header: bytes, body: BinaryIO, identities: Sequence[str]) -> None:
        file_key = Header.parse(header).open([Identity.parse(text) for text in identities])
        self._payload = PayloadReader(file_key, body)

    @property
    def size(self) -> int:
        return self._payload.size

    @property
    def truncated(self) -> bool:
        return self._payload.truncated

    def read(self, offset: int, length: int) -> bytes:
        return self._payload.read(offset, length)

    def pieces(self) -> Iterator[bytes]:
        return self._payload.pieces()


class Age:
    """The age v1 suite."""

    @property
    def name(self) -> str:
        return "age-v1"

    def check_recipient(self, recipient: str) -> None:
        parse_recipient(recipient)

    def sealer(self, recipients: Sequence[str]) -> Sealer:
        return AgeSealer(recipients)

    def opener(self, header: bytes, body: BinaryIO, identities: Sequence[str]) -> Opener:
        return AgeOpener(header, body, identities)

    def rewrap(self, header: bytes, identities: Sequence[str], recipients: Sequence[str]) -> bytes:
        file_key = Header.parse(header).open([Identity.parse(text) for text in identities])
        return bytes(Header.seal(file_key, recipients))


AGE: Suite = Age()


def split(stream: BinaryIO) -> bytes:
    """Read the header off the front of an age file and leave `stream` at the body. Raises VaultError."""
    header = bytearray()
    while not header.startswith(b"-----") and len(header) < LONGEST_HEADER:
        line = stream.readline(LONGEST_HEADER)
        header += line
        if line.startswith(b"--- ") and line.endswith(b"\n"):
            return bytes(header)
        if not line.endswith(b"\n"):
            break
    raise VaultError("This is no binary age file", mend="Give the file as it was written, without armour")
