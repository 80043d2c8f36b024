"""Opened originals as an export sees them, cut to whole GOPs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from recorder.annexb import carries_parameter_sets
from recorder.evidence.manifest import Source
from recorder.scope import Scope
from vcam.base.errors import CustodyError
from vcam.base.media import AccessUnit, StreamInfo


class Row(Protocol):
    """A segment's row in the index, as far as a manifest tells it; `recorder.index.Segment` is one."""

    @property
    def uid(self) -> str: ...
    @property
    def camera(self) -> str: ...
    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...
    @property
    def sha256(self) -> str: ...
    @property
    def previous(self) -> str: ...
    @property
    def digest(self) -> str: ...
    @property
    def signature(self) -> str: ...


class Footage(Protocol):
    """What a release has opened."""

    @property
    def cameras(self) -> tuple[str, ...]:
        """Cameras of which there is footage."""

    @property
    def notes(self) -> Mapping[str, str]:
        """What is wrong with segments in scope, by their uid; whole once their units were read."""

    def streams(self, camera: str) -> Sequence[StreamInfo]:
        """The forms that the camera's footage has, in order of time."""

    def units(self, camera: str) -> Iterator[AccessUnit]:
        """Its access units in decoding order; may be asked for again and again."""

    def segments(self, camera: str) -> Sequence[Row]:
        """The segments that they come from."""


@dataclass(frozen=True, slots=True)
class Take:
    """One camera's part of an export: whole GOPs that reach into [start, end) in us UTC, all of one form."""

    footage: Footage
    camera: str
    info: StreamInfo
    start: int
    end: int

    def units(self) -> Iterator[AccessUnit]:
        """Its access units in decoding order.

        Parameter sets that came outside the stream are put before the first, as the recorder does.
        """
        units = within(self.footage.units(self.camera), self.start, self.end)
        first = next(units, None)
        if first is None:
            return
        if self.info.parameter_sets and not carries_parameter_sets(first.data, self.info.codec):
            first = replace(first, data=self.info.parameter_sets + first.data)
        yield first
        yield from units

    def sources(self) -> list[Source]:
        """The segments used, as the manifest tells them."""
        reach = (s for s in self.footage.segments(self.camera) if s.start < self.end and s.end > self.start)
        return [source(each) for each in reach]

    def notes(self) -> dict[str, str]:
        """What was wrong with these segments, by their uid; whole once the units were read."""
        mine = {segment.uid for segment in self.footage.segments(self.camera)}
        return {uid: note for uid, note in self.footage.notes.items() if uid in mine}


def takes(footage: Footage, scope: Scope) -> list[Take]:
    """What `scope` takes of `footage`, camera by camera. Raises CustodyError when there is nothing of one.

    It also does when the picture's size or codec changes, for one file cannot hold both.
    """
    found = []
    for camera in scope.cameras:
        if camera not in footage.cameras:
            raise CustodyError(
                f"Nothing of {camera} was opened", mend="Ask for the cameras of the release, or make a new one"
            )
        forms = list(footage.streams(camera))
        if not forms:
            raise CustodyError(f"There is no footage of {camera} in that time", mend="Ask for another time")
        if _changes(footage, camera, forms):
            raise CustodyError(
                f"The picture's size or codec of {camera} changes within that time",
                mend="Export the time before and the time after on their own, with --from and --to",
            )
        found.append(Take(footage, camera, forms[0], scope.start, scope.end))
    return found


def _changes(footage: Footage, camera: str, forms: Sequence[StreamInfo]) -> bool:
    """Whether one file cannot hold all of it: another codec or size, or other parameter sets that lie outside."""
    if len({(form.codec, form.width, form.height) for form in forms}) > 1:
        return True
    if len({form.parameter_sets for form in forms}) == 1:
        return False
    first = next(footage.units(camera), None)
    return first is not None and not carries_parameter_sets(first.data, forms[0].codec)


def source(segment: Row) -> Source:
    """A row of the index as the manifest tells it."""
    return Source(
        segment.uid,
        segment.camera,
        segment.start,
        segment.end,
        segment.sha256,
        segment.previous,
        segment.digest,
        segment.signature,
    )


def within(units: Iterable[AccessUnit], start: int, end: int) -> Iterator[AccessUnit]:
    """The whole GOPs of which a picture is shown in [start, end), us UTC. A GOP lasts until the next one begins."""
    gop: list[AccessUnit] = []
    for unit in units:
        if unit.key and gop:
            if _reaches(gop, start, end, unit.time):
                yield from gop
            gop = []
        gop.append(unit)
    if gop and _reaches(gop, start, end, max(unit.time for unit in gop) + 1):
        yield from gop


def _reaches(gop: list[AccessUnit], start: int, end: int, until: int) -> bool:
    # The first picture of the next GOP may come long after a gap, so a GOP's own last picture counts too.
    first, last = min(unit.time for unit in gop), max(unit.time for unit in gop)
    return first < end and max(last + 1, min(until, last + 1_000_000)) > start
