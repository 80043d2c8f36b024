"""The way back to one client of RTSP: what is written is sent or dropped, never waited for."""

from __future__ import annotations

import asyncio
from typing import Protocol

import structlog

_LINGER = 2.0

log = structlog.get_logger()


class Wire(Protocol):
    """A connection as its session sees it. `peer` and `local` are addresses without ports."""

    @property
    def peer(self) -> str: ...

    @property
    def local(self) -> str: ...

    @property
    def secure(self) -> bool:
        """Whether it goes over TLS."""

    def write(self, data: bytes) -> None:
        """Send, or queue for sending. A client too far behind is dropped instead."""

    def close(self) -> None:
        """Send what is queued, then close; a client that does not take it in time loses it."""

    def abort(self) -> None:
        """Close at once."""


class TcpWire:
    """A TCP or TLS connection of asyncio. At most `backlog` bytes and one write may wait for the client."""

    def __init__(self, writer: asyncio.StreamWriter, backlog: int) -> None:
        self._writer = writer  # it would close the transport when nobody refers to it
        self._transport = writer.transport
        self._backlog = backlog
        self.peer: str = writer.get_extra_info("peername")[0]
        self.local: str = writer.get_extra_info("sockname")[0]
        self.secure = writer.get_extra_info("ssl_object") is not None

    def write(self, data: bytes) -> None:
        if self._transport.is_closing():
            return
        waiting = self._transport.get_write_buffer_size()
        if waiting > self._backlog:
            log.warning("RTSP client dropped", peer=self.peer, reason="it reads too slowly", waiting=waiting)
            self._transport.abort()
            return
        self._transport.write(data)

    def close(self) -> None:
        if self._transport.is_closing():
            # A TLS transport of asyncio that is closed twice forgets its connection, and fails at all that follows.
            return
        self._transport.close()
        if self._transport.get_write_buffer_size():
            asyncio.get_running_loop().call_later(_LINGER, self._transport.abort)

    def abort(self) -> None:
        self._transport.abort()
