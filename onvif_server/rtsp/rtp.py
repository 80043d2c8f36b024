"""RTP packets (RFC 3550, 5.1), built once for all receivers of a track."""

from __future__ import annotations

import secrets
import struct
from collections.abc import Iterable
from dataclasses import dataclass, field

HEADER_SIZE = 12
PACKET_LIMIT = 1400
"""Bytes of one packet with its header: fits an Ethernet frame, also through a tunnel."""

_HEADER = struct.Struct("!BBHII")
_VERSION = 0x80
_MARKER = 0x80
_FRAMING = struct.Struct("!cBH")


def interleave(channel: int, packet: bytes) -> bytes:
    """One packet framed for the RTSP connection (RFC 2326, 10.12)."""
    return _FRAMING.pack(b"$", channel, len(packet)) + packet


@dataclass(slots=True)
class Burst:
    """The RTP packets of one access unit.

    `sequence` is that of the first packet, not yet cut to 16 bits; `timestamp` has 32 bits; `time` is the
    instant of capture in microseconds UTC.
    """

    packets: list[bytes]
    sequence: int
    timestamp: int
    time: int
    key: bool
    _framed: dict[int, bytes] = field(default_factory=dict, repr=False)

    @property
    def octets(self) -> int:
        """Bytes of payload."""
        return sum(map(len, self.packets)) - HEADER_SIZE * len(self.packets)

    def framed(self, channel: int) -> bytes:
        """All packets framed for one channel of the RTSP connection; made once a channel."""
        framed = self._framed.get(channel)
        if framed is None:
            framed = b"".join(interleave(channel, packet) for packet in self.packets)
            self._framed[channel] = framed
        return framed


class Numberer:
    """Gives the packets of one synchronisation source their headers. Sequence and SSRC start at random."""

    def __init__(self, payload_type: int) -> None:
        self.ssrc = secrets.randbits(32)
        self.sequence = secrets.randbits(15)
        self._payload_type = payload_type

    def burst(self, payloads: Iterable[bytes], timestamp: int, time: int, *, key: bool) -> Burst:
        """The packets of one access unit, the marker set on the last."""
        parts = list(payloads)
        last = len(parts) - 1
        packets = [
            _HEADER.pack(
                _VERSION,
                self._payload_type | (_MARKER if number == last else 0),
                (self.sequence + number) & 0xFFFF,
                timestamp,
                self.ssrc,
            )
            + payload
            for number, payload in enumerate(parts)
        ]
        burst = Burst(packets, self.sequence, timestamp, time, key)
        self.sequence += len(packets)
        return burst
