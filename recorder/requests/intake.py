"""What is checked of a draft before it becomes a case, and how a citizen's form is kept."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Row

from recorder.requests.basis import RULES, Basis, Receiver
from recorder.requests.case import Draft
from recorder.requests.subject import Subject
from vcam.base.errors import CustodyError

LONGEST: Final = 2000
"""Characters of a text."""


def check_draft(asked: Draft) -> str:
    """The receiving body of a draft that is whole. Raises CustodyError."""
    needed(asked.purpose, "The purpose")
    if len(asked.limits) > LONGEST or len(asked.confirmation) > LONGEST:
        raise CustodyError(f"A text has more than {LONGEST} characters", mend="Shorten it")
    if asked.emergency and not RULES[asked.basis].emergency:
        raise CustodyError(
            f"On the basis of {RULES[asked.basis].article} there is no emergency release",
            mend="Attach the document, or choose the basis that fits",
        )
    if (asked.basis is Basis.SUBJECT) != (asked.subject is not None):
        raise CustodyError(
            "The form of a citizen's request belongs to a data subject's request and to no other",
            mend="Fill it for the basis data-subject, and for that alone",
        )
    if asked.basis is Basis.SUBJECT:
        return "data-subject"
    if asked.basis is Basis.INTERNAL:
        return ""
    return needed(asked.receiving_body, "The receiving body")


def receiver_of(asked: Draft) -> Receiver:
    """The kind of receiver: the one that is given, or the only one that the basis allows. Raises CustodyError."""
    allowed = RULES[asked.basis].receivers
    if asked.receiver is not None:
        return asked.receiver
    if len(allowed) == 1:
        return min(allowed)
    raise CustodyError("The kind of receiver is not given", mend=f"Give one of {', '.join(sorted(allowed))}")


def case_row(asked: Draft) -> dict[str, Any]:
    """What of the draft is kept as it was said."""
    return {
        "basis": asked.basis.value,
        "emergency": int(asked.emergency),
        "purpose": asked.purpose,
        "limits": asked.limits,
        "cameras": "\n".join(asked.scope.cameras),
        "start": asked.scope.start,
        "end": asked.scope.end,
        "confirmation": asked.confirmation,
    }


def form_row(number: str, subject: Subject) -> dict[str, Any]:
    """The row that keeps the form of case `number`."""
    keys = ("asked", "name", "contact", "place", "period", "identity", "identity_sha256", "fee", "paid")
    values: dict[str, Any] = {key: getattr(subject, key) for key in keys}
    return values | {
        "request": number,
        "agent": subject.agent or None,
        "agency_sha256": subject.agency_sha256 or None,
    }


def needed(value: str, what: str, longest: int = LONGEST) -> str:
    """`value` without blanks around it. Raises CustodyError, naming `what`, when it is empty or too long."""
    if not 0 < len(value.strip()) <= longest:
        raise CustodyError(f"{what} is empty or too long", mend=f"Give a text of at most {longest} characters")
    return value.strip()


def subject_of(row: Row[Any]) -> Subject:
    """The form in a row of `request_subject`."""
    return Subject(
        name=row.name or "",
        contact=row.contact or "",
        asked=row.asked,
        identity=row.identity,
        identity_sha256=row.identity_sha256 or "",
        place=row.place or "",
        period=row.period or "",
        agent=row.agent or "",
        agency_sha256=row.agency_sha256 or "",
        fee=row.fee,
        paid=row.paid,
        erased=row.erased,
    )
