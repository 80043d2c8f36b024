"""What the host says of its own network, which a virtual device tells on but never changes."""

from __future__ import annotations

import ipaddress
import struct
from dataclasses import dataclass
from pathlib import Path

_RESOLV = Path("/etc/resolv.conf")
_ROUTES = Path("/proc/net/route")
_GATEWAY_FLAG = 0x2


@dataclass(frozen=True, slots=True)
class Dns:
    """How the host resolves names: search domains, and addresses of servers (IPv4 and IPv6) in their order."""

    domains: tuple[str, ...] = ()
    servers: tuple[str, ...] = ()


def dns(path: Path = _RESOLV) -> Dns:
    """What resolv.conf says; nothing when it is absent."""
    domains: tuple[str, ...] = ()
    servers = []
    for line in _lines(path):
        key, *values = line.split()
        if key in {"search", "domain"}:
            domains = tuple(values)
        elif key == "nameserver" and values:
            try:
                # An IPv6 address may name its interface, which means nothing elsewhere.
                servers.append(str(ipaddress.ip_address(values[0].partition("%")[0])))
            except ValueError:
                continue
    return Dns(domains, tuple(servers))


def gateways(path: Path = _ROUTES) -> tuple[str, ...]:
    """IPv4 addresses of the default gateways, as the kernel's table of routes has them."""
    found = []
    for line in _lines(path)[1:]:
        _, destination, gateway, flags, *_ = line.split()
        if destination == "00000000" and int(flags, 16) & _GATEWAY_FLAG:
            # The kernel writes the address as a number in the byte order of the machine.
            found.append(str(ipaddress.IPv4Address(struct.pack("=L", int(gateway, 16)))))
    return tuple(dict.fromkeys(found))


def _lines(path: Path) -> list[str]:
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return []
    lines = (line.partition("#")[0].partition(";")[0].strip() for line in text.splitlines())
    return [line for line in lines if line]
