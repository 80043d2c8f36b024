"""HTTP and RTSP Digest access authentication (RFC 7616), SHA-256 and MD5, quality of protection `auth`."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
import secrets
import struct
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal
from urllib.parse import unquote, urlsplit

from vcam.base.clock import Clock

LIFETIME = 300.0
"""Seconds for which a nonce is good."""

_NONCES = 4096
_WINDOW = 64
_HEADER_LIMIT = 4096
_STAMP = struct.Struct("!Q16s")
_PAIR = re.compile(r'\s*([A-Za-z][A-Za-z0-9_-]*\*?)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))\s*(?:,|$)')
_ALGORITHMS = {"SHA-256": "sha256", "MD5": "md5"}


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a client's answer to a challenge; `user` is set only when it is granted."""

    outcome: Literal["granted", "absent", "stale", "wrong"]
    user: str | None = None


@dataclass(slots=True)
class _Use:
    """How often a nonce was used: the highest nonce count, and a bit for each of the 64 counts below it."""

    issued: int
    highest: int = 0
    seen: int = 0

    def take(self, count: int) -> bool:
        """Use `count`; false when it was used before, or lies too far back to know."""
        if count > self.highest:
            step = min(count - self.highest, _WINDOW)
            self.seen = (self.seen << step | 1) & ((1 << _WINDOW) - 1)
            self.highest = count
            return True
        back = self.highest - count
        if back >= _WINDOW or self.seen >> back & 1:
            return False
        self.seen |= 1 << back
        return True


def parse(header: str) -> dict[str, str] | None:
    """The fields of an Authorization header of the Digest scheme, keys in lower case; None when it is none."""
    scheme, _, rest = header.strip().partition(" ")
    if scheme.lower() != "digest" or len(header) > _HEADER_LIMIT:
        return None
    fields: dict[str, str] = {}
    at = 0
    while at < len(rest):
        found = _PAIR.match(rest, at)
        if found is None or found[1].lower() in fields:
            return None
        value = found[3] if found[2] is None else re.sub(r"\\(.)", r"\1", found[2])
        fields[found[1].lower()] = value
        at = found.end()
    extended = fields.pop("username*", None)
    if extended is not None and extended.upper().startswith("UTF-8''"):
        fields["username"] = unquote(extended[7:])
    return fields


def claimed(header: str | None) -> str:
    """Who the client of an Authorization header says that it is; empty where it does not."""
    fields = parse(header) if header else None
    return fields.get("username", "") if fields is not None else ""


def _path(uri: str) -> str:
    parts = urlsplit(uri)
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


