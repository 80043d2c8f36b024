"""Names that must never change once given."""

from __future__ import annotations

import re
import uuid

SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?")
"""A camera's name: it becomes a path of RTSP URLs and a folder."""


def camera_uuid(installation: uuid.UUID, camera: str) -> uuid.UUID:
    """One camera's lasting identity (RFC 9562, version 5): its EndpointReference."""
    return uuid.uuid5(installation, f"camera:{camera}")


def camera_serial(identity: uuid.UUID) -> str:
    """A serial number of 12 hexadecimal digits."""
    return identity.hex[:12].upper()


def camera_mac(identity: uuid.UUID) -> str:
    """A locally administered unicast MAC address (IEEE 802: bit 1 of the first octet set, bit 0 clear)."""
    octets = bytearray(identity.bytes[-6:])
    octets[0] = (octets[0] | 0x02) & 0xFE
    return ":".join(f"{octet:02x}" for octet in octets)
