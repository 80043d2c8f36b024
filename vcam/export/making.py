"""What every renderer is given: where files go, where plaintext may lie, and what to write into pictures."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from recorder.evidence.claims import claim
from recorder.evidence.manifest import Role
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

    def deliver(self, path: Path, name: str, role: Role, camera: str) -> None:
        """Take the encoded copy at `path` in, with a C2PA claim where there are credentials for one."""
        credentials = self.house.credentials
        if credentials is not None:
            claimed = path.with_name(f"claimed-{path.name}")
            export = self.draft.final.name
            claim(path, claimed, credentials, title=export, version=self.house.software().get("garim", "0"))
            path.unlink()
            path = claimed
        self.draft.take(path, name, role, camera)
