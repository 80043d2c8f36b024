"""What an RTP payload format does for a track."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol


class PayloadFormat(Protocol):
    """Cuts access units of one codec into payloads, and describes the codec in SDP."""

    @property
    def encoding(self) -> str:
        """Encoding name of `rtpmap`; the clock rate is 90000."""

    def fmtp(self, unit: bytes) -> str | None:
        """Format parameters from an access unit that carries parameter sets; None when it does not."""

    def payloads(self, unit: bytes, limit: int) -> Iterator[bytes]:
        """The payloads of one access unit, in order, of at most `limit` bytes each."""
