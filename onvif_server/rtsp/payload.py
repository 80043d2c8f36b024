"""What an RTP payload format does for a track."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol


class Unpackable(Exception):
    """An access unit that the payload format cannot carry; the text says why."""


class PayloadFormat(Protocol):
    """Cuts access units of one codec into payloads, and describes the codec in SDP."""

    @property
    def encoding(self) -> str:
        """Encoding name of `rtpmap`; the clock rate is 90000."""

    @property
    def payload_type(self) -> int:
        """Static where RFC 3551 gives one, otherwise dynamic."""

    def fmtp(self, unit: bytes) -> str | None:
        """Format parameters from an access unit that carries parameter sets, empty where the format has none.

        None when the unit carries no parameter sets. Raises Unpackable.
        """

    def payloads(self, unit: bytes, limit: int) -> Iterator[bytes]:
        """The payloads of one access unit, in order, of at most `limit` bytes each. Raises Unpackable."""
