"""The door of a device's web port: RTSP tunnels go one way, all other requests to the web server."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import cast

from onvif_server.rtsp import http

Tunnel = Callable[[asyncio.StreamReader, asyncio.StreamWriter], None]
"""Serves a connection from its first byte on; `onvif_server.rtsp.RtspServer.adopt` is one."""


class Front(asyncio.Protocol):
    """Reads the head of a connection's first request and hands the connection on with all that was read.

    A web server would stop reading a tunnel's POST at its Content-Length, which says little (see
    `onvif_server.rtsp.tunnel`). The head must be there within `patience` seconds. `waiting` holds the connections
    that have not been handed on.
    """

    def __init__(
        self,
        web: Callable[[], asyncio.BaseProtocol],
        tunnel: Tunnel,
        patience: float,
        waiting: set[Front],
    ) -> None:
        self._web = web
        self._tunnel = tunnel
        self._patience = patience
        self._waiting = waiting
        self._data = bytearray()
        self._transport: asyncio.Transport | None = None
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._waiting.add(self)
        self._timer = asyncio.get_running_loop().call_later(self._patience, self.close)

    def data_received(self, data: bytes) -> None:
        self._data += data
        tunnelled = _is_tunnel(bytes(self._data))
        if tunnelled is not None:
            self._hand_on(tunnel=tunnelled)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002
        self._end()

    def close(self) -> None:
        """Hang up."""
        self._end()
        if self._transport is not None:
            self._transport.abort()

    def _end(self) -> None:
        self._waiting.discard(self)
        if self._timer is not None:
            self._timer.cancel()

    def _hand_on(self, *, tunnel: bool) -> None:
        transport = self._transport
        if transport is None or transport.is_closing():
            return
        self._end()
        loop = asyncio.get_running_loop()
        if not tunnel:
            protocol = cast(asyncio.Protocol, self._web())
            transport.set_protocol(protocol)
            protocol.connection_made(transport)
            protocol.data_received(bytes(self._data))
            return
        reader = asyncio.StreamReader(loop=loop)
        streams = asyncio.StreamReaderProtocol(reader, loop=loop)
        transport.set_protocol(streams)
        streams.connection_made(transport)
        reader.feed_data(bytes(self._data))
        self._tunnel(reader, asyncio.StreamWriter(transport, streams, reader, loop))


def _is_tunnel(data: bytes) -> bool | None:
    """Whether a connection that begins so is a half of a tunnel; None while that is open."""
    if http.speaks(data) is False:
        return False
    text, found, _ = data.partition(http.END)
    if not found:
        return None if len(data) <= http.HEAD_LIMIT else False
    head = http.read(text)
    return head is not None and head.cookie is not None
