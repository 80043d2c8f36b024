"""What can be done with a case at the console: by whom, in which state, and what must be said with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from recorder.requests.basis import Ground
from recorder.requests.book import Requests
from recorder.requests.case import Request
from recorder.requests.people import Person
from recorder.requests.role import Role
from recorder.requests.states import WAITING, State
from vcam.base.errors import CustodyError


@dataclass(frozen=True, slots=True)
class Call:
    """Who does a deed to which case, from where, and what was said with it."""

    number: str
    by: str
    origin: str
    said: Mapping[str, str]

    def text(self, field: str) -> str:
        """What was said in `field`."""
        return self.said.get(field, "").strip()


@dataclass(frozen=True, slots=True)
class Deed:
    """One deed. The book itself refuses whoever may not; `roles` and `states` say whom to offer it."""

    roles: frozenset[Role]
    states: frozenset[State]
    fields: tuple[str, ...]
    act: Callable[[Requests, Call], object]
    emergency: bool = False
    """Whether it is for emergencies alone."""

    def offered(self, case: Request, person: Person) -> bool:
        """Whether to show it to `person`."""
        fits = case.state in self.states and person.holds(*self.roles)
        return fits and (not self.emergency or (case.emergency and case.reviewed is None))


def _refuse(book: Requests, call: Call) -> object:
    ground = call.text("ground")
    if ground not in list(Ground):
        raise CustodyError(f"There is no ground {ground[:20]!r}", mend=f"Give one of {', '.join(Ground)}")
    return book.refuse(call.number, Ground(ground), by=call.by, text=call.text("text"), origin=call.origin)


def _extend(book: Requests, call: Call) -> object:
    days = call.text("days")
    if not (days.isascii() and days.isdigit() and len(days) < 4):
        raise CustodyError(f"{days[:20]!r} is no number of days", mend="Give a whole number")
    return book.extend(call.number, int(days), call.text("reason"), by=call.by, origin=call.origin)


def _attach(book: Requests, call: Call) -> object:
    sha256, name, kind = (call.text(field) for field in ("sha256", "name", "kind"))
    return book.attach(call.number, sha256, name, by=call.by, kind=kind or "basis", origin=call.origin)


_OFFICER: Final = frozenset({Role.OFFICER})
_OPEN: Final = frozenset(State) - {State.CLOSED, State.EXPIRED}
_GIVEN: Final = frozenset({State.APPROVED, State.RELEASED, State.EXPORTED, State.EXPIRED})

DEEDS: Final[Mapping[str, Deed]] = MappingProxyType(
    {
        "attach": Deed(_OFFICER, _OPEN, ("sha256", "name", "kind"), _attach),
        "submit": Deed(
            _OFFICER,
            frozenset({State.DRAFTED}),
            (),
            lambda book, call: book.submit(call.number, by=call.by, origin=call.origin),
        ),
        "approve": Deed(
            frozenset({Role.APPROVER}),
            frozenset({State.SUBMITTED}),
            ("text",),
            lambda book, call: book.approve(
                call.number, by=call.by, text=call.text("text"), origin=call.origin
            ),
        ),
        "refuse": Deed(frozenset({Role.APPROVER}), frozenset({State.SUBMITTED}), ("ground", "text"), _refuse),
        "extend": Deed(
            frozenset({Role.OFFICER, Role.APPROVER}), frozenset(WAITING), ("days", "reason"), _extend
        ),
        "paid": Deed(
            _OFFICER, _OPEN, (), lambda book, call: book.paid(call.number, by=call.by, origin=call.origin)
        ),
        "review": Deed(
            frozenset({Role.APPROVER, Role.AUDITOR}),
            _GIVEN,
            ("finding",),
            lambda book, call: book.review(call.number, call.text("finding"), by=call.by, origin=call.origin),
            emergency=True,
        ),
        "close": Deed(
            _OFFICER,
            _OPEN,
            ("outcome",),
            lambda book, call: book.close(call.number, call.text("outcome"), by=call.by, origin=call.origin),
        ),
    }
)
"""By the word that names each in paths."""
