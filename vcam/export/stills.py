"""Kind (d): single pictures at given instants, masked as the whole footage would be."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

import cv2

from models.analyst import Analyst
from models.imported import imported
from recorder.durable import sha256
from vcam.base.errors import CustodyError, EncodeError
from vcam.base.media import Picture
from vcam.drive import ThroughScreen, drive
from vcam.export.footage import Take
from vcam.export.listing import listed
from vcam.export.loaded import load
from vcam.export.making import Making
from vcam.export.marks import Marker
from vcam.export.order import Order, chosen
from vcam.export.review import added
from vcam.export.timeline import Place
from vcam.offline import chosen_trails
from vcam.screen import Decided, Masked, Screen

NEAR = 1_000_000
"""Microseconds by which the nearest picture may miss an instant."""
_START = datetime(1970, 1, 1, tzinfo=UTC)


class _Snapping(ThroughScreen):
    """Drives the screen, and keeps the wanted ones of its pictures. `wanted` maps `pts` to names."""

    def __init__(self, screen: Screen, marker: Marker, wanted: dict[int, str]) -> None:
        super().__init__(screen)
        self._marker = marker
        self._wanted = wanted
        self.found: dict[str, bytes] = {}

    def take(self, pictures: Iterable[Masked]) -> None:
        for masked in pictures:
            name = self._wanted.get(masked.picture.pts)
            if name is not None:
                self._marker.mark(masked.picture)
                self.found[name] = _png(masked.picture)


def stills(take: Take, order: Order, making: Making) -> int:
    """Write the pictures of `take` nearest to the instants as PNG; return how many.

    Raises CustodyError when there is none within a second of an instant.
    """
    cv2.setNumThreads(1)
    house, workspace = making.house, making.workspace
    loaded = load(take, workspace)
    choice = chosen(order, take.camera)
    tracks = None if choice is None else listed(take, loaded, choice, workspace, house)
    settings = house.mask(take.camera).at_any_hour()
    analyst = Analyst(
        settings.kinds,
        preset=settings.preset,
        device=house.site.device,
        extra=imported(settings, house.site),
        thorough=True,
    )
    clear = frozenset[int]() if choice is None else choice.tracks
    clearing = chosen_trails(loaded.path, settings, clear, tracks)
    reviewed = added(order.review, take.camera, sha256(loaded.path))
    snapping = _Snapping(
        Screen(settings, analyst, Decided(clearing, order.zone, reviewed)),
        making.marker,
        _wanted(take, loaded.line, order.instants),
    )
    drive(loaded.path, snapping, analyst)
    snapping.drain()
    loaded.path.unlink()
    for name, data in sorted(snapping.found.items()):
        with making.draft.file(name, "still", take.camera) as out:
            out.write(data)
    return len(snapping.found)


def _wanted(take: Take, line: Sequence[Place], instants: Sequence[int]) -> dict[int, str]:
    """Names by the `pts` that pictures have when the file is read: from 0 at the first that is shown."""
    first = min(place.pts for place in line)
    wanted = {}
    for instant in instants:
        place = min(line, key=lambda one: abs(one.time - instant))
        if abs(place.time - instant) > NEAR:
            raise CustodyError(
                f"{take.camera} has no picture within a second of {_iso(instant)}", mend="Give another instant"
            )
        wanted[place.pts - first] = f"{take.camera}-{_compact(place.time)}.png"
    return wanted


def _png(picture: Picture) -> bytes:
    done, data = cv2.imencode(".png", picture.frame.to_ndarray(format="bgr24"))
    if not done:
        raise EncodeError("A still cannot be encoded", mend="Install opencv-python-headless 5")
    return data.tobytes()


def _iso(instant: int) -> str:
    return (_START + timedelta(microseconds=instant)).isoformat()


def _compact(instant: int) -> str:
    return f"{_START + timedelta(microseconds=instant):%Y%m%dT%H%M%S.%f}Z"
