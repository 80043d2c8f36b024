"""Where a stream goes by multicast (tt:MulticastConfiguration)."""

from __future__ import annotations

import hashlib
import ipaddress
import uuid
from dataclasses import dataclass

from onvif_server.soap import invalid

_SCOPE = int(ipaddress.IPv4Address("239.192.0.0"))
_SCOPE_BITS = 18
_FIRST_PORT = 40_000
_LAST_PORT = 65_532
_TTL = 5


@dataclass(frozen=True, slots=True)
class Multicast:
    """A group: RTP goes to `port`, which is even, and RTCP to the next one."""

    address: str
    port: int
    ttl: int = _TTL


def own_group(device: uuid.UUID, stream: str) -> Multicast:
    """The group of a device's stream while nobody has chosen another.

    It lies in the organization-local scope of RFC 2365 (239.192.0.0/14), at a place made from the device's identity,
    so that devices that know nothing of each other hardly ever share one.
    """
    digest = hashlib.sha256(f"{device}/{stream}".encode()).digest()
    place = int.from_bytes(digest[:4]) >> (32 - _SCOPE_BITS)
    port = _FIRST_PORT + 2 * (int.from_bytes(digest[4:6]) % 5000)
    return Multicast(str(ipaddress.IPv4Address(_SCOPE + place)), port)


def checked_group(asked: Multicast, own: Multicast) -> Multicast:
    """`asked` as a client may set it; address 0.0.0.0, port 0 or a time to live of 0 leave
    the choice to the device, which is `own`.

    Raises Fault for what is no group of IPv4 that may be routed, an odd port or one that needs privileges, and a time
    to live out of range.
    """
    try:
        address = ipaddress.IPv4Address(asked.address)
    except ValueError:
        raise _refused(f"{asked.address!r} is no IPv4 address") from None
    if not 0 <= asked.ttl <= 255:
        raise _refused(f"A time to live of {asked.ttl} is not between 0 and 255")
    ttl = asked.ttl or own.ttl
    if address.is_unspecified or asked.port == 0:
        return Multicast(own.address, own.port, ttl)
    if not address.is_multicast or address in ipaddress.IPv4Network("224.0.0.0/24"):
        raise _refused(f"{address} is no multicast address that leaves the link")
    if not 1024 <= asked.port <= _LAST_PORT or asked.port % 2:
        raise _refused(f"{asked.port} is no even port from 1024 to {_LAST_PORT}")
    return Multicast(str(address), asked.port, ttl)


def _refused(reason: str) -> Exception:
    return invalid(reason, "ConfigModify")
