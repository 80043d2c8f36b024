"""The states of a case, and which deed leads from which to which. Pure."""

from __future__ import annotations

from enum import StrEnum
from types import MappingProxyType
from typing import Final

from vcam.base.errors import Forbidden


class State(StrEnum):
    """Where a case stands."""

    DRAFTED = "drafted"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    REFUSED = "refused"
    RELEASED = "released"
    EXPORTED = "exported"
    CLOSED = "closed"
    EXPIRED = "expired"


class Deed(StrEnum):
    """What moves a case."""

    SUBMIT = "submit"
    APPROVE = "approve"
    REFUSE = "refuse"
    RELEASE = "release"
    EXPORT = "export"
    CLOSE = "close"
    EXPIRE = "expire"


WAITING: Final = (State.DRAFTED, State.SUBMITTED, State.APPROVED, State.RELEASED)
"""States in which a data subject has no answer yet."""
_OPENED: Final = (State.APPROVED, State.RELEASED, State.EXPORTED)

MOVES: Final = MappingProxyType(
    {
        (State.DRAFTED, Deed.SUBMIT): State.SUBMITTED,
        (State.SUBMITTED, Deed.APPROVE): State.APPROVED,
        (State.SUBMITTED, Deed.REFUSE): State.REFUSED,
        (State.APPROVED, Deed.RELEASE): State.RELEASED,
        # A release may have to be made again, when an export worker was cut short.
        (State.RELEASED, Deed.RELEASE): State.RELEASED,
        (State.EXPORTED, Deed.RELEASE): State.EXPORTED,
        # What is masked already is exported without a release of originals.
        **{(state, Deed.EXPORT): State.EXPORTED for state in _OPENED},
        **{(state, Deed.CLOSE): State.CLOSED for state in (*_OPENED, State.DRAFTED, State.SUBMITTED)},
        (State.REFUSED, Deed.CLOSE): State.CLOSED,
        # What was submitted must be answered, and does not expire.
        **{(state, Deed.EXPIRE): State.EXPIRED for state in (State.DRAFTED, State.APPROVED, State.RELEASED)},
    }
)
"""Every move that there is."""


def after(state: State, deed: Deed) -> State:
    """The state after `deed`. Raises Forbidden when there is no such move."""
    found = MOVES.get((state, deed))
    if found is None:
        raise Forbidden(
            f"A case that is {state} cannot be moved by '{deed}'",
            mend="See where it stands: garim request show",
        )
    return found
