"""What is to be exported, for whom and on which ground; and what is refused before anything is opened. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from sqlalchemy import Connection

from recorder.evidence.manifest import Kind
from recorder.evidence.sealing import check_receiver
from recorder.scope import Scope
from vcam.base.canonical import Json
from vcam.base.errors import ConfigError, CustodyError, Forbidden
from vcam.base.settings import Zone
from vcam.export.review import Review, Reviews

OPEN = ("released", "exported")
"""States of a case whose originals may be exported."""
LONGEST = 2000
"""Characters of a reason, or of limits."""


class Case(Protocol):
    """A request as an export needs it; `recorder.requests.case.Request` is one."""

    @property
    def number(self) -> str: ...
    @property
    def state(self) -> str: ...
    @property
    def scope(self) -> Scope: ...
    @property
    def requester(self) -> str: ...
    @property
    def approver(self) -> str | None: ...
    @property
    def limits(self) -> str: ...

    def case(self) -> Mapping[str, Json]:
        """request, basis, article, purpose and receiving_body, as the log has them."""


class Cases(Protocol):
    """The book of requests, as far as an export writes into it; `recorder.requests.book.Requests` is one."""

    def exported(
        self,
        number: str,
        *,
        by: str,
        export: str,
        details: Mapping[str, Json] | None,
        origin: str,
        connection: Connection | None,
    ) -> Any:
        """Note the export in the case and in the log. Raises Forbidden when the case's state has none."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Tracks of one camera that stay clear, and the SHA-256 of the list that they were chosen from (hexadecimal)."""

    tracks: frozenset[int]
    listing: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One export of originals. `by` makes it; times in us UTC."""

    kind: Kind
    by: str
    case: Case
    scope: Scope
    custodians: tuple[str, ...] = ()
    recipient: str | None = None
    """The receiver's age key; None leaves the files as they are."""
    unencrypted: bool = False
    """Said on purpose: pictures that show somebody leave unencrypted."""
    review: Review | None = None
    choices: Mapping[str, Choice] = field(default_factory=dict)
    zone: Zone | None = None
    instants: tuple[int, ...] = ()
    viewing: bool = True
    """Whether an original comes with a marked copy for viewing."""
    origin: str = "host"

    @property
    def reveals(self) -> bool:
        """Whether somebody is left unmasked, or may be: what a review removes is its reviewer's word."""
        removed = isinstance(self.review, Reviews) and self.review.counts()[1] > 0
        return self.kind == "original" or bool(self.choices) or self.zone is not None or removed


def chosen(order: Order, camera: str) -> Choice | None:
    """Tracks of a camera that stay clear: those chosen, and those that a reviewer found to mask nobody.

    Raises ConfigError when they are from different lists.
    """
    choice = order.choices.get(camera)
    removed, listing = (
        order.review.removed(camera) if isinstance(order.review, Reviews) else (frozenset[int](), "")
    )
    if not removed:
        return choice
    if choice is not None and choice.listing != listing:
        raise ConfigError(
            f"The tracks chosen of {camera} and those that its review removes are from different lists",
            mend="Choose from the list that 'garim export --for-review' names",
        )
    return Choice(removed | (frozenset() if choice is None else choice.tracks), listing)


def check(order: Order) -> None:
    """Raise Forbidden for what may not be, ConfigError for what makes no sense, CustodyError for another review."""
    check_reach(order)
    _check_kind(order)
    if order.kind != "original":
        check_review(order.review)
    if isinstance(order.review, Reviews):
        if order.kind == "original":
            raise ConfigError(
                "A review is of masked pictures, and an original has none", mend="Leave --review out"
            )
        order.review.check(order.scope.cameras)
    if order.recipient is not None:
        check_receiver(order.recipient)
    elif order.reveals and not order.unencrypted:
        raise Forbidden(
            "This shows people unmasked, and no key of the receiver is given",
            mend="Give their age key with --to, or say --unencrypted",
        )


def check_reach(order: Order) -> None:
    """Raise Forbidden unless the request was released, for all that is ordered."""
    case = order.case
    if str(case.state) not in OPEN:
        raise Forbidden(
            f"Request {case.number} is {case.state}, and only what was released is exported",
            mend="See where it stands: garim request show",
        )
    if not order.scope.within(case.scope):
        raise Forbidden(
            f"This reaches beyond request {case.number}",
            mend="Stay within its cameras and times, or bring another request",
        )


def check_review(review: Review | None) -> None:
    """Raise Forbidden when nobody has looked through what is masked."""
    if review is None or not review.reviewer:
        raise Forbidden(
            "Nobody has reviewed these masks",
            mend="Let an officer look through the footage, and name who did: --reviewed-by NAME",
        )


def check_reason(reason: str) -> str:
    """`reason`, without space around it. Raises CustodyError when it is empty or endless."""
    reason = reason.strip()
    if not 0 < len(reason) <= LONGEST:
        raise CustodyError("A share needs its reason, in a few words", mend="Say why with --reason")
    return reason


def _check_kind(order: Order) -> None:
    chosen = bool(order.choices) or order.zone is not None
    if order.kind == "share":
        raise ConfigError("A share needs no request", mend="Make it with 'garim share'")
    if order.kind in {"original", "masked"} and chosen:
        raise ConfigError(f"Kind {order.kind} leaves nothing to choose", mend="Say --kind selective")
    if order.kind == "selective" and not chosen:
        raise ConfigError(
            "Nothing is chosen that stays clear",
            mend="Choose tracks of 'garim export --list-tracks' with --keep, or a region with --keep-zone",
        )
    if unknown := set(order.choices) - set(order.scope.cameras):
        raise ConfigError(
            f"Tracks are chosen of {', '.join(sorted(unknown))}, of which nothing is exported",
            mend="Choose tracks of the exported cameras",
        )
    if (order.kind == "stills") != bool(order.instants):
        raise ConfigError("Stills, and stills alone, are of given instants", mend="Give each with --at TIME")
    if any(not order.scope.start <= instant < order.scope.end for instant in order.instants):
        raise ConfigError("An instant lies outside the time exported", mend="Stay within --from and --to")
