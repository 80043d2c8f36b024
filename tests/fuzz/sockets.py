"""HTTP and RTSP requests over real connections to a running device, whole, in pieces, one after another, cut off."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import random
import re
import socket

from tests.fuzz.credentials import Digest
from tests.fuzz.mutate import Mutator
from tests.fuzz.subject import Subject
from tests.fuzz.watch import Watch

BOUND = 8.0
"""Seconds within which the server must have closed a connection whose client has said all it had to say."""

_BODY = (
    b'<e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope"><e:Body>'
    b'<GetSystemDateAndTime xmlns="http://www.onvif.org/ver10/device/wsdl"/></e:Body></e:Envelope>'
)
_HTTP = (
    ("POST", "/onvif/device_service", b"Content-Type: application/soap+xml\r\n", _BODY),
    ("POST", "/onvif/device_service", b"Expect: 100-continue\r\n", _BODY),
    ("GET", "/snapshot", b"", b""),
    ("GET", "/snapshot/main", b"Range: bytes=0-1\r\n", b""),
    ("HEAD", "/snapshot", b"", b""),
    ("OPTIONS", "*", b"Origin: http://x\r\n", b""),
    ("GET", "/main", b"Accept: application/x-rtsp-tunnelled\r\nx-sessioncookie: %d\r\n", b""),
    (
        "POST",
        "/main",
        b"Content-Type: application/x-rtsp-tunnelled\r\nx-sessioncookie: %d\r\n",
        b"T1BUSU9OUw==",
    ),
    ("GET", "/rtsp", b"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: AAAA\r\n", b""),
    ("PUT", "/../../etc/passwd", b"X-Forwarded-For: 1\r\n", b"x" * 100),
    ("GET", "http://127.0.0.1:1/snapshot?a=%00&b=%zz", b"Cookie: a=b\r\n", b""),
)
_TRANSPORTS = (
    "RTP/AVP/TCP;unicast;interleaved=0-1",
    "RTP/AVP;unicast;client_port=%d-%d",
    "RTP/AVP;multicast",
    "RTP/AVP/UDP;unicast;client_port=0-1;destination=203.0.113.9",
    "RTP/SAVP;unicast,RTP/AVP/TCP;interleaved=254-255;mode=record",
    "RTP/AVP/TCP;unicast;interleaved=4-9999;ttl=x;;;=",
)
_METHODS = (
    "OPTIONS",
    "DESCRIBE",
    "SETUP",
    "PLAY",
    "PAUSE",
    "GET_PARAMETER",
    "SET_PARAMETER",
    "TEARDOWN",
    "ANNOUNCE",
)


class Sockets:
    """One connection for each case. Sources are spread over 127.0.0.0/8, so that no one address is locked out."""

    def __init__(self, subject: Subject, watch: Watch, chance: random.Random) -> None:
        self._subject = subject
        self._watch = watch
        self._chance = chance
        self._mutator = Mutator(chance)
        self._web, self._rtsp = Digest(), Digest()

    async def http(self) -> None:
        """One to three HTTP requests on one connection."""
        said = [self._http_request() for _ in range(self._chance.choice((1, 1, 1, 2, 3)))]
        reply = await self._exchange("http", self._subject.port, said)
        self._challenged(self._web, reply)

    async def rtsp(self) -> None:
        """A conversation of up to eight RTSP requests, frames between them."""
        said: list[bytes] = []
        session = b""
        for number in range(self._chance.choice((1, 2, 4, 8))):
            if self._chance.random() < 0.15:
                channel, size = self._chance.randrange(256), self._chance.choice((0, 8, 28, 1500))
                frame = b"$" + bytes([channel]) + self._chance.choice((size, size + 9)).to_bytes(2, "big")
                said.append(frame + self._chance.randbytes(size))
            said.append(self._rtsp_request(number, session))
        reply = await self._exchange("rtsp", self._subject.rtsp_port, said)
        self._challenged(self._rtsp, reply)

    def _challenged(self, digest: Digest, reply: bytes) -> None:
        found = re.findall(rb"(?im)^WWW-Authenticate: (Digest [^\r\n]*MD5[^\r\n]*)", reply)
        if found:
            digest.challenged(found[-1].decode("latin-1"))

    def _http_request(self) -> bytes:
        method, target, headers, body = self._chance.choice(_HTTP)
        with contextlib.suppress(TypeError):
            headers = headers % self._chance.randrange(3)
        signed = self._web.sign(method, target)
        if signed and self._chance.random() < 0.7:
            headers += f"Authorization: {signed}\r\n".encode()
        if body and self._chance.random() < 0.2:
            headers += b"Transfer-Encoding: chunked\r\n"
            body = b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body)
        elif body:
            headers += b"Content-Length: %d\r\n" % len(body)
        if b"tunnelled" in headers and body:
            body = base64.b64encode(self._rtsp_request(1, b""))
        data = f"{method} {target} HTTP/1.1\r\nHost: 127.0.0.1\r\n".encode() + headers + b"\r\n" + body
        return self._mutator.data(data) if self._chance.random() < 0.6 else data

    def _rtsp_request(self, number: int, session: bytes) -> bytes:
        method = self._chance.choice(_METHODS)
        url = f"rtsp://127.0.0.1:{self._subject.rtsp_port}/main" + self._chance.choice(
            ("", "/", "/video", "/trackID=0")
        )
        lines = [f"{method} {url} RTSP/1.0", f"CSeq: {number}"]
        signed = self._rtsp.sign(method, url)
        if signed and self._chance.random() < 0.9:
            lines.append(f"Authorization: {signed}")
        if method == "SETUP":
            transport = self._chance.choice(_TRANSPORTS)
            port = 2 * self._chance.randrange(20000, 30000)
            lines.append(f"Transport: {transport % (port, port + 1) if '%d' in transport else transport}")
        if self._chance.random() < 0.2:
            lines.append(
                self._chance.choice(("Session: 1", "Require: onvif-replay", "Range: npt=-", "Accept: x/y"))
            )
        data = "\r\n".join([*lines, "", ""]).encode()
        return self._mutator.data(data) if self._chance.random() < 0.4 else data

    async def _exchange(self, kind: str, port: int, said: list[bytes]) -> bytes:
        """Say all that, then no more; what the server answers until it closes."""
        self._watch.begin(kind, b"".join(said))
        self._subject.clock.advance(0.05)
        place = f"127.{self._chance.randrange(1, 255)}.{self._chance.randrange(256)}.{self._chance.randrange(1, 255)}"
        reply = b""
        try:
            async with asyncio.timeout(BOUND):
                reader, writer = await asyncio.open_connection("127.0.0.1", port, local_addr=(place, 0))
                linger = b"\x01\x00\x00\x00\x00\x00\x00\x00"
                writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                try:
                    for data in self._pieces(said):
                        writer.write(data)
                        await asyncio.sleep(0)
                    await writer.drain()
                    writer.write_eof()
                    while data := await reader.read(65536):
                        reply += data
                finally:
                    writer.transport.abort()
        except TimeoutError:
            self._watch.found(f"the connection was not closed in {BOUND} s", "hang")
        except OSError:
            pass  # The server may close before all was said.
        self._watch.reply(reply if kind == "http" else reply.replace(b"\0", b""))
        return reply

    def _pieces(self, said: list[bytes]) -> list[bytes]:
        """The same bytes as they may arrive: each request whole, all at once, or cut where chance will."""
        way = self._chance.random()
        if way < 0.5:
            return said
        whole = b"".join(said)
        if way < 0.8 or len(whole) < 4:
            return [whole]
        cuts = sorted(self._chance.sample(range(1, len(whole)), min(3, len(whole) - 1)))
        return [whole[start:end] for start, end in zip([0, *cuts], [*cuts, len(whole)], strict=True)]
