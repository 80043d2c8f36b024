"""Kind (a): the camera's own bitstream, untouched; the same in a container; and a marked copy for viewing."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Self

from recorder.evidence.sealing import SealedFile
from vcam.base.errors import CustodyError
from vcam.base.media import AccessUnit, MaskedUnit, Picture, StreamInfo
from vcam.base.rendition import MAIN, Rendition
from vcam.base.settings import EncodeSettings
from vcam.encode.mux import Muxer
from vcam.encode.view import View
from vcam.export.draft import Draft
from vcam.export.footage import Take
from vcam.export.loaded import load
from vcam.export.making import Making
from vcam.export.marks import Marker
from vcam.export.remux import container, ending, remux
from vcam.export.timeline import Place, places
from vcam.source import FileSource


def untouched(take: Take, draft: Draft) -> None:
    """Write the bitstream, the container and the table of times into `draft`, without a byte of it on a disk between.

    Raises CustodyError when there is no footage, or none that a file can hold.
    """
    with draft.file(f"{take.camera}{ending(take.info)}", "bitstream", take.camera) as out:
        line = places(_copied(take.units(), out), take.info.fps)
    if not line:
        raise CustodyError(f"There is no footage of {take.camera} in that time", mend="Ask for another time")
    with draft.file(f"{take.camera}{container(take.info)}", "video", take.camera) as video:
        remux(video, take.info, take.units(), line)
    with draft.file(f"{take.camera}-times.csv", "times", take.camera) as table:
        table.write(_times(line))


def viewing(take: Take, making: Making) -> None:
    """Write a copy for viewing: decoded, marked, encoded again. It is made in memory."""
    workspace = making.workspace
    loaded = load(take, workspace)
    workspace.need(loaded.size)
    name = f"{take.camera}-viewing.mp4"
    path = workspace.folder / name
    _encoded(loaded.path, path, making.marker, making.house.encode(take.camera))
    loaded.path.unlink()
    making.deliver(path, name, "viewing", take.camera)


def _copied(units: Iterator[AccessUnit], out: SealedFile) -> Iterator[AccessUnit]:
    for unit in units:
        out.write(unit.data)
        yield unit


def _times(line: Sequence[Place]) -> bytes:
    """Where each access unit lies in the bitstream, and when it was captured."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(("unit", "offset_bytes", "size_bytes", "key", "captured_us_utc", "pts_90khz"))
    offset = 0
    for number, place in enumerate(line):
        table.writerow((number, offset, place.size, int(place.key), place.time, place.pts))
        offset += place.size
    return text.getvalue().encode()


def _encoded(source: Path, out: Path, marker: Marker, encode: EncodeSettings) -> None:
    view: View | None = None
    with closing(FileSource(source)) as file, _Writing(out) as written:
        for event in file.events():
            if isinstance(event, StreamInfo):
                written.add(() if view is None else view.end())
                written.fps = event.fps
                view = View(Rendition(MAIN), encode, event.fps)
            elif isinstance(event, Picture) and view is not None:
                marker.mark(event)
                written.add(view.encode(event, ()))
        written.add(() if view is None else view.end())


class _Writing:
    """A file of encoded units, which begins with the first of them."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._muxer: Muxer | None = None
        self.fps = 0.0

    def add(self, units: Iterable[MaskedUnit]) -> None:
        for unit in units:
            if self._muxer is None:
                self._muxer = Muxer(self._path, unit, self.fps)
            self._muxer.add(unit)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._muxer is not None:
            self._muxer.close()
