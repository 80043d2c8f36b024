"""The first packets of a live stream: those that had piled up while it was being opened."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction

from av.packet import Packet
from av.stream import Stream

from vcam.base.clock import Clock
from vcam.base.errors import SourceError

DRAINED = 0.005
"""Seconds of waiting for a packet which show that none had piled up before it."""

_MOST = 250


@dataclass
class LeadIn:
    """Packets with the UTC microseconds at which each was read, and the error that ended them, if one did."""

    packets: list[tuple[Packet[Stream], int]] = field(default_factory=list)
    error: SourceError | None = None

    def rest(self) -> Iterator[Packet[Stream]]:
        """Nothing, or the error, once the packets are used up."""
        if self.error is not None:
            raise self.error
        yield from ()


def read_lead_in(packets: Iterator[Packet[Stream]], video: int, period: Fraction, clock: Clock) -> LeadIn:
    """Read until a packet had to be waited for and stream `video` has a time stamp, and fill in stamps left out.

    FFmpeg leaves out the first time stamps of an RTSP stream. It counts from the first RTP packet, or from the one
    that the server named as the first (RTP-Info, RFC 2326, 12.33). `period` is the nominal one in seconds.
    """
    lead_in = LeadIn()
    while len(lead_in.packets) < _MOST:
        before = clock.monotonic()
        try:
            packet = next(packets, None)
        except SourceError as error:
            lead_in.error = error
            break
        if packet is None:
            break
        lead_in.packets.append((packet, clock.utc()))
        stamped = packet.stream_index == video and packet.pts is not None
        if stamped and clock.monotonic() - before > DRAINED:
            break
    fill_stamps([packet for packet, _ in lead_in.packets if packet.stream_index == video], period)
    return lead_in


def fill_stamps(packets: list[Packet[Stream]], period: Fraction) -> None:
    """Give time stamps to those of the first packets that have none, before the first that has one."""
    missing: list[Packet[Stream]] = []
    for packet in packets:
        if packet.pts is None:
            missing.append(packet)
            continue
        step = max(1, round(period / packet.time_base))
        for place, one in enumerate(missing):
            if 0 <= packet.pts * packet.time_base < 1:
                one.pts = min(place * step, packet.pts)
            else:
                one.pts = packet.pts - (len(missing) - place) * step
        return
