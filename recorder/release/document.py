"""Asks and answers as files: canonical JSON, an ask signed by the institution's key.

An ask tells one custodian what is to be opened and why, and holds his shares of the epochs in scope and no others.
An answer holds those shares, encrypted to the release's one-time recipient.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from dataclasses import dataclass
from typing import Any, Self

from recorder.layout import LONGEST
from recorder.scope import Scope, epoch_id
from recorder.signing import PublicKey, SigningKey
from vcam.base.canonical import Json, canonical
from vcam.base.errors import CustodyError

_ASK = "garim-ask"
_ANSWER = "garim-answer"
_VERSION = 1
MOST = 64 << 20
"""Bytes of an ask or an answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What is asked of every custodian alike. Times in us UTC."""

    release: str
    request: str
    basis: str
    purpose: str
    scope: Scope
    recipient: str
    """One-time public key to answer to."""
    created: int
    expires: int

    def json(self) -> dict[str, Json]:
        """As it stands in the document."""
        return {
            "release": self.release,
            "request": self.request,
            "basis": self.basis,
            "purpose": self.purpose,
            "scope": {
                "cameras": list(self.scope.cameras),
                "start": self.scope.start,
                "end": self.scope.end,
            },
            "recipient": self.recipient,
            "created": self.created,
            "expires": self.expires,
        }

    @classmethod
    def parse(cls, value: Any) -> Self:
        """From JSON. Raises CustodyError."""
        try:
            scope = value["scope"]
            texts = {
                name: _text(value[name]) for name in ("release", "request", "basis", "purpose", "recipient")
            }
            return cls(
                **texts,
                scope=Scope(tuple(map(_text, scope["cameras"])), int(scope["start"]), int(scope["end"])),
                created=int(value["created"]),
                expires=int(value["expires"]),
            )
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise _broken() from error

    def covers(self, epoch: str) -> bool:
        """Whether an epoch may hold what the scope reaches: its own hours, and the one before it when a segment
        that began there may last into it."""
        camera = epoch.partition("/")[0]
        start = max(0, self.scope.start - LONGEST)
        first, last = epoch_id(camera, start), epoch_id(camera, self.scope.end - 1)
        return camera in self.scope.cameras and first <= epoch <= last


@dataclass(frozen=True, slots=True)
class Ask:
    """What one custodian is asked. `shares` are his, by epoch, each an age file to his recipient."""

    case: Case
    custodian: str
    shares: dict[str, bytes]

    def outside(self) -> list[str]:
        """Epochs that the stated scope does not account for. Segments that were sealed to another hour's key while
        the share store could not be written are such."""
        return [epoch for epoch in self.shares if not self.case.covers(epoch)]

    def dump(self, key: SigningKey) -> bytes:
        """The file for the custodian, signed by the institution's `key`."""
        document: dict[str, Json] = {
            "kind": _ASK,
            "version": _VERSION,
            "case": self.case.json(),
            "custodian": self.custodian,
            "shares": {epoch: base64.b64encode(sealed).decode() for epoch, sealed in self.shares.items()},
        }
        signature = key.sign(canonical(document))
        return canonical(
            {
                "document": document,
                "key": base64.b64encode(key.public.raw).decode(),
                "signature": base64.b64encode(signature).decode(),
            }
        )


@dataclass(frozen=True, slots=True)
class ReadAsk:
    """An ask as a custodian has it: `key` is the public key that signed it, `digest` names the whole file."""

    ask: Ask
    key: bytes
    digest: str


def fingerprint(key: bytes) -> str:
    """A public key in 8 groups of 4 hexadecimal digits, to be compared by eye: SHA-256, cut to 128 bits."""
    text = hashlib.sha256(key).hexdigest()[:32]
    return " ".join(text[at : at + 4] for at in range(0, 32, 4))


def read_ask(data: bytes, institution: bytes | None = None) -> ReadAsk:
    """Read an ask whose signature is right. With `institution`, its public key, by that key alone.

    Raises CustodyError when it was altered or somebody else has signed it.
    """
    value = _load(data)
    try:
        document = value["document"]
        key = _bytes(value["key"])
        signature = _bytes(value["signature"])
        signed = canonical(document)
        whole = canonical(value)
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise _broken() from error
    if institution is not None and key != institution:
        raise CustodyError(
            f"The ask is signed by another key than the institution's ({fingerprint(key)})",
            mend="Do not answer it; tell the institution",
        )
    if whole != data or not PublicKey(b"", key).verify(signature, signed):
        raise CustodyError(
            "The ask was altered after it was signed", mend="Do not answer it; tell the institution"
        )
    try:
        if (document["kind"], document["version"]) != (_ASK, _VERSION):
            raise _broken()
        shares = {_text(e): _bytes(s) for e, s in document["shares"].items()}
        ask = Ask(Case.parse(document["case"]), _text(document["custodian"]), shares)
    except (KeyError, TypeError, AttributeError, binascii.Error) as error:
        raise _broken() from error
    return ReadAsk(ask, key, hashlib.sha256(data).hexdigest())


@dataclass(frozen=True, slots=True)
class Answer:
    """One custodian's answer. `sealed` is an age file to the release's recipient: see `pack_shares`."""

    release: str
    custodian: str
    sealed: bytes

    def dump(self) -> bytes:
        """The file for the institution."""
        return canonical(
            {
                "kind": _ANSWER,
                "version": _VERSION,
                "release": self.release,
                "custodian": self.custodian,
                "sealed": base64.b64encode(self.sealed).decode(),
            }
        )

    @classmethod
    def load(cls, data: bytes) -> Self:
        """Read an answer. Raises CustodyError."""
        value = _load(data)
        try:
            if (value["kind"], value["version"]) != (_ANSWER, _VERSION):
                raise _broken()
            sealed = _bytes(value["sealed"])
            return cls(_text(value["release"]), _text(value["custodian"]), sealed)
        except (KeyError, TypeError, ValueError) as error:
            raise _broken() from error


def pack_shares(release: str, custodian: str, shares: list[bytes]) -> bytes:
    """The plaintext of an answer."""
    texts: list[Json] = [base64.b64encode(share).decode() for share in shares]
    return canonical({"release": release, "custodian": custodian, "shares": texts})


def unpack_shares(data: bytes, release: str, custodian: str) -> list[bytes]:
    """What `pack_shares` took. Raises CustodyError when it is of another release or custodian."""
    value = _load(data)
    try:
        if (value["release"], value["custodian"]) != (release, custodian):
            raise CustodyError(
                "The answer is of another release or custodian", mend="Let the custodian answer the ask again"
            )
        return [_bytes(share) for share in value["shares"]]
    except (KeyError, TypeError, ValueError) as error:
        raise _broken() from error


def _load(data: bytes) -> Any:
    try:
        return json.loads(data) if len(data) <= MOST else None
    except (ValueError, RecursionError) as error:
        raise _broken() from error


def _bytes(value: Any) -> bytes:
    """What canonical base64 says: of the several ways to write the same bytes only one counts."""
    data = base64.b64decode(_text(value), validate=True)
    if base64.b64encode(data).decode() != value:
        raise ValueError("base64 is not canonical")
    return data


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("no text")
    return value


def _broken() -> CustodyError:
    return CustodyError("This is no ask or answer of a release", mend="Give the file as it was received")
