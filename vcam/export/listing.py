"""The first pass over opened footage: which tracks there are, for somebody to choose whom to leave clear."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from recorder.durable import sha256
from vcam.base.errors import ConfigError
from vcam.export.footage import Take
from vcam.export.house import House
from vcam.export.loaded import Loaded, load
from vcam.export.memory import Workspace
from vcam.export.order import Choice
from vcam.track.trail import Trail
from vcam.tracks import track_file


@dataclass(frozen=True, slots=True)
class Listing:
    """The tracks of one camera. `digest` names this very list: SHA-256 in hexadecimal."""

    camera: str
    digest: str
    trails: tuple[Trail, ...]


def listing(take: Take, workspace: Workspace, house: House) -> Listing:
    """The tracks in `take`; nothing stays of it but the list."""
    loaded = load(take, workspace)
    path, found = made(take, loaded, workspace, house)
    path.unlink()
    loaded.path.unlink()
    return found


def listed(take: Take, loaded: Loaded, choice: Choice, workspace: Workspace, house: House) -> Path:
    """The file of tracks that `choice` was made from, found anew.

    Numbers mean nothing outside their list. Raises ConfigError when what is found now is another one.
    """
    path, found = made(take, loaded, workspace, house)
    if found.digest != choice.listing:
        raise ConfigError(
            f"The tracks of {take.camera} are not those that were chosen from",
            mend="List them again, for this very time and with these settings, and choose again",
        )
    return path


def made(take: Take, loaded: Loaded, workspace: Workspace, house: House) -> tuple[Path, Listing]:
    """The file of tracks of what was loaded, in `workspace`, and its list."""
    path = workspace.folder / f"{take.camera}-tracks.jsonl"
    trails = track_file(loaded.path, path, mask=house.mask(take.camera), site=house.site)
    return path, Listing(take.camera, sha256(path), trails)
