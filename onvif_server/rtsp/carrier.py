"""How the packets of one track reach one client: on the RTSP connection, or by UDP."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections import deque
from collections.abc import Callable
from typing import Protocol

from onvif_server.rtsp.rtp import Burst, interleave
from onvif_server.rtsp.wire import Wire

_STEP = 0.004
_LEAST_STEP = 16
_STEPS = 25
_ATTEMPTS = 32


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


class _Ear(asyncio.DatagramProtocol):
    """Hears the client's RTCP."""

    def __init__(self, heard: Callable[[bytes], None]) -> None:
        self._heard = heard

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:  # noqa: ARG002
        self._heard(data)

    def error_received(self, exc: Exception) -> None:
        """A report could not be delivered; a client that has gone is left to the session's time-out."""


class UdpCarrier:
    """RTP and RTCP on a pair of UDP ports, connected to the client's pair.

    Large pictures are spread over some 100 ms, since a receiver's socket buffer holds about a hundred packets
    only: each 4 ms a 25th of what waits is sent, 16 packets at the least.
    """

    def __init__(self, rtp: socket.socket, rtcp: asyncio.DatagramTransport, ports: tuple[int, int]) -> None:
        self._rtp = rtp
        self._rtcp = rtcp
        self.ports = ports
        self._queue: deque[bytes] = deque()
        self._timer: asyncio.TimerHandle | None = None

    @classmethod
    async def open(
        cls, local: str, peer: str, client_ports: tuple[int, int], heard: Callable[[bytes], None]
    ) -> UdpCarrier:
        """Bind a pair of ports at `local` for a client at `peer`. Raises OSError when none is free."""
        loop = asyncio.get_running_loop()
        rtp_socket, rtcp_socket = _bind_pair(local)
        try:
            rtp_socket.connect((peer, client_ports[0]))
            rtcp_socket.connect((peer, client_ports[1]))
            ports = (rtp_socket.getsockname()[1], rtcp_socket.getsockname()[1])
            rtcp, _ = await loop.create_datagram_endpoint(lambda: _Ear(heard), sock=rtcp_socket)
        except BaseException:
            rtp_socket.close()
            rtcp_socket.close()
            raise
        return cls(rtp_socket, rtcp, ports)

    def send(self, burst: Burst) -> None:
        self._queue.extend(burst.packets)
        if self._timer is None:
            self._pump()

    def control(self, packet: bytes) -> None:
        self._rtcp.sendto(packet)

    def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._queue.clear()
        self._rtp.close()
        self._rtcp.close()

    def _pump(self) -> None:
        for _ in range(min(len(self._queue), max(_LEAST_STEP, len(self._queue) // _STEPS))):
            packet = self._queue.popleft()
            # What the kernel does not take is lost, as it would be on the way; a client that has gone is left
            # to the session's time-out.
            with contextlib.suppress(OSError):
                self._rtp.send(packet)
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(_STEP, self._pump) if self._queue else None


def _bind_pair(local: str) -> tuple[socket.socket, socket.socket]:
    """Two bound UDP sockets, the first on an even port and the second on the next (RFC 3550, 11)."""
    family = socket.AF_INET6 if ":" in local else socket.AF_INET
    for _ in range(_ATTEMPTS):
        first = _bound(family, local, 0)
        port: int = first.getsockname()[1]
        try:
            second = _bound(family, local, port ^ 1)
        except OSError:
            first.close()
            continue
        return (first, second) if port % 2 == 0 else (second, first)
    raise OSError("no pair of UDP ports is free")


def _bound(family: socket.AddressFamily, local: str, port: int) -> socket.socket:
    made = socket.socket(family, socket.SOCK_DGRAM)
    try:
        made.setblocking(False)
        made.bind((local, port))
    except BaseException:
        made.close()
        raise
    return made
