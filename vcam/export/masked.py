"""Kinds (b) and (c): the footage masked anew, with the chosen tracks or one region left clear."""

from __future__ import annotations

from recorder.durable import sha256
from vcam.export.footage import Take
from vcam.export.listing import listed
from vcam.export.loaded import load
from vcam.export.making import Making
from vcam.export.order import Order, chosen
from vcam.export.review import added
from vcam.offline import Outcome, mask_file


def masked(take: Take, order: Order, making: Making) -> Outcome:
    """Mask `take`, looking at every picture. What leaves somebody clear is made in memory."""
    house, workspace, draft = making.house, making.workspace, making.draft
    loaded = load(take, workspace)
    choice = chosen(order, take.camera)
    tracks = None if choice is None else listed(take, loaded, choice, workspace, house)
    name = f"{take.camera}-{order.kind}.mp4"
    shows = order.reveals or choice is not None
    if shows:
        workspace.need(loaded.size)
    path = (workspace.folder if shows else draft.spool) / name
    outcome = mask_file(
        loaded.path,
        path,
        mask=house.mask(take.camera),
        encode=house.encode(take.camera),
        site=house.site,
        clear=() if choice is None else choice.tracks,
        tracks=tracks,
        keep=order.zone,
        added=added(order.review, take.camera, sha256(loaded.path)),
        mark=making.marker.mark,
    )
    loaded.path.unlink()
    if tracks is not None:
        tracks.unlink()
    making.deliver(path, name, "selective" if order.kind == "selective" else "masked", take.camera)
    return outcome
