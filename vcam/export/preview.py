"""The masked copy that a reviewer looks through before an export of originals is made: everybody is masked in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from recorder.durable import sha256
from vcam.base.errors import CustodyError
from vcam.base.media import TICKS, Kind
from vcam.export.footage import Footage, Take, takes
from vcam.export.house import House
from vcam.export.listing import made
from vcam.export.loaded import load
from vcam.export.looking import looked
from vcam.export.memory import Workspace
from vcam.export.order import Order, check_reach
from vcam.offline import mask_file
from vcam.review.folder import VIDEO, Folder, beginning
from vcam.trackfile import TrackReader


def preview(order: Order, footage: Footage, house: House, folder: Path) -> Folder:
    """Begin a review in `folder` of what `order` takes of one camera. Looking is on record before.

    Tracks are numbered as the list of tracks numbers them, so that one can be removed. Raises Forbidden for what was
    not released, CustodyError when there are several cameras or the folder is there already.
    """
    check_reach(order)
    if len(order.scope.cameras) != 1:
        raise CustodyError(
            "A review is of one camera", mend="Name it with --camera, and review each on its own"
        )
    looked(order, house, "masked", "review")
    with beginning(folder):
        (take,) = takes(footage, order.scope)
        with Workspace(house.runtime) as workspace:
            return _begin(take, workspace, house, folder)


def _begin(take: Take, workspace: Workspace, house: House, folder: Path) -> Folder:
    loaded = load(take, workspace)
    path, listing = made(take, loaded, workspace, house)
    mask = house.mask(take.camera)
    mask_file(loaded.path, folder / VIDEO, mask=mask, encode=house.encode(take.camera), site=house.site)
    reader = TrackReader(path, loaded.path, mask.at_any_hour())
    return Folder.begin(
        folder, take.camera, _regions(reader), source=sha256(loaded.path), listing=listing.digest
    )


def _regions(reader: TrackReader) -> Iterator[Mapping[str, Any]]:
    """The traces of each picture as lines of regions."""
    for traced in reader.pictures():
        regions = [[*trace.box, trace.number, trace.kind.value] for trace in traced.traces]
        if traced.whole:
            regions.append([0, 0, 1, 1, 0, Kind.WHOLE.value])
        yield {"frame": traced.index, "time": round(traced.pts / TICKS, 6), "regions": regions}
