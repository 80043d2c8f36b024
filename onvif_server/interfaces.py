"""The addresses of this host."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass

import ifaddr


@dataclass(frozen=True, slots=True)
class Interface:
    """One IPv4 address of this host. `index` is the kernel's number of its interface."""

    name: str
    index: int
    address: str
    prefix: int

    @property
    def network(self) -> ipaddress.IPv4Network:
        """The network that is reached directly through it."""
        return ipaddress.IPv4Network((self.address, self.prefix), strict=False)


def interfaces() -> list[Interface]:
    """All IPv4 addresses of this host, loopback included."""
    return [
        Interface(adapter.name, adapter.index or 0, ip.ip, ip.network_prefix)
        for adapter in ifaddr.get_adapters()
        for ip in adapter.ips
        if isinstance(ip.ip, str)
    ]
