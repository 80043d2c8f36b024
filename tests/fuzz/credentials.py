"""Credentials of requests: right ones as clients send them."""

from __future__ import annotations

import base64
import hashlib
import random
import re
from datetime import UTC, datetime

from lxml import etree

from onvif_server.username_token import DIGEST, WSSE, WSU
from tests.fuzz.subject import PASSWORD, USER
from vcam.base.clock import Clock


def _md5(*parts: str) -> str:
    return hashlib.md5(":".join(parts).encode(), usedforsecurity=False).hexdigest()


class Digest:
    """Signs requests by HTTP Digest with MD5, with one nonce as long as it is good."""

    def __init__(self) -> None:
        self._fields: dict[str, str] = {}
        self._count = 0

    def challenged(self, challenge: str) -> None:
        """Take the fields of a WWW-Authenticate value."""
        self._fields, self._count = dict(re.findall(r'(\w+)="?([^",]*)"?', challenge)), 0

    def sign(self, method: str, uri: str) -> str:
        """The Authorization value for a request; empty before the first challenge."""
        if not self._fields:
            return ""
        self._count += 1
        realm, nonce, count = self._fields["realm"], self._fields["nonce"], f"{self._count:08x}"
        response = _md5(_md5(USER, realm, PASSWORD), nonce, count, "c", "auth", _md5(method, uri))
        return (
            f'Digest username="{USER}", realm="{realm}", nonce="{nonce}", uri="{uri}", algorithm=MD5, '
            f'qop=auth, nc={count}, cnonce="c", response="{response}"'
        )


def token(chance: random.Random, clock: Clock) -> etree._Element:
    """A wsse:Security header with a fresh UsernameToken."""
    nonce = chance.randbytes(16)
    created = datetime.fromtimestamp(clock.utc() / 1e6, UTC).isoformat()
    digest = hashlib.sha1(nonce + created.encode() + PASSWORD.encode(), usedforsecurity=False).digest()
    security = etree.Element(f"{{{WSSE}}}Security")
    inner = etree.SubElement(security, f"{{{WSSE}}}UsernameToken")
    etree.SubElement(inner, f"{{{WSSE}}}Username").text = USER
    etree.SubElement(inner, f"{{{WSSE}}}Password", Type=DIGEST).text = base64.b64encode(digest).decode()
    etree.SubElement(inner, f"{{{WSSE}}}Nonce").text = base64.b64encode(nonce).decode()
    etree.SubElement(inner, f"{{{WSU}}}Created").text = created
    return security
