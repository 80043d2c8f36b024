"""One TCP connection of a client: RTSP, or a half of a tunnel."""

from __future__ import annotations

import asyncio

import structlog

from onvif_server.rtsp import http
from onvif_server.rtsp.connection import Connection
from onvif_server.rtsp.service import Service
from onvif_server.rtsp.tunnel import Half, Tunnels
from onvif_server.rtsp.wire import Wire

_CHUNK = 65_536

log = structlog.get_logger()


class Visitor:
    """Finds out what a client speaks, and serves it to its end."""

    def __init__(self, service: Service, tunnels: Tunnels, wire: Wire, reader: asyncio.StreamReader) -> None:
        self.wire = wire
        self._service = service
        self._tunnels = tunnels
        self._reader = reader
        self._came = service.clock.monotonic()
        self._half: Half | None = None
        self._connection: Connection | None = None

    @property
    def idle(self) -> bool:
        """Whether nothing is lost by closing it."""
        connection = self._half.connection if self._half else self._connection
        if connection is not None:
            return connection.idle
        return self._service.clock.monotonic() - self._came > self._service.limits.handshake_timeout

    async def run(self) -> None:
        """Serve until the client or an error ends the connection."""
        try:
            data = await self._reader.read(_CHUNK)
            while data and http.speaks(data) is None:
                more = await self._reader.read(_CHUNK)
                if not more:
                    break
                data += more
            if http.speaks(data):
                self._half = Half(self._service, self._tunnels, self.wire, self._reader)
                await self._half.run(data)
            elif data:
                self._connection = Connection(self._service, self.wire)
                await self._connection.run(self._reader, data)
        except OSError as error:
            log.debug("RTSP connection lost", peer=self.wire.peer, error=type(error).__name__)
        finally:
            self.wire.close()
