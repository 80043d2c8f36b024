"""What is known of one case, and how it reads in the log."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row

from recorder.requests.basis import RULES, Basis, Ground, Receiver
from recorder.requests.states import State
from recorder.requests.subject import Subject
from recorder.scope import Scope
from vcam.base.canonical import Json


@dataclass(frozen=True, slots=True)
class Draft:
    """What is asked for. `received` is when the demand arrived, us UTC; now when it is None."""

    basis: Basis
    purpose: str
    scope: Scope
    receiving_body: str = ""
    """Empty for the institution itself; a data subject's name does not belong here but into `subject`."""
    receiver: Receiver | None = None
    """Kind of receiver; None where the basis leaves no choice."""
    limits: str = ""
    """What is asked of the receiver: use, keeping, destruction."""
    confirmation: str = ""
    """Why a scope beyond the usual is needed."""
    emergency: bool = False
    received: int | None = None
    subject: Subject | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """A document of a case. It is kept elsewhere; `sha256` says which it is."""

    name: str
    sha256: str
    kind: str


@dataclass(frozen=True, slots=True)
class Request:
    """One case. Times in us UTC, None while it has not happened."""

    number: str
    state: State
    basis: Basis
    emergency: bool
    purpose: str
    receiver: Receiver
    receiving_body: str
    limits: str
    scope: Scope
    confirmation: str
    requester: str
    approver: str | None
    second: str | None
    reviewer: str | None
    drafted: int
    received: int
    submitted: int | None
    due: int | None
    decided: int | None
    ground: Ground | None
    answer: str
    released: int | None
    exported: int | None
    reviewed: int | None
    finding: str
    closed: int | None
    documents: tuple[Document, ...] = ()

    @classmethod
    def of(cls, row: Row[Any], documents: tuple[Document, ...] = ()) -> Request:
        """The case in a row of `request`."""
        found = dict(row._mapping)
        cameras = tuple(found.pop("cameras").split("\n"))
        found["scope"] = Scope(cameras, found.pop("start"), found.pop("end"))
        found["receiving_body"] = found.pop("body")
        ground = found["ground"]
        found |= {
            "state": State(found["state"]),
            "basis": Basis(found["basis"]),
            "emergency": bool(found["emergency"]),
            "receiver": Receiver(found["receiver"]),
            "ground": None if ground is None else Ground(ground),
        }
        return cls(**{key: found[key] for key in found if not key.endswith("_part")}, documents=documents)

    @property
    def subject(self) -> str:
        """What the log calls it."""
        return f"request/{self.number}"

    @property
    def people(self) -> frozenset[str]:
        """Requester and approvers: none of them may be a custodian of this case."""
        return frozenset(who for who in (self.requester, self.approver, self.second) if who is not None)

    def case(self) -> dict[str, Json]:
        """The keys that tell in the log whose case it is, and why."""
        rule = RULES[self.basis]
        return {
            "request": self.number,
            "basis": self.basis.value,
            "article": f"{rule.article_korean} ({rule.article})",
            "purpose": self.purpose,
            "receiving_body": self.receiving_body,
        }

    def reach(self) -> dict[str, Json]:
        """The keys that tell in the log which footage it is about."""
        return {"cameras": list(self.scope.cameras), "start": self.scope.start, "end": self.scope.end}
