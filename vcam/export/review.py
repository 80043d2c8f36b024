"""Who looked through masked pictures before they leave, and what they changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


class Review(Protocol):
    """A finished review, for the manifest and the register."""

    @property
    def reviewer(self) -> str:
        """Name of the officer who looked."""

    @property
    def time(self) -> int:
        """When it was finished, us UTC."""

    @property
    def changes(self) -> int:
        """Regions that were added or removed."""

    @property
    def sha256(self) -> str:
        """SHA-256 of the changes, in hexadecimal; empty when there are none."""


@dataclass(frozen=True, slots=True)
class Looked:
    """An officer's word to have looked through the footage and changed nothing."""

    reviewer: str
    time: int
    changes: int = 0
    sha256: str = ""
