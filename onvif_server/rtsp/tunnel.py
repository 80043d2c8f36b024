"""RTSP through HTTP: GET for what the server says, POST for what the client says.

Apple's "Tunnelling RTSP and RTP over HTTP", which ONVIF's Streaming Specification names (5.1.1.3). The two halves are
joined by their cookie. The client may close its POST and go on with another; it is never answered. Its Content-Length
says little: clients in the field write 32767 whatever they send, so that the body ends with the connection, or where
another request begins right behind the bytes that were told.
"""

from __future__ import annotations

import asyncio

import structlog

from onvif_server.rtsp.base64_stream import Base64Stream
from onvif_server.rtsp.connection import Connection
from onvif_server.rtsp.gate import Gate
from onvif_server.rtsp.http import END, HEAD_LIMIT, Head, read, speaks
from onvif_server.rtsp.message import Response
from onvif_server.rtsp.refusal import Refusal
from onvif_server.rtsp.service import Service
from onvif_server.rtsp.wire import Wire

_CHUNK = 65_536
_OPENED = (
    b"HTTP/1.0 200 OK\r\nServer: Garim\r\nConnection: close\r\nCache-Control: no-store\r\nPragma: no-cache\r\n"
    b"Content-Type: application/x-rtsp-tunnelled\r\n\r\n"
)

log = structlog.get_logger()


class Tunnel:
    """One client's RTSP connection through HTTP."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.posts: set[Wire] = set()
        self._turn = asyncio.Lock()

    async def receive(self, data: bytes) -> bool:
        """Take what the client said; false when the connection must be closed."""
        async with self._turn:
            return await self.connection.receive(data)

    def close(self) -> None:
        """End both halves."""
        self.connection.close()
        for wire in self.posts:
            wire.close()


class Tunnels:
    """The tunnels of one server, by their client's address and cookie."""

    def __init__(self) -> None:
        self._all: dict[tuple[str, str], Tunnel] = {}

    def __len__(self) -> int:
        return len(self._all)

    def open(self, peer: str, cookie: str, connection: Connection) -> Tunnel | None:
        """A new tunnel; None when the cookie is in use."""
        if (peer, cookie) in self._all:
            return None
        tunnel = self._all[peer, cookie] = Tunnel(connection)
        return tunnel

    def find(self, peer: str, cookie: str) -> Tunnel | None:
        """The tunnel that a POST belongs to."""
        return self._all.get((peer, cookie))

    def close(self, peer: str, cookie: str) -> None:
        """End a tunnel."""
        self._all.pop((peer, cookie)).close()


class Half:
    """One HTTP connection of a tunnel, up to its end."""

    def __init__(self, service: Service, tunnels: Tunnels, wire: Wire, reader: asyncio.StreamReader) -> None:
        self._service = service
        self._tunnels = tunnels
        self._wire = wire
        self._reader = reader
        self._gate = Gate(service, wire.peer)
        self.connection: Connection | None = None
        """The RTSP connection that this half belongs to, once it does."""

    async def run(self, data: bytes) -> None:
        """Serve requests until the client or an error ends the connection; `data` was read already."""
        while True:
            while END not in data:
                more = b"" if len(data) > HEAD_LIMIT else await self._reader.read(_CHUNK)
                if not more:
                    return
                data += more
            text, _, data = data.partition(END)
            head = read(text)
            cookie = head.cookie if head is not None else None
            if head is None or cookie is None:
                self._wire.write(_http(Response(400)))
                return
            try:
                self._gate.admit(head.method, head.target, head.headers.get("authorization"))
                if head.method == "GET":
                    await self._get(cookie)
                    return
                data = await self._post(head, cookie, data)
                if not data:
                    return
            except Refusal as refusal:
                self._wire.write(_http(refusal.response))
                # The body of a POST is not told from what follows.
                if self._gate.shut or head.method != "GET":
                    return

    async def _get(self, cookie: str) -> None:
        """Be what the server says until either side hangs up. Raises Refusal 400 when the cookie is in use."""
        connection = Connection(self._service, self._wire)
        if self._tunnels.open(self._wire.peer, cookie, connection) is None:
            raise Refusal(400, why="The cookie is in use")
        self.connection = connection
        try:
            self._wire.write(_OPENED)
            while await self._reader.read(_CHUNK):
                pass
        finally:
            self._tunnels.close(self._wire.peer, cookie)

    async def _post(self, head: Head, cookie: str, data: bytes) -> bytes:
        """Be what the client says; gives the beginning of the request that follows, empty when none does."""
        tunnel = self._tunnels.find(self._wire.peer, cookie)
        if tunnel is None or head.method != "POST":
            raise Refusal(404 if head.method == "POST" else 405)
        self.connection = tunnel.connection
        tunnel.posts.add(self._wire)
        try:
            return await self._body(tunnel, head.length, data)
        finally:
            tunnel.posts.discard(self._wire)

    async def _body(self, tunnel: Tunnel, length: int | None, data: bytes) -> bytes:
        decoder = Base64Stream()
        while True:
            if length == 0:
                following = speaks(data)
                if following:
                    return data
                if following is False:
                    length = None
            if data and length != 0:
                part = data if length is None else data[:length]
                data = data[len(part) :]
                length = None if length is None else length - len(part)
                if not await self._say(tunnel, decoder, part):
                    tunnel.connection.wire.close()
                    return b""
                continue
            more = await self._reader.read(_CHUNK)
            if not more:
                return b""
            data += more

    async def _say(self, tunnel: Tunnel, decoder: Base64Stream, part: bytes) -> bool:
        try:
            said = decoder.feed(part)
        except ValueError:
            log.info("RTSP request refused", peer=self._wire.peer, reason="a tunnel carries no Base64")
            return False
        return await tunnel.receive(said) if said else True


def _http(response: Response) -> bytes:
    """A refusal as HTTP tells it."""
    text = response.serialise(None).replace(b"RTSP/1.0", b"HTTP/1.1", 1)
    if response.body:
        return text
    return text.removesuffix(b"\r\n") + b"Content-Length: 0\r\n\r\n"
