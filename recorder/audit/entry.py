"""What an entry of the log says, and the closed list of what may be done.

Which keys the details of each action hold is a contract with the ledger's forms, which are made from them alone: the
table "What the log's entries hold" in docs/design/custody.md.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from vcam.base.canonical import Json, canonical

SYSTEM = "garim"
"""Actor of what the product does by itself."""


class Action(StrEnum):
    """What was done. The ledger's forms are made from these; a new action belongs here first."""

    LOGIN = "login"
    LOGIN_FAILED = "login.failed"
    LOGOUT = "logout"
    PERSON_ADDED = "person.added"
    PERSON_CHANGED = "person.changed"
    PERSON_REVOKED = "person.revoked"
    CUSTODIAN_ADDED = "custodian.added"
    CUSTODIANS_ROTATED = "custodian.rotated"
    CUSTODIAN_REVOKED = "custodian.revoked"
    REQUEST_DRAFTED = "request.drafted"
    REQUEST_CHANGED = "request.changed"
    REQUEST_SUBMITTED = "request.submitted"
    REQUEST_APPROVED = "request.approved"
    REQUEST_REFUSED = "request.refused"
    REQUEST_EXTENDED = "request.extended"
    REQUEST_REMINDED = "request.reminded"
    REQUEST_EXPIRED = "request.expired"
    REQUEST_CLOSED = "request.closed"
    REQUEST_REVIEWED = "request.reviewed"
    RELEASE_ASKED = "release.asked"
    RELEASE_ANSWERED = "release.answered"
    RELEASED = "release.released"
    RELEASE_ENDED = "release.ended"
    EXPORTED = "export.made"
    EXPORT_REVIEWED = "export.reviewed"
    EXPORT_DESTROYED = "export.destroyed"
    EXPORT_FETCHED = "export.fetched"
    SHARED = "share.made"
    SHARE_LINKED = "share.linked"
    SHARE_FETCHED = "share.fetched"
    SHARE_REVOKED = "share.revoked"
    VIEWED = "footage.viewed"
    REAIMED = "camera.reaimed"
    CONFIGURED = "configuration.changed"
    STARTED = "site.started"
    STOPPED = "site.stopped"
    HOLD_PLACED = "hold.placed"
    HOLD_LIFTED = "hold.lifted"
    PURGED = "footage.purged"
    SHREDDED = "keys.destroyed"
    KEYS_FAILED = "keys.failed"
    KEYS_RESTORED = "keys.restored"
    PURGE_REFUSED = "purge.refused"
    PURGED_EARLY = "footage.purged-early"
    LOST = "footage.lost"
    CHECKED = "check.made"
    REPAIRED = "check.repaired"
    HEAD_SIGNED = "audit.head"
    AUDITED = "audit.verified"
    ENTRIES_LOST = "audit.lost"


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing done. `time` in us UTC; `details` holds what the forms need, never a secret or a picture."""

    time: int
    actor: str
    action: Action
    subject: str
    details: Mapping[str, Json] = field(default_factory=dict)
    origin: str = ""
    """Where from: an address, or "host" for the command line; empty for the product itself."""

    def body(self, number: int) -> bytes:
        """What is hashed and kept, as canonical JSON."""
        return canonical(
            {
                "number": number,
                "time": self.time,
                "actor": self.actor,
                "action": self.action.value,
                "subject": self.subject,
                "origin": self.origin,
                "details": self.details,
            }
        )


def leaf_hash(body: bytes) -> bytes:
    """Hash of a leaf (RFC 6962, 2.1)."""
    return hashlib.sha256(b"\x00" + body).digest()
