"""Looking for cameras by WS-Discovery: a Probe from every interface, from a port of our own.

Answers are the word of anybody on the network. A camera's address is taken to be where its answer came from.
"""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import socket
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from lxml import etree

from onvif_server.interfaces import Interface, interfaces
from onvif_server.multicast import GROUP, PORT
from onvif_server.sieve import local_name
from onvif_server.wsd import WSA, WSD
from vcam.base.errors import ServeError
from vcam.physical import reply

REPEATS = (0.0, 0.4, 1.2)
"""Seconds after which the search is sent; datagrams get lost."""
MOST = 1024
"""Cameras that are noted at the most."""

_SOAP = "http://www.w3.org/2003/05/soap-envelope"
_TYPES = (
    ("dn", "http://www.onvif.org/ver10/network/wsdl", "NetworkVideoTransmitter"),
    ("tds", "http://www.onvif.org/ver10/device/wsdl", "Device"),
)
_SCOPE = "onvif://www.onvif.org/"
_LONGEST = 64


@dataclass(frozen=True, slots=True)
class Candidate:
    """What has answered: where, and what it says of itself. `endpoint` is its lasting name, or empty."""

    host: str
    port: int
    endpoint: str = ""
    scopes: tuple[str, ...] = ()

    def scope(self, name: str) -> str:
        """What the first scope onvif://www.onvif.org/NAME/... says, made fit to be shown."""
        prefix = f"{_SCOPE}{name}/"
        for scope in self.scopes:
            if scope.lower().startswith(prefix):
                return shown(unquote(scope[len(prefix) :]))
        return ""


def shown(text: str) -> str:
    """`text` of a stranger in one line without control characters."""
    return " ".join("".join(each if each.isprintable() else " " for each in text).split())[:_LONGEST]


def probe(prefix: str, namespace: str, name: str) -> bytes:
    """A Probe for devices of one type."""
    root = etree.Element(f"{{{_SOAP}}}Envelope", nsmap={"s": _SOAP, "a": WSA, "d": WSD, prefix: namespace})
    header = etree.SubElement(root, f"{{{_SOAP}}}Header")
    for field, text in (
        ("MessageID", f"urn:uuid:{uuid.uuid4()}"),
        ("To", "urn:schemas-xmlsoap-org:ws:2005:04:discovery"),
        ("Action", f"{WSD}/Probe"),
    ):
        etree.SubElement(header, f"{{{WSA}}}{field}").text = text
    body = etree.SubElement(root, f"{{{_SOAP}}}Body")
    types = etree.SubElement(etree.SubElement(body, f"{{{WSD}}}Probe"), f"{{{WSD}}}Types")
    types.text = f"{prefix}:{name}"
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def candidates(datagram: bytes, peer: str) -> Iterator[Candidate]:
    """The devices that an answer from address `peer` tells of; none for what is no answer."""
    answer = reply.read(datagram)
    if answer is None or local_name(answer) != "ProbeMatches":
        return
    for match in reply.children(answer, "ProbeMatch"):
        port = _port(reply.text(match, "XAddrs").split(), peer)
        if port:
            endpoint = reply.text(match, "EndpointReference/Address")
            yield Candidate(peer, port, endpoint, tuple(reply.text(match, "Scopes").split()))


def _port(addresses: list[str], peer: str) -> int:
    """The port of the services at `peer`; that of another address where it names none there; 0 without any."""
    ports: list[tuple[bool, int]] = []
    for address in addresses:
        with contextlib.suppress(ValueError):
            parts = urlsplit(address)
            if parts.scheme == "http" and parts.hostname:
                ports.append((parts.hostname == peer, parts.port or 80))
    return max(ports, key=lambda one: one[0], default=(False, 0))[1]


class _Listener(asyncio.DatagramProtocol):
    def __init__(self, found: Callable[[Candidate], None]) -> None:
        self._found = found

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        for candidate in candidates(data, addr[0]):
            self._found(candidate)


async def search(timeout: float, interface: str | None = None) -> list[Candidate]:
    """What answers within `timeout` seconds, by address. `interface` is the address of the one to use.

    Raises ServeError when no interface can be used.
    """
    found: dict[str, Candidate] = {}

    def note(candidate: Candidate) -> None:
        key = candidate.endpoint or f"{candidate.host}:{candidate.port}"
        if len(found) < MOST:
            found.setdefault(key, candidate)

    loop = asyncio.get_running_loop()
    transports = []
    for each in interfaces():
        if interface in {None, each.address}:
            with contextlib.suppress(OSError):
                transport, _ = await loop.create_datagram_endpoint(lambda: _Listener(note), sock=_socket(each))
                transports.append(transport)
    if not transports:
        raise ServeError(
            f"There is no search by {interface or 'any interface'}",
            mend="Let --interface be an IPv4 address of this host",
        )
    try:
        await _ask(transports, timeout)
    finally:
        for transport in transports:
            transport.close()
    return sorted(found.values(), key=lambda one: (ipaddress.IPv4Address(one.host), one.port))


async def _ask(transports: list[asyncio.DatagramTransport], timeout: float) -> None:
    begun = asyncio.get_running_loop().time()
    for wait in REPEATS:
        if wait < timeout:
            await asyncio.sleep(begun + wait - asyncio.get_running_loop().time())
            for transport in transports:
                for kind in _TYPES:
                    transport.sendto(probe(*kind), (GROUP, PORT))
    await asyncio.sleep(begun + timeout - asyncio.get_running_loop().time())


def _socket(interface: Interface) -> socket.socket:
    """A socket that sends by `interface`. Raises OSError."""
    made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        made.setblocking(False)
        made.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 1)
        made.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(interface.address))
        made.bind((interface.address, 0))
    except OSError:
        made.close()
        raise
    return made
