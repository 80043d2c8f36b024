"""Slows down whoever guesses passwords: after some failures an address must wait, each time twice as long."""

from __future__ import annotations

import ipaddress
from collections import OrderedDict
from dataclasses import dataclass

from vcam.base.clock import Clock

FREE = 5
"""Failures in a row that cost nothing."""
FIRST = 1.0
"""Seconds of the first wait."""
LONGEST = 300.0
"""Seconds of the longest wait, and of the quiet after which failures are forgotten."""

_ADDRESSES = 10_000


@dataclass(slots=True)
class _Record:
    failures: int
    until: float
    last: float


def _key(address: str) -> str:
    """The unit that is slowed down: an IPv4 address, or an IPv6 network of 64 bits, which one host owns whole."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if parsed.version == 4:
        return str(parsed)
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.ip_network((parsed, 64), strict=False))


class Lockout:
    """Failed logins by address, shared by all ways in to one device."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._records: OrderedDict[str, _Record] = OrderedDict()

    def wait(self, address: str) -> float:
        """Seconds for which `address` may not try; 0 when it may."""
        record = self._records.get(_key(address))
        return max(0.0, record.until - self._clock.monotonic()) if record else 0.0

    def failed(self, address: str) -> None:
        """A password from `address` was wrong."""
        now = self._clock.monotonic()
        key = _key(address)
        record = self._records.pop(key, None)
        if record is None or now - max(record.last, record.until) > LONGEST:
            record = _Record(0, 0.0, now)
        record.failures += 1
        record.last = now
        if record.failures > FREE:
            # Beyond 2^16 the wait is at its longest anyway.
            record.until = now + min(LONGEST, FIRST * 2 ** min(record.failures - FREE - 1, 16))
        self._records[key] = record
        if len(self._records) > _ADDRESSES:
            self._records.popitem(last=False)

    def succeeded(self, address: str) -> None:
        """A password from `address` was right."""
        self._records.pop(_key(address), None)