class DigestAuthority:
    """Challenges clients and judges their answers.

    `lookup` gives the password of a user, or None. `lenient` is for RTSP, whose clients in the field sign the
    presentation's URL for each of its tracks, and leave the quality of protection out (RFC 2069).
    """

    def __init__(
        self,
        realm: str,
        lookup: Callable[[str], str | None],
        clock: Clock,
        *,
        lifetime: float = LIFETIME,
        lenient: bool = False,
    ) -> None:
        self._realm = realm.replace("\\", " ").replace('"', "'")
        self._lookup = lookup
        self._clock = clock
        self._lifetime = lifetime
        self._lenient = lenient
        self._key = secrets.token_bytes(32)
        self._uses: OrderedDict[str, _Use] = OrderedDict()
        self._floor = -1

    def knows(self, user: str) -> bool:
        """Whether there is such a user."""
        return self._lookup(user) is not None

    def challenges(self, header: str | None = None) -> list[str]:
        """Values for WWW-Authenticate, each for a header of its own: SHA-256 first, MD5 last.

        With the Authorization header that was refused, they tell the client when only its nonce was stale.
        """
        fields = parse(header) if header else None
        stale = fields is not None and self._issued(fields.get("nonce", "")) is None
        nonce = self._nonce()
        tail = ", stale=true" if stale else ""
        return [
            f'Digest realm="{self._realm}", nonce="{nonce}", algorithm={name}, qop="auth"{tail}'
            for name in _ALGORITHMS
        ]

    def verify(self, method: str, uri: str, header: str | None) -> str | None:
        """The user who signed this request, or None. `uri` is the request's target as it came."""
        return self.check(method, uri, header).user

    def check(self, method: str, uri: str, header: str | None) -> Answer:
        """As `verify`, and says why: only "wrong" is a failed attempt, the others belong to the protocol."""
        # The scheme's name is the same in any case (RFC 9110, 11.1).
        if not header or header.lower().split(maxsplit=1)[:1] != ["digest"]:
            return Answer("absent")
        fields = parse(header)
        if fields is None:
            return Answer("wrong")
        nonce = fields.get("nonce", "")
        issued = self._issued(nonce)
        if issued is None:
            return Answer("stale")
        if not self._signed(method, uri, fields):
            return Answer("wrong")
        if not self._fresh(nonce, issued, fields):
            return Answer("stale")
        return Answer("granted", fields["username"])

    def _signed(self, method: str, uri: str, fields: dict[str, str]) -> bool:
        name = _ALGORITHMS.get(fields.get("algorithm", "MD5").upper())
        given = fields.get("uri", "")
        user = fields.get("username", "")
        if name is None or fields.get("realm") != self._realm or not self._covers(given, uri):
            return False
        password = self._lookup(user)

        def digest(*parts: str) -> str:
            # Headers that are no UTF-8 come with surrogates in place of their odd bytes.
            data = ":".join(parts).encode(errors="surrogateescape")
            return hashlib.new(name, data, usedforsecurity=False).hexdigest()

        # An unknown user costs the same time as a wrong password.
        known = digest(user, self._realm, secrets.token_hex(16) if password is None else password)
        middle: tuple[str, ...] = (fields["nonce"],)
        if "qop" in fields:
            if fields["qop"].lower() != "auth" or not fields.get("cnonce") or "nc" not in fields:
                return False
            middle = (fields["nonce"], fields["nc"], fields["cnonce"], fields["qop"])
        elif not self._lenient:
            return False
        wanted = digest(known, *middle, digest(method, given))
        response = fields.get("response", "").lower().encode(errors="surrogateescape")
        right = hmac.compare_digest(wanted.encode(), response)
        return right and password is not None

    def _covers(self, signed: str, asked: str) -> bool:
        try:
            signed, asked = _path(signed), _path(asked)
        except ValueError:
            return False
        if signed == asked:
            return True
        return self._lenient and (asked + "/").startswith(signed.rstrip("/") + "/")

    def _fresh(self, nonce: str, issued: int, fields: dict[str, str]) -> bool:
        if "qop" not in fields:
            return True
        try:
            count = int(fields["nc"], 16)
        except ValueError:
            return False
        if not 0 < count < 1 << 32:
            return False
        use = self._uses.get(nonce)
        if use is None:
            use = self._uses[nonce] = _Use(issued)
            self._forget()
        return use.take(count)

    def _forget(self) -> None:
        """Let go of expired nonces and, past the bound, of the oldest, which then count as expired."""
        oldest = self._now() - round(self._lifetime * 1000)
        while self._uses:
            nonce, use = next(iter(self._uses.items()))
            if use.issued >= oldest and len(self._uses) <= _NONCES:
                return
            del self._uses[nonce]
            self._floor = max(self._floor, use.issued)

    def _now(self) -> int:
        return round(self._clock.monotonic() * 1000)

    def _seal(self, stamp: bytes) -> bytes:
        return hmac.digest(self._key, stamp, "sha256")[:18]

    def _nonce(self) -> str:
        stamp = _STAMP.pack(max(self._now(), 0), secrets.token_bytes(16))
        return base64.urlsafe_b64encode(stamp + self._seal(stamp)).decode()

    def _issued(self, nonce: str) -> int | None:
        """When this nonce was issued, in milliseconds of the monotonic clock; None when it is good no more."""
        try:
            raw = base64.b64decode(nonce.encode("ascii"), altchars=b"-_", validate=True)
        except (UnicodeEncodeError, binascii.Error):
            return None
        stamp, seal = raw[: _STAMP.size], raw[_STAMP.size :]
        if len(stamp) != _STAMP.size or not hmac.compare_digest(seal, self._seal(stamp)):
            return None
        issued = int(_STAMP.unpack(stamp)[0])
        live = self._floor < issued and self._now() - issued <= self._lifetime * 1000
        return issued if live else None
