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
    """`user` is who all failures claimed to be; None when they named several."""

    failures: int
    until: float
    last: float
    user: str | None


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
    """Failed logins by address, shared by all ways in to one device.

    A user who has shown the password is not slowed down by failures of others at the same address, and does not make
    them forgotten: who may look cannot go on guessing at an administrator's password.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._records: OrderedDict[str, _Record] = OrderedDict()
        self._right: OrderedDict[tuple[str, str], None] = OrderedDict()

    def wait(self, address: str, user: str = "") -> float:
        """Seconds for which one who claims to be `user` may not try from `address`; 0 when he may."""
        key = _key(address)
        record = self._records.get(key)
        if record is None or (key, user) in self._right:
            return 0.0
        return max(0.0, record.until - self._clock.monotonic())

    def failed(self, address: str, user: str = "") -> None:
        """A password from `address`, of one who claims to be `user`, was wrong."""
        now = self._clock.monotonic()
        key = _key(address)
        self._right.pop((key, user), None)
        record = self._records.pop(key, None)
        if record is None or now - max(record.last, record.until) > LONGEST:
            record = _Record(0, 0.0, now, user)
        record.failures += 1
        record.last = now
        if record.user != user:
            record.user = None
        if record.failures > FREE:
            # Beyond 2^16 the wait is at its longest anyway.
            record.until = now + min(LONGEST, FIRST * 2 ** min(record.failures - FREE - 1, 16))
        self._records[key] = record
        if len(self._records) > _ADDRESSES:
            self._records.popitem(last=False)

    def succeeded(self, address: str, user: str = "") -> None:
        """The password of `user` from `address` was right."""
        key = _key(address)
        record = self._records.get(key)
        if record is not None and record.user == user:
            del self._records[key]
        self._right[key, user] = None
        self._right.move_to_end((key, user))
        if len(self._right) > _ADDRESSES:
            self._right.popitem(last=False)
