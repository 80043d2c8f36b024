"""A UDP socket for WS-Discovery on one interface of a Linux host."""

from __future__ import annotations

import contextlib
import socket
import struct
from dataclasses import dataclass

from onvif_server.interfaces import Interface
from vcam.base.errors import ServeError

GROUP = "239.255.255.250"
PORT = 3702
"""Multicast group and port of WS-Discovery."""

# <linux/in.h>; Python's socket module has no names for them.
_IP_PKTINFO = 8
_IP_MULTICAST_ALL = 49
_IN_PKTINFO = struct.Struct("=I4s4s")
_IP_MREQN = struct.Struct("=4s4sI")


@dataclass(frozen=True, slots=True)
class Datagram:
    """What has arrived. `index` is the kernel's number of the interface that it came in by."""

    data: bytes
    peer: tuple[str, int]
    index: int


class MulticastSocket:
    """A member of the group on the interface of `interface`; other programs may listen beside it.

    Raises ServeError when the port is not to be had, OSError when the interface cannot join.
    """

    def __init__(self, interface: Interface) -> None:
        self.index = interface.index
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM, socket.IPPROTO_UDP)
        try:
            self._bind()
            member = _IP_MREQN.pack(socket.inet_aton(GROUP), socket.inet_aton(interface.address), self.index)
            self._socket.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, member)
        except BaseException:
            self._socket.close()
            raise

    def _bind(self) -> None:
        self._socket.setblocking(False)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        self._socket.setsockopt(socket.IPPROTO_IP, _IP_PKTINFO, 1)
        self._socket.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 1)
        # Without this, what other sockets of the host have joined arrives here too.
        self._socket.setsockopt(socket.IPPROTO_IP, _IP_MULTICAST_ALL, 0)
        try:
            self._socket.bind(("", PORT))
        except OSError as error:
            raise ServeError(
                f"WS-Discovery cannot use UDP port {PORT} ({error.strerror})",
                mend="Stop what uses it, or set onvif.discovery = false",
            ) from error

    def fileno(self) -> int:
        """For the event loop."""
        return self._socket.fileno()

    def receive(self, limit: int) -> Datagram | None:
        """The next datagram, cut after `limit` bytes; None when there is no more."""
        try:
            data, ancillary, _, peer = self._socket.recvmsg(limit, socket.CMSG_SPACE(_IN_PKTINFO.size))
        except OSError:
            # Nothing there, or an ICMP error that belongs to something sent before.
            return None
        index = self.index
        for level, kind, value in ancillary:
            if level == socket.IPPROTO_IP and kind == _IP_PKTINFO:
                index = int(_IN_PKTINFO.unpack(value[: _IN_PKTINFO.size])[0])
        return Datagram(data, (str(peer[0]), int(peer[1])), index)

    def send(self, data: bytes, to: tuple[str, int], source: str) -> None:
        """Send from address `source`; what the network refuses is lost, as datagrams may be."""
        # The interface is chosen for multicast only: a peer on this host is reached by the loopback.
        index = self.index if to[0] == GROUP else 0
        control = _IN_PKTINFO.pack(index, socket.inet_aton(source), b"\0" * 4)
        with contextlib.suppress(OSError):
            self._socket.sendmsg([data], [(socket.IPPROTO_IP, _IP_PKTINFO, control)], 0, to)

    def close(self) -> None:
        """Leave the group."""
        self._socket.close()
