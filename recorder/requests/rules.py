"""The site's rules for requests, as its settings have them."""

from __future__ import annotations

import zoneinfo
from dataclasses import dataclass
from datetime import tzinfo
from typing import Self

from recorder.requests.basis import RULES, Basis, Receiver, Rule
from recorder.scope import Scope
from recorder.tables import HOUR
from vcam.base.errors import CustodyError
from vcam.base.settings import Settings

DAY = 24 * HOUR


@dataclass(frozen=True, slots=True)
class Rules:
    """What a site allows. Spans in us; `zone` None is this machine's own."""

    zone: tzinfo | None = None
    public_body: bool = False
    remind: tuple[int, ...] = (5, 2, 1, 0)
    longest: int = 24 * HOUR
    cameras: int = 4
    life: int = 30 * DAY
    review: int = 3 * DAY
    subject: int = 30 * DAY

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """The rules in `settings`."""
        name, given = settings.site.timezone, settings.requests
        return cls(
            zone=None if name == "local" else zoneinfo.ZoneInfo(name),
            public_body=given.public_body,
            remind=tuple(given.remind),
            longest=round(given.longest * HOUR),
            cameras=given.cameras,
            life=given.life_days * DAY,
            review=given.review_days * DAY,
            subject=given.subject_days * DAY,
        )

    def basis(self, basis: Basis, receiver: Receiver) -> Rule:
        """What `basis` asks for. Raises CustodyError when this site or this receiver cannot rely on it."""
        rule = RULES[basis]
        if rule.public_only and not self.public_body:
            raise CustodyError(
                f"{rule.article} is for public institutions",
                mend="Choose another basis, or set requests.public_body = true where this is one",
            )
        if receiver not in rule.receivers:
            raise CustodyError(
                f"On the basis of {rule.article} nothing is given to: {receiver}",
                mend=f"The receiver can be: {', '.join(sorted(rule.receivers))}",
            )
        return rule

    def check_width(self, scope: Scope, confirmation: str) -> None:
        """Raise CustodyError when `scope` is wider than usual and nobody says why."""
        wide = scope.end - scope.start > self.longest or len(scope.cameras) > self.cameras
        if wide and not confirmation.strip():
            raise CustodyError(
                f"The scope is more than {self.longest // HOUR} hours or {self.cameras} cameras",
                mend="Narrow it, or say in the confirmation why the purpose needs as much",
            )
