"""A citizen's own request (PIPA 35): what the official form asks for."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal, get_args

from vcam.base.errors import CustodyError

Asked = Literal["view", "copy", "deletion"]
Proof = Literal["resident-card", "driving-licence", "passport", "alien-card", "other"]

PERSONAL: Final = ("name", "contact", "agent", "place", "period", "identity_sha256", "agency_sha256")
"""What is erased in the end."""
_SHA256: Final = re.compile(r"[0-9a-f]{64}")
_LONGEST: Final = 300


def check_sha256(digest: str, what: str) -> str:
    """`digest` in lower case. Raises CustodyError unless it is a SHA-256 in hexadecimal."""
    found = digest.strip().lower()
    if not _SHA256.fullmatch(found):
        raise CustodyError(
            f"The hash of {what} is no SHA-256", mend="Give 64 hexadecimal digits, as sha256sum prints"
        )
    return found


@dataclass(frozen=True, slots=True)
class Subject:
    """The form's data. Documents are known by SHA-256 alone. Raises CustodyError when the form is not whole.

    What is personal is empty once it was erased.
    """

    name: str
    contact: str
    asked: Asked
    identity: Proof
    identity_sha256: str
    place: str
    period: str
    agent: str = ""
    agency_sha256: str = ""
    fee: int = 0
    """In won."""
    paid: int | None = None
    """When the fee was paid, us UTC."""
    erased: int | None = None
    """When what is personal was erased, us UTC."""

    def __post_init__(self) -> None:
        if self.asked not in get_args(Asked):
            raise CustodyError(
                f"{self.asked!r} cannot be asked for", mend=f"Ask for {', '.join(get_args(Asked))}"
            )
        if self.identity not in get_args(Proof):
            raise CustodyError(
                f"{self.identity!r} is no proof of identity", mend=f"Give one of {', '.join(get_args(Proof))}"
            )
        if self.fee < 0:
            raise CustodyError("A fee is not negative", mend="Give the fee in won, or 0")
        if self.erased is None:
            self._whole()

    def _whole(self) -> None:
        for what, text in (
            ("the data subject's name", self.name),
            ("how to reach the data subject", self.contact),
            ("the place", self.place),
            ("the time", self.period),
        ):
            if not 0 < len(text.strip()) <= _LONGEST:
                raise CustodyError(f"The form lacks {what}, or it is too long", mend="Fill the form")
        check_sha256(self.identity_sha256, "the proof of identity")
        if bool(self.agent) != bool(self.agency_sha256):
            raise CustodyError(
                "An agent needs a proof of agency, and the proof an agent", mend="Give both, or neither"
            )
        if self.agency_sha256:
            check_sha256(self.agency_sha256, "the proof of agency")
