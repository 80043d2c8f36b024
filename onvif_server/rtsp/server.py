"""The RTSP 1.0 server (RFC 2326)."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Mapping

import structlog

from onvif_server.digest import DigestAuthority
from onvif_server.lockout import Lockout
from onvif_server.rtsp.cast import Casts
from onvif_server.rtsp.group import Groups
from onvif_server.rtsp.limits import Limits
from onvif_server.rtsp.message import Response
from onvif_server.rtsp.mount import Mount
from onvif_server.rtsp.service import Service
from onvif_server.rtsp.session import Sessions
from onvif_server.rtsp.tunnel import Tunnels
from onvif_server.rtsp.visitor import Visitor
from onvif_server.rtsp.wire import TcpWire
from vcam.base.clock import Clock, SystemClock
from vcam.base.errors import ServeError
from vcam.base.ports import NoWitness, Witness

_TICK = 1.0

log = structlog.get_logger()


class RtspServer:
    """Serves mounts over RTP by TCP and UDP to clients that know the password.

    `mounts` maps paths such as "/main" to streams, and may change while the server runs. Without an authority
    everybody is let in; clients in the field need a lenient one. A `lockout` may be shared with other ways in.
    All of it runs in the event loop that called `start`.
    """

    def __init__(
        self,
        mounts: Mapping[str, Mount],
        authority: DigestAuthority | None,
        *,
        limits: Limits | None = None,
        lockout: Lockout | None = None,
        clock: Clock | None = None,
        witness: Witness | None = None,
    ) -> None:
        self._limits = limits or Limits()
        self._clock = clock or SystemClock()
        known = authority.knows if authority is not None else lambda _: True
        self._sessions = Sessions(self._clock, self._limits.clients, self._limits.session_timeout, known)
        lockout = lockout or Lockout(self._clock)
        groups = Groups(self._clock)
        self._service = Service(
            mounts,
            authority,
            lockout,
            self._sessions,
            groups,
            self._limits,
            self._clock,
            witness or NoWitness(),
        )
        self._tunnels = Tunnels()
        self._casts = Casts(groups)
        self._listeners: list[asyncio.Server] = []
        self._open: dict[asyncio.Task[None], Visitor] = {}
        self._ticker: asyncio.Task[None] | None = None

    @property
    def clients(self) -> int:
        """Sessions that are being sent pictures."""
        return self._sessions.playing

    async def start(self, host: str, port: int, *, tls: ssl.SSLContext | None = None) -> int:
        """Listen at one address and give the port, which the system chooses when `port` is 0.

        With `tls` it serves RTSPS there. May be called for several addresses. Raises ServeError.
        """
        try:
            listener = await asyncio.start_server(
                self.adopt,
                host,
                port,
                ssl=tls,
                ssl_handshake_timeout=self._limits.handshake_timeout if tls is not None else None,
            )
        except OSError as error:
            raise ServeError(
                f"RTSP cannot listen on {host} port {port} ({error.strerror or type(error).__name__})",
                mend="Choose a free port, and an address of this machine",
            ) from error
        self._listeners.append(listener)
        if self._ticker is None:
            self._ticker = asyncio.create_task(self._tick(), name="RTSP ticker")
        bound: int = listener.sockets[0].getsockname()[1]
        return bound

    async def stop(self) -> None:
        """Say goodbye to all clients and close everything; returns when nothing is left."""
        for listener in self._listeners:
            listener.close()
        self._sessions.close_all()
        self._casts.close_all()
        for visitor in self._open.values():
            visitor.wire.abort()
        tasks = [*self._open, *([self._ticker] if self._ticker else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for listener in self._listeners:
            await listener.wait_closed()
        self._listeners.clear()
        self._ticker = None

    def sweep(self) -> None:
        """End silent sessions and idle connections, and send the reports that are due; called each second."""
        self._sessions.sweep()
        for mount in set(self._service.mounts.values()):
            mount.sweep()
        self._casts.report()
        for visitor in tuple(self._open.values()):
            if visitor.idle:
                log.info("RTSP client dropped", peer=visitor.wire.peer, reason="it asks for nothing")
                visitor.wire.abort()

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(_TICK)
            self.sweep()

    def adopt(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve a connection that has come, here or to another port: RTSP, or a half of a tunnel through HTTP."""
        if writer.get_extra_info("peername") is None:  # gone before it was accepted
            writer.close()
            return
        wire = TcpWire(writer, self._limits.backlog)
        if len(self._open) >= self._limits.connections:
            log.warning("RTSP client refused", peer=wire.peer, reason="there are too many connections")
            wire.write(Response(503, [("Connection", "close")]).serialise(None))
            wire.close()
            return
        visitor = Visitor(self._service, self._tunnels, wire, reader)
        task = asyncio.create_task(visitor.run(), name="RTSP connection")
        self._open[task] = visitor
        task.add_done_callback(self._closed)

    async def multicast(self, path: str, on: bool, *, local: str | None = None) -> None:
        """Send the mount at `path` to its multicast groups without being asked by RTSP, or send it so no longer.

        It goes out by the interface that has the address `local`, or else the one that the system chooses. Nothing
        happens when it is as asked already. Raises ServeError when there is no such mount, when it has no group, or
        when the group cannot be sent to.
        """
        if not on:
            self._casts.stop(path)
            return
        mount = self._service.mounts.get(path)
        if mount is None:
            raise ServeError(f"There is no stream {path}", mend="Name one that is served")
        await self._casts.start(path, mount, local)

    def _closed(self, task: asyncio.Task[None]) -> None:
        visitor = self._open.pop(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("RTSP connection failed", peer=visitor.wire.peer, exc_info=error)
