"""The payload of the age v1 format: a 16-byte nonce, then STREAM chunks of 64 KiB under ChaCha20-Poly1305.

STREAM is that of Hoang, Reyhanitabar, Rogaway and Vizár, "Online Authenticated-Encryption and its
Nonce-Reuse Misuse-Resistance" (2015). A chunk's nonce is its number in 11 bytes and one byte that is 1 for
the last chunk alone: a stream that was cut off is noticed, and its whole chunks still verify.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from recorder.vault.header import derive
from vcam.base.errors import VaultError

CHUNK = 64 * 1024
TAG = 16
NONCE = 16
SEALED = CHUNK + TAG


def chunk_nonce(number: int, *, last: bool) -> bytes:
    """The 12-byte nonce of chunk `number`."""
    return number.to_bytes(11, "big") + (b"\x01" if last else b"\x00")


class PayloadWriter:
    """Encrypts a payload. The last chunk is known only at `close`, so one chunk is always held back."""

    def __init__(self, file_key: bytes) -> None:
        nonce = secrets.token_bytes(NONCE)
        self._cipher = ChaCha20Poly1305(derive(file_key, nonce, b"payload"))
        self._out = bytearray(nonce)
        self._held = bytearray()
        self._number = 0
        self._closed = False

    def write(self, data: bytes) -> bytes:
        """Take plaintext; return the ciphertext of the chunks that are complete."""
        if self._closed:
            raise VaultError("The encrypted stream is closed", mend="Begin a new segment")
        view = memoryview(data)
        while len(self._held) + len(view) > CHUNK:
            room = CHUNK - len(self._held)
            if self._held:
                self._held += view[:room]
                self._seal(self._held, last=False)
                self._held.clear()
            else:
                self._seal(view[:CHUNK], last=False)
            view = view[room:]
        self._held += view
        return self._take()

    def close(self) -> bytes:
        """Return the last ciphertext."""
        if self._closed:
            raise VaultError("The encrypted stream is closed", mend="Begin a new segment")
        self._closed = True
        self._seal(self._held, last=True)
        self._held.clear()
        return self._take()

    def _seal(self, data: bytearray | memoryview, *, last: bool) -> None:
        self._out += self._cipher.encrypt(chunk_nonce(self._number, last=last), data, None)
        self._number += 1

    def _take(self) -> bytes:
        out = bytes(self._out)
        self._out.clear()
        return out


class PayloadReader:
    """Decrypts a payload from a seekable file. Only verified bytes are returned.

    The last chunk is tried at once: `truncated` says that the stream's end is missing.
    """

    def __init__(self, file_key: bytes, body: BinaryIO) -> None:
        self._body = body
        length = body.seek(0, os.SEEK_END)
        body.seek(0)
        nonce = body.read(NONCE)
        if len(nonce) < NONCE:
            raise VaultError(
                "The encrypted body is truncated: 0 bytes verified", mend="Nothing of it can be saved"
            )
        self._cipher = ChaCha20Poly1305(derive(file_key, nonce, b"payload"))
        self._sealed = length - NONCE
        self._chunks = -(-self._sealed // SEALED)
        self.size = max(0, self._sealed - self._chunks * TAG)
        self.truncated = not self._ends()

    def read(self, offset: int, length: int) -> bytes:
        """`length` bytes of plaintext from `offset`, fewer at the end. Raises VaultError on damage."""
        if offset < 0 or length < 0:
            raise ValueError("offset and length count from 0")
        end = min(offset + length, self.size)
        if offset >= end:
            return b""
        first, last = offset // CHUNK, (end - 1) // CHUNK
        data = b"".join(self._open(number) for number in range(first, last + 1))
        return data[offset - first * CHUNK : end - first * CHUNK]

    def pieces(self) -> Iterator[bytes]:
        """The plaintext chunk by chunk; raises VaultError after the last that verifies if more should follow."""
        for number in range(self._chunks):
            yield self._open(number)
        if self.truncated:
            raise self._cut(self._chunks)

    def _open(self, number: int) -> bytes:
        sealed = self._load(number)
        final = number == self._chunks - 1
        if not final:
            opened = self._try(number, sealed, last=False)
            if opened is None and self._try(number, sealed, last=True) is not None:
                raise VaultError("The encrypted body goes on after its end", mend="Restore it from a backup")
        elif self.truncated:
            opened = self._try(number, sealed, last=False) if len(sealed) == SEALED else None
            if opened is None:
                raise self._cut(number)
        else:
            opened = self._try(number, sealed, last=True)
        if opened is None:
            raise VaultError(
                f"The encrypted body is damaged in chunk {number}: {number * CHUNK} bytes verified before it",
                mend="Restore it from a backup, or read the chunks around it",
            )
        return opened

    def _ends(self) -> bool:
        if self._chunks == 0:
            return False
        opened = self._try(self._chunks - 1, self._load(self._chunks - 1), last=True)
        # Only a stream that is empty as a whole may end in an empty chunk.
        return opened is not None and (len(opened) > 0 or self._chunks == 1)

    def _load(self, number: int) -> bytes:
        self._body.seek(NONCE + number * SEALED)
        return self._body.read(SEALED)

    def _try(self, number: int, sealed: bytes, *, last: bool) -> bytes | None:
        try:
            return self._cipher.decrypt(chunk_nonce(number, last=last), sealed, None)
        except InvalidTag:
            return None

    def _cut(self, number: int) -> VaultError:
        return VaultError(
            f"The encrypted body is truncated or damaged at its end: {number * CHUNK} bytes verified",
            mend="Use the verified part; the rest is lost unless a backup holds it",
        )
