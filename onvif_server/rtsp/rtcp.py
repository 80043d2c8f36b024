"""RTCP (RFC 3550, 6): sender reports and farewells out, signs of life in."""

from __future__ import annotations

import struct

_SENDER_REPORT = 200
_DESCRIPTION = 202
_BYE = 203
_TYPES = range(200, 208)
_PAYLOAD_FEEDBACK = 206
_KEY_FORMATS = frozenset({1, 4})
_CNAME = 1
_NTP_EPOCH = 2_208_988_800
"""Seconds from 1900 to 1970."""


def ntp(time: int) -> int:
    """Microseconds UTC since 1970 as a 64-bit NTP timestamp, seconds in the upper half (RFC 3550, 4)."""
    seconds, micro = divmod(time, 1_000_000)
    return ((seconds + _NTP_EPOCH) & 0xFFFF_FFFF) << 32 | (micro << 32) // 1_000_000


def sender_report(ssrc: int, cname: str, *, time: int, timestamp: int, packets: int, octets: int) -> bytes:
    """A sender report with its source description.

    `time` (microseconds UTC) and `timestamp` (RTP) are the same instant of capture, so that a receiver
    can tell when each picture was taken. `packets` and `octets` count what this receiver was sent.
    """
    report = struct.pack(
        "!BBHIQIII",
        0x80,
        _SENDER_REPORT,
        6,
        ssrc,
        ntp(time),
        timestamp,
        packets & 0xFFFF_FFFF,
        octets & 0xFFFF_FFFF,
    )
    return report + _description(ssrc, cname)


def bye(ssrc: int, cname: str) -> bytes:
    """The compound packet that ends a source: an empty receiver report, a description, BYE."""
    empty = struct.pack("!BBHI", 0x80, 201, 1, ssrc)
    return empty + _description(ssrc, cname) + struct.pack("!BBHI", 0x81, _BYE, 1, ssrc)


def is_rtcp(data: bytes) -> bool:
    """Whether this looks like a compound RTCP packet (RFC 3550, A.2)."""
    return len(data) >= 4 and data[0] >> 6 == 2 and data[1] in _TYPES and len(data) % 4 == 0


def wants_key(data: bytes) -> bool:
    """Whether a compound packet asks for an IDR picture: PLI (RFC 4585, 6.3.1) or FIR (RFC 5104, 4.3.1)."""
    at = 0
    while at + 4 <= len(data):
        if data[at + 1] == _PAYLOAD_FEEDBACK and data[at] & 0x1F in _KEY_FORMATS:
            return True
        at += 4 + 4 * int.from_bytes(data[at + 2 : at + 4], "big")
    return False


def _description(ssrc: int, cname: str) -> bytes:
    text = cname.encode()[:255]
    item = struct.pack("!IBB", ssrc, _CNAME, len(text)) + text + b"\x00"
    item += bytes(-len(item) % 4)
    return struct.pack("!BBH", 0x81, _DESCRIPTION, len(item) // 4) + item
