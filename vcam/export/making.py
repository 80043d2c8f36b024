"""What every renderer is given: where files go, where plaintext may lie, and what to write into pictures."""

from __future__ import annotations

from dataclasses import dataclass

from vcam.export.draft import Draft
from vcam.export.house import House
from vcam.export.marks import Marker
from vcam.export.memory import Workspace


@dataclass(frozen=True, slots=True)
class Making:
    """One export being made."""

    house: House
    draft: Draft
    workspace: Workspace
    marker: Marker
