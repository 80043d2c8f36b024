"""What the share store holds. Times in us UTC."""

from __future__ import annotations

from dataclasses import dataclass

from vcam.base.canonical import canonical


@dataclass(frozen=True, slots=True)
class Custodian:
    """A person who holds an identity offline. Revoked ones stay on record, inactive."""

    name: str
    recipient: str
    active: bool
    changed: int

    def signed(self) -> bytes:
        """What the recorder's key signs."""
        return canonical(
            {
                "custodian": self.name,
                "recipient": self.recipient,
                "active": self.active,
                "changed": self.changed,
            }
        )


@dataclass(frozen=True, slots=True)
class Epoch:
    """One camera's hour. `recipient` is its public key in age's notation."""

    id: str
    recipient: str
    threshold: int
    created: int
    destroyed: int | None = None

    def signed(self) -> bytes:
        """What the recorder's key signs."""
        return canonical(
            {
                "epoch": self.id,
                "recipient": self.recipient,
                "threshold": self.threshold,
                "created": self.created,
            }
        )


@dataclass(frozen=True, slots=True)
class SealedShare:
    """One share of an epoch's key: an age file to its custodian."""

    epoch: str
    custodian: str
    number: int
    sealed: bytes


@dataclass(frozen=True, slots=True)
class Release:
    """A release under way. `document` is the ask without shares, as canonical JSON."""

    id: str
    request: str
    created: int
    expires: int
    recipient: str
    document: str

    def signed(self) -> bytes:
        """What the recorder's key signs."""
        return canonical(
            {
                "release": self.id,
                "request": self.request,
                "created": self.created,
                "expires": self.expires,
                "recipient": self.recipient,
                "document": self.document,
            }
        )
