"""WS-Security UsernameToken with a password digest (OASIS UsernameToken Profile 1.0, as ONVIF Core asks)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
from collections import OrderedDict
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import islice

from lxml import etree

from onvif_server.digest import Answer
from vcam.base.clock import Clock

WSSE = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
"""Namespace of the security header."""
WSU = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd"
"""Namespace of its time stamps."""
DIGEST = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-username-token-profile-1.0#PasswordDigest"
"""The only password type that is accepted: the others put the password itself on the wire."""
SKEW = 300.0
"""Seconds by which a client's clock may differ from ours."""

_NONCES = 65_536
_NONCE_LIMIT = 128


def _created(text: str) -> float | None:
    """Seconds since 1970 of an xs:dateTime; without a zone it is UTC, as clients in the field mean it."""
    try:
        moment = datetime.fromisoformat(text.strip())
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        return moment.timestamp()
    except (ValueError, OverflowError):
        return None


def claimed(security: etree._Element | None) -> str:
    """Who the client of a wsse:Security header says that it is; empty where it does not."""
    token = security.find(f"{{{WSSE}}}UsernameToken") if security is not None else None
    return (token.findtext(f"{{{WSSE}}}Username") or "") if token is not None else ""


class UsernameTokens:
    """Judges tokens, each of which is good once. `lookup` gives the password of a user, or None."""

    def __init__(self, lookup: Callable[[str], str | None], clock: Clock) -> None:
        self._lookup = lookup
        self._clock = clock
        self._used: OrderedDict[bytes, float] = OrderedDict()

    def check(self, security: etree._Element) -> Answer:
        """What the wsse:Security header of a request proves.

        "stale" means that the client's clock is off, or that the token was used before.
        """
        token = security.find(f"{{{WSSE}}}UsernameToken")
        if token is None:
            return Answer("absent")
        user = token.findtext(f"{{{WSSE}}}Username") or ""
        password = token.find(f"{{{WSSE}}}Password")
        created = token.findtext(f"{{{WSU}}}Created") or ""
        try:
            nonce = base64.b64decode((token.findtext(f"{{{WSSE}}}Nonce") or "").strip(), validate=True)
        except (binascii.Error, ValueError):
            return Answer("wrong")
        if password is None or password.get("Type") != DIGEST or not 0 < len(nonce) <= _NONCE_LIMIT:
            return Answer("wrong")
        moment = _created(created)
        if moment is None or abs(moment - self._clock.utc() / 1e6) > SKEW:
            return Answer("stale")
        if not self._signed(user, nonce, created, (password.text or "").strip()):
            return Answer("wrong")
        return Answer("granted", user) if self._first(nonce, created, moment) else Answer("stale")

    def _signed(self, user: str, nonce: bytes, created: str, given: str) -> bool:
        password = self._lookup(user)
        # An unknown user costs the same time as a wrong password.
        secret = (secrets.token_hex(16) if password is None else password).encode()
        digest = hashlib.sha1(nonce + created.encode() + secret, usedforsecurity=False).digest()
        wanted = base64.b64encode(digest)
        return hmac.compare_digest(wanted, given.encode()) and password is not None

    def _first(self, nonce: bytes, created: str, moment: float) -> bool:
        now = self._clock.utc() / 1e6
        for key, until in list(islice(self._used.items(), 8)):
            if until < now:
                del self._used[key]
        # Just what the digest is over: the same digest must not serve again, be the end of the nonce put before the
        # time, or another user named who has the same password.
        key = nonce + created.encode()
        # When the cache is full of tokens that are still good, none is forgotten and no more is accepted.
        if key in self._used or len(self._used) >= _NONCES:
            return False
        self._used[key] = moment + SKEW
        return True
