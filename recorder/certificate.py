"""Certificates of destruction: what the log says was destroyed, in one document that the institution signs.

They are made when somebody asks, from the log alone: a crash can lose none, and none can say more than the log does.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select

from recorder.audit.entry import Action
from recorder.audit.tables import entry
from recorder.database import Database
from recorder.evidence import minisign
from recorder.signing import SigningKey
from vcam.base.canonical import Json, canonical
from vcam.base.errors import CustodyError

FORM = "garim destruction certificate 1"
_ACTIONS = (Action.PURGED, Action.PURGED_EARLY, Action.SHREDDED)
METHOD = "files unlinked, folders synchronised"
METHOD_OF_KEYS = "shares of the keys of the epochs named overwritten in the share store"


@dataclass(frozen=True, slots=True)
class Certificate:
    """`document` is canonical JSON (RFC 8785), and `signature` the text of a minisign signature file over it."""

    document: bytes
    signature: str


def certify(
    database: Database,
    key: SigningKey,
    start: int,
    end: int,
    *,
    institution: str,
    now: int,
    camera: str | None = None,
) -> Certificate:
    """What was destroyed in [start, end), us UTC, of one camera or of all, as the log tells it.

    Each line repeats an entry of the log with its number and the hash of its leaf, so that a proof of inclusion
    (RFC 6962, 2.1.1) binds the certificate to the log. Raises CustodyError when nothing was destroyed.
    """
    query = (
        select(entry.c.number, entry.c.leaf, entry.c.body)
        .where(
            entry.c.action.in_([action.value for action in _ACTIONS]), entry.c.time >= start, entry.c.time < end
        )
        .order_by(entry.c.number)
    )
    if camera is not None:
        query = query.where(entry.c.subject == f"camera/{camera}")
    with database.read() as connection:
        rows = connection.execute(query).all()
    if not rows:
        raise CustodyError("Nothing was destroyed in that time", mend="Choose another time, or no camera")
    document: dict[str, Json] = {
        "form": FORM,
        "institution": institution,
        "issued": now,
        "start": start,
        "end": end,
        "method": _method(row.body for row in rows),
        "key": key.public.raw.hex(),
        "destroyed": [_line(row.number, row.leaf, row.body) for row in rows],
    }
    if camera is not None:
        document["camera"] = camera
    body = canonical(document)
    return Certificate(
        body, minisign.sign(key, body, comment=f"certificate of destruction, issued {now} us UTC")
    )


def _method(bodies: Iterable[str]) -> str:
    """How it was destroyed: of keys only where any were."""
    actions = {json.loads(body)["action"] for body in bodies}
    ways = [METHOD_OF_KEYS] if Action.SHREDDED.value in actions else []
    return "; ".join([*ways, METHOD] if actions - {Action.SHREDDED.value} else ways)


def _line(number: int, leaf: bytes, body: str) -> Json:
    found = json.loads(body)
    return {
        "entry": number,
        "leaf": leaf.hex(),
        "time": found["time"],
        "action": found["action"],
        "subject": found["subject"],
        "actor": found["actor"],
        "details": found["details"],
    }
