"""Takes credentials out of text before it is shown or logged. When in doubt it takes out too much."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from pathlib import PurePath

HIDDEN = "***"

_CREDENTIAL = r"pass(?:word|wd|phrase)|pwd|secret|token|credentials?|api[_-]?key"
_KEY = re.compile(rf"{_CREDENTIAL}|authori[sz]ation|cookie", re.IGNORECASE)

_USERINFO = re.compile(r"(?P<scheme>[a-z][a-z0-9+.-]*://)\S*@", re.IGNORECASE)
_AGE_IDENTITY = re.compile(r"AGE-(?:SECRET-KEY|PLUGIN-[A-Z0-9]*)-1[A-Z0-9]*", re.IGNORECASE)
_DIGEST = re.compile(r"\bDigest\s+(?=[a-z]+\s*=)[^\r\n]*", re.IGNORECASE)
_BASIC = re.compile(r"\bBasic\s+(?P<pair>[A-Za-z0-9+/]{2,}={0,2})", re.IGNORECASE)
_BEARER = re.compile(r"\bBearer\s+[A-Za-z0-9._~+/-]{8,}=*", re.IGNORECASE)
_XML = re.compile(r"(?P<open><(?:[\w.-]+:)?(?:Password|Nonce)\b[^>]*>)[^<]*", re.IGNORECASE)
_ASSIGNED = re.compile(
    rf"""(?P<name>(?:{_CREDENTIAL})["']?\s*(?:=\s*|:\s*(?=["'])))(?!\*\*\*)(?:"[^"]*"|'[^']*'|[^\s&,;"'<>{{]+)""",
    re.IGNORECASE,
)


def is_secret_name(name: str) -> bool:
    """Whether a key of that name holds a credential."""
    return _KEY.search(name) is not None


def redact(text: str) -> str:
    """`text` with every credential in it replaced by `***`.

    That is: user and password of URLs, passwords and tokens in queries or assignments, HTTP Authorization values
    (RFC 7616, 7617, 6750), WS-Security passwords, and age identities.
    """
    text = _USERINFO.sub(rf"\g<scheme>{HIDDEN}@", text)
    text = _AGE_IDENTITY.sub(HIDDEN, text)
    text = _DIGEST.sub(f"Digest {HIDDEN}", text)
    text = _BASIC.sub(_redact_basic, text)
    text = _BEARER.sub(f"Bearer {HIDDEN}", text)
    text = _XML.sub(rf"\g<open>{HIDDEN}", text)
    return _ASSIGNED.sub(rf"\g<name>{HIDDEN}", text)


def _redact_basic(match: re.Match[str]) -> str:
    """A pair of user and password has a colon once it is decoded; an English word has none."""
    pair = match["pair"]
    try:
        decoded = base64.b64decode(pair + "=" * (-len(pair) % 4))
    except binascii.Error:
        return match[0]
    return f"Basic {HIDDEN}" if b":" in decoded else match[0]


def redact_value(value: object) -> object:
    """`value`, fit to be logged: text redacted, bytes as their number, whatever it holds likewise."""
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, bytes | bytearray | memoryview):
        return f"{len(value)} bytes"
    if isinstance(value, Mapping):
        return {
            str(key): HIDDEN if is_secret_name(str(key)) else redact_value(item) for key, item in value.items()
        }
    if isinstance(value, list | tuple | set | frozenset):
        return [redact_value(item) for item in value]
    return redact(str(value) if isinstance(value, str | PurePath | BaseException) else repr(value))
