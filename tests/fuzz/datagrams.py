"""Datagrams to the responder of WS-Discovery, and bytes to the parser of RTSP: what needs no connection."""

from __future__ import annotations

import asyncio
import contextlib
import random
import socket
from collections.abc import AsyncIterator
from unittest import mock

from lxml import etree

from onvif_server import discovery
from onvif_server.discovery import Discovery
from onvif_server.interfaces import Interface
from onvif_server.multicast import Datagram
from onvif_server.rtsp.message import Interleaved, MessageError, Parser, Request
from onvif_server.wsd import WSA, WSD
from tests.fuzz.mutate import Mutator, bombs
from tests.fuzz.subject import Subject
from tests.fuzz.watch import Watch

_SOAP = "http://www.w3.org/2003/05/soap-envelope"
_TYPES = ("dn:NetworkVideoTransmitter", "tds:Device", "odd:Thing", "", "dn:NetworkVideoTransmitter tds:Device")
_SCOPES = (
    "",
    "onvif://www.onvif.org/type/video_encoder",
    "onvif://www.onvif.org",
    "http://[",
    "onvif://x/%zz/..",
)
_DATAGRAM = 60_000


class _Socket:
    """In place of a member of the group: a pair of local sockets, whose other end the fuzzer holds."""

    ends: tuple[socket.socket, ...] = ()

    def __init__(self, interface: Interface) -> None:
        self.index = interface.index
        self._here, self.there = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._here.setblocking(False)
        self.peer = ("127.0.0.1", 3702)
        self.sent: list[bytes] = []

    def fileno(self) -> int:
        return self._here.fileno()

    def receive(self, limit: int) -> Datagram | None:
        try:
            return Datagram(self._here.recv(limit), self.peer, self.index)
        except OSError:
            return None

    def send(self, data: bytes, to: tuple[str, int], source: str) -> None:
        self.sent.append(data)

    def close(self) -> None:
        self._here.close()
        self.there.close()


class Datagrams:
    """Sends one datagram for each case, or feeds one parser."""

    def __init__(self, subject: Subject, watch: Watch, chance: random.Random, joined: _Socket) -> None:
        self._subject = subject
        self._watch = watch
        self._chance = chance
        self._mutator = Mutator(chance)
        self._joined = joined

    async def discovery(self) -> None:
        """One question to the responder."""
        data = self._question()[:_DATAGRAM]
        self._watch.begin("discovery", data)
        self._subject.clock.advance(0.05)
        self._joined.sent.clear()
        self._joined.peer = (f"127.0.{self._chance.randrange(256)}.{self._chance.randrange(256)}", 3702)
        self._joined.there.send(data)
        for _ in range(4):
            await asyncio.sleep(0)
        for reply in self._joined.sent:
            self._watch.reply(reply)

    def _question(self) -> bytes:
        if self._chance.random() < 0.05:
            return bombs(self._chance)
        spaces = {"s": _SOAP, "a": WSA, "d": WSD, "dn": "http://www.onvif.org/ver10/network/wsdl"}
        root = etree.Element(f"{{{_SOAP}}}Envelope", nsmap=spaces)
        header = etree.SubElement(root, f"{{{_SOAP}}}Header")
        etree.SubElement(header, f"{{{WSA}}}MessageID").text = f"urn:uuid:{self._chance.random()}"
        kind = self._chance.choice(("Probe", "Probe", "Resolve", "Hello", "Bye", "ProbeMatches"))
        asked = etree.SubElement(etree.SubElement(root, f"{{{_SOAP}}}Body"), f"{{{WSD}}}{kind}")
        if kind == "Resolve":
            reference = etree.SubElement(asked, f"{{{WSA}}}EndpointReference")
            endpoint = self._subject.station.device.identity.endpoint
            etree.SubElement(reference, f"{{{WSA}}}Address").text = endpoint
        else:
            etree.SubElement(asked, f"{{{WSD}}}Types").text = self._chance.choice(_TYPES)
            etree.SubElement(asked, f"{{{WSD}}}Scopes").text = self._chance.choice(_SCOPES)
        way = self._chance.random()
        if way < 0.6:
            self._mutator.tree(root)
            return self._mutator.encoded(root)
        return etree.tostring(root) if way < 0.75 else self._mutator.data(etree.tostring(root))

    async def parser(self) -> None:
        """The same bytes to two RTSP parsers, whole and in pieces: they must see the same."""
        head = b"GET_PARAMETER rtsp://h/main RTSP/1.0\r\nCSeq: 1\r\nContent-Length: 5\r\n\r\nhello"
        frame = b"$\x00\x00\x04abcd"
        folded = b"SETUP rtsp://h/main/video RTSP/1.0\r\nCSeq:1\r\nTransport: RTP/AVP;\r\n unicast\r\n\r\n"
        data = b"".join(self._chance.choices((head, frame, folded, b"\r\n"), k=3))
        data = self._mutator.data(data)
        self._watch.begin("rtsp parser", data)
        cuts = sorted(self._chance.randrange(len(data) + 1) for _ in range(4))
        pieces = [data[start:end] for start, end in zip([0, *cuts], [*cuts, len(data)], strict=True)]
        try:
            whole, parts = _events([data]), _events(pieces)
        except Exception as error:  # noqa: BLE001  This is what is sought.
            self._watch.error(error)
            return
        if whole != parts:
            self._watch.found(f"in pieces {parts}, whole {whole}", "pieces")


def _events(pieces: list[bytes]) -> list[Request | Interleaved | int]:
    """All that a parser sees; the status of the refusal last, where there was one."""
    parser = Parser()
    seen: list[Request | Interleaved | int] = []
    try:
        for piece in pieces:
            parser.feed(piece)
            while (event := parser.next_event()) is not None:
                seen.append(event)
    except MessageError as refusal:
        seen.append(refusal.status)
    return seen


@contextlib.asynccontextmanager
async def datagrams(subject: Subject, watch: Watch, chance: random.Random) -> AsyncIterator[Datagrams]:
    """The responder at work for the device of `subject`, on a network of its own."""
    with mock.patch.object(discovery, "MulticastSocket", _Socket):
        responder = Discovery([subject.station.device], "127.0.0.1", clock=subject.clock, max_delay=0.0)
        await responder.start()
        joined = next(iter(responder._sockets.values()))
        assert isinstance(joined, _Socket)
        try:
            yield Datagrams(subject, watch, chance, joined)
        finally:
            await responder.stop()
