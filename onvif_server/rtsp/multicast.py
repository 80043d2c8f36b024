"""Where a track is sent to all who listen."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass

from vcam.base.errors import ServeError


@dataclass(frozen=True, slots=True)
class Multicast:
    """An IPv4 group. RTP goes to `port`, which is even, RTCP to the next; `ttl` counts routers that let it pass.

    Raises ServeError for what is no such group.
    """

    address: str
    port: int
    ttl: int = 1

    def __post_init__(self) -> None:
        try:
            group = ipaddress.IPv4Address(self.address).is_multicast
        except ValueError:
            group = False
        if not group:
            raise ServeError(
                f"{self.address!r} is no IPv4 multicast address",
                mend="Choose one from 224.0.0.0 to 239.255.255.255",
            )
        if self.port % 2 or not 1024 <= self.port <= 65_534:
            raise ServeError(
                f"RTP cannot be sent to port {self.port}", mend="Choose an even one from 1024 to 65534"
            )
        if not 1 <= self.ttl <= 255:
            raise ServeError(f"A multicast TTL cannot be {self.ttl}", mend="Choose one from 1 to 255")

    @property
    def ports(self) -> tuple[int, int]:
        """Of RTP and of RTCP."""
        return self.port, self.port + 1

    def beside(self) -> Multicast:
        """The same group, at the next pair of ports."""
        return Multicast(self.address, self.port + 2 if self.port < 65_534 else self.port - 2, self.ttl)
