"""Where each virtual camera listens: one port of the host for each, or the usual ports of an address of its own."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeGuard

ANY = frozenset({"0.0.0.0", "::", ""})  # noqa: S104  These are recognised, not listened on.
"""Addresses to listen on that mean every address of the host."""


@dataclass(frozen=True, slots=True)
class Door:
    """One kind of port. `key` names it in a camera's table, `base` in the table of the site's settings.

    `first` is the port of the first camera by default, `usual` that of a camera with an address of its own.
    """

    key: str
    base: tuple[str, ...]
    first: int
    usual: int
    secure: bool = False


ONVIF = Door("onvif_port", ("onvif", "port"), 8081, 80)
RTSP = Door("rtsp_port", ("onvif", "rtsp_port"), 8554, 554)
HTTPS = Door("https_port", ("onvif", "tls", "https_port"), 8443, 443, secure=True)
RTSPS = Door("rtsps_port", ("onvif", "tls", "rtsps_port"), 8322, 322, secure=True)
DOORS = (ONVIF, RTSP, HTTPS, RTSPS)


@dataclass(frozen=True, slots=True)
class Place:
    """Where one camera listens by one door: `port` 0 is any that is free. `own` says that its settings name it."""

    camera: int
    door: Door
    host: str
    port: int
    own: bool

    def meets(self, other: Place) -> bool:
        """Whether both cannot listen at once."""
        same = self.host == other.host or bool({self.host, other.host} & ANY)
        return same and self.port == other.port != 0


def places(data: Mapping[str, Any]) -> Iterator[Place]:
    """Where the cameras of the settings `data`, as read from TOML, listen. Values of wrong types are passed over."""
    cameras = data.get("camera")
    host = _at(data, ("onvif", "bind"), "0.0.0.0")  # noqa: S104  The default of onvif.bind.
    secure = _at(data, ("onvif", "tls", "enabled"), False) is True
    for door in DOORS:
        if door.secure and not secure:
            continue
        first = _at(data, door.base, door.first)
        for number, camera in enumerate(cameras if isinstance(cameras, list) else []):
            if not isinstance(camera, Mapping):
                continue
            own, address = camera.get(door.key), camera.get("address")
            where = address if isinstance(address, str) else str(host)
            if own is not None:
                if _is_port(own):
                    yield Place(number, door, where, own, own=True)
            elif isinstance(address, str):
                yield Place(number, door, where, door.usual, own=False)
            elif first == 0 or _is_port(first):
                yield Place(number, door, where, first + number if first else 0, own=False)


def _at(data: Mapping[str, Any], path: tuple[str, ...], default: object) -> object:
    value: object = data
    for key in path:
        if not isinstance(value, Mapping) or key not in value:
            return default
        value = value[key]
    return value


def _is_port(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value <= 65535


def own_address(value: str) -> str:
    """`value` in its usual spelling. Raises ValueError unless it can be the address of one camera."""
    try:
        address = ipaddress.IPv4Address(value)
    except ValueError:
        raise ValueError("is no IPv4 address; write it as 192.0.2.21, without a prefix") from None
    if address.is_multicast or address.is_unspecified or address == ipaddress.IPv4Address("255.255.255.255"):
        raise ValueError("is no address of one host")
    return str(address)
