"""One camera's opened footage as a video file in memory, for what reads files."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from vcam.base.errors import CustodyError
from vcam.export.footage import Take
from vcam.export.memory import Workspace
from vcam.export.remux import container, ending, remux
from vcam.export.timeline import Place, places

_OVERHEAD = 1 << 20


@dataclass(frozen=True, slots=True)
class Loaded:
    """The file, and where each access unit lies in it."""

    path: Path
    line: list[Place]

    @property
    def size(self) -> int:
        """Bytes of the file."""
        return self.path.stat().st_size


def load(take: Take, workspace: Workspace) -> Loaded:
    """Put `take` into `workspace`. Raises CustodyError when it has no room there, or holds no picture."""
    ending(take.info)
    line = measured(take)
    workspace.need(sum(place.size for place in line) + 64 * len(line) + _OVERHEAD)
    path = workspace.folder / f"{take.camera}{container(take.info)}"
    with path.open("xb") as out:
        remux(out, take.info, take.units(), line)
    return Loaded(path, line)


def measured(take: Take) -> list[Place]:
    """The place of each access unit of `take`. Raises CustodyError when there is none."""
    line = places(take.units(), take.info.fps)
    if not line:
        raise CustodyError(f"There is no footage of {take.camera} in that time", mend="Ask for another time")
    return line
