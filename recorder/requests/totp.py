"""One-time codes by time as a second factor (RFC 6238, with HMAC-SHA-1, which every authenticator knows)."""

from __future__ import annotations

import base64
import hmac
import secrets
from typing import Final
from urllib.parse import quote

STEP: Final = 30
"""Seconds that a code counts."""
DIGITS: Final = 6
_SLACK: Final = 1
"""Steps by which the authenticator's clock may be off, either way."""


def new_secret() -> bytes:
    """A secret of 20 bytes, the length of HMAC-SHA-1's output (RFC 4226, 4)."""
    return secrets.token_bytes(20)


def code(secret: bytes, step: int, digits: int = DIGITS) -> str:
    """The code of time step number `step` (RFC 4226, 5.3)."""
    mac = hmac.digest(secret, step.to_bytes(8, "big"), "sha1")
    at = mac[-1] & 0x0F
    number = int.from_bytes(mac[at : at + 4], "big") & 0x7FFFFFFF
    return f"{number % 10**digits:0{digits}d}"


def step_at(time: int) -> int:
    """The time step that `time` (us UTC) lies in."""
    return time // (STEP * 1_000_000)


def verify(secret: bytes, given: str, time: int, last: int) -> int | None:
    """The time step whose code `given` is, at `time` (us UTC); None when it is wrong.

    Steps up to `last` count no more: a code is good once (RFC 6238, 5.2).
    """
    now = step_at(time)
    found = None
    for step in range(now - _SLACK, now + _SLACK + 1):
        same = hmac.compare_digest(code(secret, step).encode(), given.strip().encode("utf-8", "replace"))
        if same and step > last:
            found = step
    return found


def provisioning(secret: bytes, person: str, site: str) -> str:
    """The otpauth URI that an authenticator takes, typed or as a QR code."""
    text = base64.b32encode(secret).decode().rstrip("=")
    label = quote(f"{site}:{person}", safe="")
    return f"otpauth://totp/{label}?secret={text}&issuer={quote(site, safe='')}&digits={DIGITS}&period={STEP}"
