"""How the packets of one track reach one receiver."""

from __future__ import annotations

from typing import Protocol

from onvif_server.rtsp.rtp import Burst, interleave
from onvif_server.rtsp.wire import Wire


class Carrier(Protocol):
    """Carries one track to one client; never blocks and never raises."""

    def send(self, burst: Burst) -> None:
        """RTP packets of one access unit."""

    def control(self, packet: bytes) -> None:
        """One compound RTCP packet."""

    def close(self) -> None: ...


class InterleavedCarrier:
    """RTP and RTCP on two channels of the RTSP connection (RFC 2326, 10.12)."""

    def __init__(self, wire: Wire, channels: tuple[int, int]) -> None:
        self._wire = wire
        self.channels = channels

    def send(self, burst: Burst) -> None:
        self._wire.write(burst.framed(self.channels[0]))

    def control(self, packet: bytes) -> None:
        self._wire.write(interleave(self.channels[1], packet))

    def close(self) -> None:
        """The connection stays: it is the client's."""
