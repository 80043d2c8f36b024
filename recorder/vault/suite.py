"""The cipher suite behind one small protocol, so that a second suite can join without touching callers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import BinaryIO, Protocol


class Sealer(Protocol):
    """Encrypts one stream. `header` is complete from the start; the body comes piece by piece."""

    @property
    def header(self) -> bytes:
        """The header: the stream's key, wrapped to each recipient. Kept apart from the body."""

    def write(self, data: bytes) -> bytes:
        """Take plaintext; return what ciphertext is complete, which may be none."""

    def close(self) -> bytes:
        """End the stream; return the last ciphertext. Nothing may be written afterwards."""


class Opener(Protocol):
    """Decrypts one stream. Every byte that it returns has been authenticated."""

    @property
    def size(self) -> int:
        """Bytes of plaintext, as counted from the body's length; an upper bound when `truncated`."""

    @property
    def truncated(self) -> bool:
        """Whether the body lacks its end."""

    def read(self, offset: int, length: int) -> bytes:
        """`length` bytes from `offset`, fewer at the end. Raises VaultError on damage."""

    def pieces(self) -> Iterator[bytes]:
        """The plaintext in order. Raises VaultError after the verified prefix on damage or truncation."""


class Suite(Protocol):
    """One way to encrypt. Keys and recipients are text in the suite's own notation."""

    @property
    def name(self) -> str:
        """What segment descriptors call the suite."""

    def check_recipient(self, recipient: str) -> None:
        """Raise VaultError when `recipient` is no public key of this suite."""

    def sealer(self, recipients: Sequence[str]) -> Sealer:
        """Begin a stream that any one of `recipients` can open."""

    def opener(self, header: bytes, body: BinaryIO, identities: Sequence[str]) -> Opener:
        """Open a stream. Raises VaultError when no identity fits or the header is damaged."""

    def rewrap(self, header: bytes, identities: Sequence[str], recipients: Sequence[str]) -> bytes:
        """A new header for the same body, for `recipients` only."""
