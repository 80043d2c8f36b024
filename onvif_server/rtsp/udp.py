"""RTP and RTCP by UDP: to one client, or to a multicast group."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections import deque
from collections.abc import Callable

from onvif_server.rtsp.multicast import Multicast
from onvif_server.rtsp.rtp import Burst

LOST_AFTER = 5.0
"""Seconds for which a client's host must refuse RTP before the client counts as gone."""

_STEP = 0.004
_LEAST_STEP = 16
_STEPS = 25
_ATTEMPTS = 32
_REFUSALS_APART = 3.0
"""Seconds between refusals (ICMP, at most one each second from most hosts) that belong together."""

Heard = Callable[[bytes, str], None]


class _Ear(asyncio.DatagramProtocol):
    """Hears RTCP."""

    def __init__(self, heard: Heard) -> None:
        self._heard = heard

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self._heard(data, addr[0])

    def error_received(self, exc: Exception) -> None:
        """A report could not be delivered; many clients have no ear for them."""


class UdpCarrier:
    """RTP and RTCP from a pair of UDP ports to another pair.

    Large pictures are spread over some 100 ms, since a receiver's socket buffer holds about a hundred packets
    only: each 4 ms a 25th of what waits is sent, 16 packets at the least. `lost` is called once a client's host has
    refused RTP for `LOST_AFTER` seconds.
    """

    def __init__(
        self,
        rtp: socket.socket,
        rtcp: asyncio.DatagramTransport,
        ear: asyncio.DatagramTransport,
        lost: Callable[[], None] | None = None,
    ) -> None:
        self.ports: tuple[int, int] = rtp.getsockname()[1], rtcp.get_extra_info("sockname")[1]
        self._rtp = rtp
        self._rtcp = rtcp
        self._ear = ear
        self._lost = lost
        self._refused: tuple[float, float] | None = None
        self._queue: deque[bytes] = deque()
        self._timer: asyncio.TimerHandle | None = None

    @classmethod
    async def open(
        cls,
        local: str,
        peer: str,
        client_ports: tuple[int, int],
        heard: Heard,
        lost: Callable[[], None] | None = None,
    ) -> UdpCarrier:
        """Bind a pair of ports at `local` for a client at `peer`. Raises OSError when none is free."""
        with contextlib.ExitStack() as undo:
            rtp, rtcp = _bind_pair(local)
            undo.callback(rtp.close)
            undo.callback(rtcp.close)
            rtp.connect((peer, client_ports[0]))
            rtcp.connect((peer, client_ports[1]))
            reports = await _endpoint(rtcp, heard)
            undo.pop_all()
        return cls(rtp, reports, reports, lost)

    @classmethod
    async def multicast(cls, local: str, place: Multicast, heard: Heard) -> UdpCarrier:
        """Bind ports for a group, which is reached by the interface that has the address `local`. Raises OSError.

        What is sent comes back to this host too, for clients that run on it.
        """
        interface = socket.inet_aton(local)
        with contextlib.ExitStack() as undo:
            rtp, rtcp = _bind_pair(local)
            undo.callback(rtp.close)
            undo.callback(rtcp.close)
            for sender, port in zip((rtp, rtcp), place.ports, strict=True):
                sender.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, interface)
                sender.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, place.ttl)
                sender.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_LOOP, 1)
                sender.connect((place.address, port))
            listener = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            undo.callback(listener.close)
            listener.setblocking(False)
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind((place.address, place.ports[1]))
            member = socket.inet_aton(place.address) + interface
            listener.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, member)
            reports = await _endpoint(rtcp, lambda _data, _peer: None)
            undo.callback(reports.close)
            ear = await _endpoint(listener, heard)
            undo.pop_all()
        return cls(rtp, reports, ear)

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
        self._ear.close()

    def _pump(self) -> None:
        loop = asyncio.get_running_loop()
        for _ in range(min(len(self._queue), max(_LEAST_STEP, len(self._queue) // _STEPS))):
            packet = self._queue.popleft()
            try:
                self._rtp.send(packet)
            except ConnectionRefusedError:
                self._refuse(loop.time())
            except OSError:
                # What the kernel does not take is lost, as it would be on the way.
                continue
        self._timer = loop.call_later(_STEP, self._pump) if self._queue else None

    def _refuse(self, now: float) -> None:
        """The client's host has told that nobody listens at its port."""
        first, last = self._refused or (now, now)
        self._refused = (first if now - last < _REFUSALS_APART else now), now
        if self._lost is not None and now - self._refused[0] >= LOST_AFTER:
            asyncio.get_running_loop().call_soon(self._lost)
            self._lost = None


async def _endpoint(bound: socket.socket, heard: Heard) -> asyncio.DatagramTransport:
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(lambda: _Ear(heard), sock=bound)
    return transport


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
