"""What came of one client."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Outcome = Literal["passed", "failed", "absent"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """`what` is what it did, or what went wrong. An absent client fails the run only if it could be had here."""

    client: str
    outcome: Outcome
    what: str
    obtainable: bool = True

    @property
    def bad(self) -> bool:
        """Whether the run fails by it."""
        return self.outcome == "failed" or (self.outcome == "absent" and self.obtainable)

    def __str__(self) -> str:
        return f"{self.outcome:7} {self.client:24} {self.what}"
