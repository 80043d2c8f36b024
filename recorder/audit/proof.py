"""Documents that prove something of the log to who has neither the log nor this product's database."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from recorder.audit.entry import leaf_hash
from recorder.audit.head import Head
from recorder.audit.heads import latest, leaves
from recorder.audit.merkle import SIZE, consistency, extends, includes, inclusion
from recorder.audit.tables import entry
from vcam.base.canonical import Json
from vcam.base.errors import CustodyError

_INCLUSION = "garim audit inclusion"
_CONSISTENCY = "garim audit consistency"


@dataclass(frozen=True, slots=True)
class Checked:
    """What a document says, its signatures and hashes being right. Whose keys they are, the caller must know."""

    what: str
    head: Head
    keys: frozenset[bytes]
    entry: str | None = None
    """The entry's body, where the document proves that it is in the log."""


def prove(connection: Connection, number: int) -> Mapping[str, Json]:
    """That entry `number` is in the log, by RFC 6962, 2.1.1. Hashes all entries. Raises CustodyError."""
    head = _latest(connection)
    if not 0 <= number < head.size:
        raise CustodyError(
            f"No head covers an entry {number} yet; the last one covers {head.size}, counted from 0",
            mend="Give a lower number, or sign a head with 'garim audit head --new'",
        )
    hashes = list(leaves(connection, end=head.size))
    body = connection.scalar(select(entry.c.body).where(entry.c.number == number))
    _complete(hashes, head)
    return {
        "kind": _INCLUSION,
        "number": number,
        "body": body,
        "path": [each.hex() for each in inclusion(hashes, number)],
        "head": _said(head),
    }


def prove_consistency(connection: Connection, old: Head) -> Mapping[str, Json]:
    """That the log under the last head begins with that under `old`, by RFC 6962, 2.1.2. Raises CustodyError."""
    head = _latest(connection)
    if old.size > head.size:
        raise CustodyError(
            f"The head covers {old.size} entries, the log's last one {head.size}: the log's tail was cut",
            mend="Run 'garim audit verify' with that head",
        )
    hashes = list(leaves(connection, end=head.size))
    _complete(hashes, head)
    path = consistency(hashes, old.size)
    if not extends(old.root, old.size, head.root, head.size, path):
        raise CustodyError(
            f"The log does not begin with what the head over {old.size} entries says: it was changed",
            mend="Run 'garim audit verify' with that head",
        )
    return {"kind": _CONSISTENCY, "old": _said(old), "path": [each.hex() for each in path], "head": _said(head)}


def check(text: str) -> Checked:
    """What the document `text` proves. Needs nothing but the document. Raises CustodyError."""
    try:
        found = json.loads(text)
        kind, head = found["kind"], _read(found["head"])
        path = [_hash(each) for each in found["path"]]
        if kind == _INCLUSION:
            return _included(found["number"], found["body"], path, head)
        if kind == _CONSISTENCY:
            return _consistent(_read(found["old"]), path, head)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        pass
    raise CustodyError(
        "This is no proof of an audit log", mend="Give a file that 'garim audit prove' has written"
    )


def _included(number: int, body: str, path: Sequence[bytes], head: Head) -> Checked:
    _signed(head)
    if not includes(head.root, head.size, leaf_hash(body.encode()), number, path):
        raise CustodyError(
            "The entry is not what the signed head covers",
            mend="Entry, path or head were changed: ask for it again",
        )
    what = f"Entry {number} is in the log of {head.size} entries"
    return Checked(what, head, frozenset({head.key}), body)


def _consistent(old: Head, path: Sequence[bytes], head: Head) -> Checked:
    _signed(old)
    _signed(head)
    if not extends(old.root, old.size, head.root, head.size, path):
        raise CustodyError(
            "The later log does not begin with the earlier one", mend="The log, or the document, was changed"
        )
    what = f"The log of {head.size} entries begins with that of {old.size}"
    return Checked(what, head, frozenset({old.key, head.key}))


def _latest(connection: Connection) -> Head:
    found = latest(connection)
    if not found:
        raise CustodyError("The log has no head yet", mend="Sign one with 'garim audit head --new'")
    return found[0]


def _complete(hashes: Sequence[bytes], head: Head) -> None:
    if len(hashes) != head.size:
        raise CustodyError(
            f"The last head covers {head.size} entries, but {len(hashes)} of them are there",
            mend="Run 'garim audit verify'",
        )


def _signed(head: Head) -> None:
    if not head.genuine:
        raise CustodyError(
            f"The head over {head.size} entries has a wrong signature", mend="Ask for the document again"
        )


def _said(head: Head) -> Mapping[str, Json]:
    return {
        "size": head.size,
        "time": head.time,
        "root": head.root.hex(),
        "key": head.key.hex(),
        "signature": base64.b64encode(head.signature).decode(),
    }


def _read(said: Mapping[str, Any]) -> Head:
    size, time = said["size"], said["time"]
    if type(size) is not int or type(time) is not int:
        raise ValueError
    signature = base64.b64decode(said["signature"], validate=True)
    return Head(size, time, _hash(said["root"]), _hash(said["key"]), signature)


def _hash(text: str) -> bytes:
    found = bytes.fromhex(text)
    if len(found) != SIZE:
        raise ValueError
    return found
