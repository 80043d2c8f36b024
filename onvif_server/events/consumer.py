"""Where a client wants its notifications sent, and whether they may be sent there.

A device that posts to whatever address it is given would be a tool against others (server-side request forgery). So
it posts to the very host that has subscribed and to no other, by the address from which that host came, whatever its
name resolves to later.
"""

from __future__ import annotations

import asyncio
import copy
import ipaddress
import socket
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from lxml import etree

from onvif_server.soap import WSA

LOOKUP_TIMEOUT = 2.0
"""Seconds within which a name must resolve."""
PARAMETERS_LIMIT = 4096
"""Bytes of reference parameters at the most."""

_REFERENCE = f"{{{WSA}}}IsReferenceParameter"


class Refused(ValueError):
    """Nothing will be sent to that consumer."""


@dataclass(frozen=True, slots=True)
class Consumer:
    """A wsnt:NotificationConsumer: its URL, the address of its host, and the header blocks that it wants back."""

    url: str
    address: str
    parameters: tuple[etree._Element, ...] = field(default=(), repr=False)


async def consumer(reference: etree._Element | None, peer: str, own: frozenset[tuple[str, int]]) -> Consumer:
    """The consumer of a ConsumerReference, for a client whose address is `peer`. Raises Refused.

    `own` are hosts and ports of this device itself.
    """
    address = reference.find(f"{{{WSA}}}Address") if reference is not None else None
    url = (address.text or "").strip() if address is not None else ""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port or {"http": 80, "https": 443}.get(parts.scheme, 0)
    except ValueError as error:
        raise Refused("The consumer's address is no URL") from error
    if parts.scheme not in {"http", "https"} or not host:
        raise Refused("The consumer's address must be an http or https URL")
    if parts.username is not None or parts.password is not None:
        raise Refused("The consumer's address must not hold credentials")
    if not url.isascii() or not url.isprintable() or " " in url:
        raise Refused("The consumer's address is no URL")
    if (peer, port) in own or (host, port) in own:
        raise Refused("The consumer's address is this device's own")
    client = _address(peer)
    if client is None or client not in await _resolved(host, port):
        raise Refused("Notifications are sent to the host that subscribes, and to no other")
    return Consumer(url, str(client), _parameters(reference))


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address


async def _resolved(host: str, port: int) -> set[ipaddress.IPv4Address | ipaddress.IPv6Address | None]:
    """The addresses of a host, empty when it has none or they are long in coming."""
    literal = _address(host)
    if literal is not None:
        return {literal}
    try:
        async with asyncio.timeout(LOOKUP_TIMEOUT):
            found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError, TimeoutError):
        return set()
    return {_address(str(name[0])) for *_, name in found}


def _parameters(reference: etree._Element | None) -> tuple[etree._Element, ...]:
    """Copies of the reference parameters, marked as such (WS-Addressing 1.0, SOAP binding)."""
    place = reference.find(f"{{{WSA}}}ReferenceParameters") if reference is not None else None
    if place is None:
        return ()
    if len(etree.tostring(place)) > PARAMETERS_LIMIT:
        raise Refused("The consumer's reference parameters are too long")
    copies = tuple(copy.deepcopy(each) for each in place)
    for each in copies:
        each.set(_REFERENCE, "true")
    return copies
