"""Finds footage by camera and time, and joins it into single files without encoding anything again."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from io import BufferedWriter
from itertools import chain
from pathlib import Path

import av

from recorder.cutting import microseconds
from recorder.index import Index, Segment
from recorder.layout import BODY, HEADER, REGIONS, VIDEO, SegmentKind, with_suffix
from recorder.mp4 import FragmentedMp4, Hevc, Packet, packets
from recorder.regions import Line, load
from vcam.base.errors import RecordError
from vcam.base.media import TICKS

SLACK = 10_000_000
"""Microseconds after a segment's length in which its last GOP ends, is masked and reaches the disk and the index."""
_AGREE = 500_000
"""Microseconds by which two segments' clocks may differ and still count as one time line."""


def find(index: Index, camera: str, start: int, end: int, kind: SegmentKind) -> list[Segment]:
    """Present segments of `camera` that share an instant with [start, end) in us UTC, in order of time.

    Raises RecordError when the camera has never recorded.
    """
    if camera not in (known := index.cameras()):
        names = ", ".join(known) or "none"
        raise RecordError(
            f"No footage of a camera named {camera!r}",
            mend=f"Cameras with footage: {names}; a new one's is there after its first segment",
        )
    return index.overlapping(camera, kind, start, end)


def find_finished(
    index: Index, camera: str, start: int, end: int, *, now: int, longest: float
) -> list[Segment]:
    """The masked segments of [start, end), once all of them are finished; `longest` is a segment's seconds.

    What is still being written is in no index. Raises RecordError, also for a time that is not finished at `now`
    (us UTC): then it says how long to wait.
    """
    segments = find(index, camera, start, end, "masked")
    if segments and segments[-1].end >= end:
        return segments
    whole = round(longest * 1_000_000)
    ready = end + whole + SLACK
    last = segments[-1].end if segments else start
    if now - last < whole + SLACK:  # the segment being written began there
        ready = last + -(-(end - last) // whole) * whole + SLACK
    if now < ready and not index.overlapping(camera, "masked", end, max(now, end + 1)):
        wait = -(-(ready - now) // 1_000_000)
        raise RecordError(
            f"The footage of {camera} is not finished up to {_clock(end, now)}",
            mend=f"Wait until {_clock(now + wait * 1_000_000, now)} ({wait} s), or ask for less",
        )
    return segments


def _clock(time: int, now: int) -> str:
    """This machine's local time; the day too when it is not today."""
    then, today = (datetime.fromtimestamp(each // 1_000_000).astimezone() for each in (time, now))
    return f"{then:%H:%M:%S}" if then.date() == today.date() else f"{then:%Y-%m-%d %H:%M:%S}"


def join_masked(
    folder: Path, segments: Sequence[Segment], out: Path, *, start: int | None = None, end: int | None = None
) -> int:
    """Write the masked segments one after another into a new MP4, gaps kept; return its pictures.

    With `start` and `end` (us UTC) only the GOPs that reach into [start, end) are written. Raises RecordError
    when a segment is missing, the picture's size or codec changes between them, or `out` cannot be written.
    """
    if not segments:
        raise RecordError("There is no masked footage in that range", mend="Ask for another camera or time")
    first = segments[0]
    if any((s.width, s.height, s.codec) != (first.width, first.height, first.codec) for s in segments):
        raise RecordError(
            "The picture's size or codec changes within that range",
            mend="Ask for the time before and the time after on their own",
        )
    try:
        with out.open("xb") as target:
            line = (placed.packet for placed in _line(folder, segments, start, end))
            count = _write(target, line, first)
    except FileExistsError:
        raise RecordError(f"{out} exists already", mend="Give another path") from None
    except (OSError, av.FFmpegError) as error:
        out.unlink(missing_ok=True)
        raise RecordError(
            f"{out} cannot be written: {error.strerror}", mend="Check the path and the disk"
        ) from error
    except RecordError:
        out.unlink(missing_ok=True)
        raise
    if count == 0:
        out.unlink(missing_ok=True)
        raise RecordError("There is no picture in that range", mend="Ask for another time")
    return count


def regions_masked(
    folder: Path, segments: Sequence[Segment], *, start: int | None = None, end: int | None = None
) -> Iterator[Line]:
    """The regions of each picture that `join_masked` writes, counted and timed as in its file.

    Raises RecordError when a segment's regions cannot be read.
    """
    lines: list[Line] = []
    of: Segment | None = None
    for frame, placed in enumerate(_line(folder, segments, start, end)):
        if placed.segment is not of:
            of = placed.segment
            lines = _regions(folder, of)
        if placed.number >= len(lines):
            raise RecordError(f"The regions of segment {of.uid} are incomplete", mend="Run 'garim check'")
        regions = lines[placed.number]["regions"]
        yield {"frame": frame, "time": round(placed.packet.pts / TICKS, 6), "regions": regions}


def _regions(folder: Path, segment: Segment) -> list[Line]:
    try:
        return load(with_suffix(folder / segment.path, REGIONS).read_bytes())
    except OSError as error:
        raise RecordError(
            f"The regions of segment {segment.uid} cannot be read: {error.strerror}", mend="Run 'garim check'"
        ) from error


def _write(target: BufferedWriter, line: Iterator[Packet], form: Segment) -> int:
    """Write `line` as a file; return its packets."""
    first = next(line, None)
    if first is None:
        return 0
    hevc = Hevc(first.data) if form.codec == "hevc" else None
    file = FragmentedMp4(target, form.width, form.height, first=hevc)
    count = 0
    try:
        for packet in chain((first,), line):
            file.video(packet)
            count += 1
    finally:
        file.close()
    return count


def join_original(folder: Path, segment: Segment, out: Path) -> int:
    """Write header and body of an original into a new file; return its bytes.

    It stays encrypted: `age -d -i IDENTITY` opens it. Raises RecordError.
    """
    stem = folder / segment.path
    try:
        with out.open("xb") as target:
            for suffix in (HEADER, BODY):
                with with_suffix(stem, suffix).open("rb") as source:
                    shutil.copyfileobj(source, target, 1 << 20)
            return target.tell()
    except FileExistsError:
        raise RecordError(f"{out} exists already", mend="Give another path") from None
    except OSError as error:
        out.unlink(missing_ok=True)
        raise RecordError(
            f"Segment {segment.uid} cannot be copied to {out}: {error.strerror}", mend="Run 'garim check'"
        ) from error


@dataclass(frozen=True, slots=True)
class _Placed:
    """A packet on the time line, and which one of its segment it is, from 0."""

    packet: Packet
    segment: Segment
    number: int


def _line(folder: Path, segments: Sequence[Segment], start: int | None, end: int | None) -> Iterator[_Placed]:
    """The packets of all segments on one time line that begins at 0."""
    zero: int | None = None
    shift, after, before = 0, 0, None
    for segment in segments:
        shift = _shift(before, segment, shift, after)
        number = 0
        for gop in _gops(packets(with_suffix(folder / segment.path, VIDEO))):
            first, number = number, number + len(gop)
            begin = segment.start + microseconds(gop[0].pts)
            stop = segment.start + microseconds(max(p.pts + p.duration for p in gop))
            if (start is not None and stop <= start) or (end is not None and begin >= end):
                continue
            if zero is None:
                zero = gop[0].dts + shift
            for at, packet in enumerate(gop, first):
                moved = replace(packet, pts=packet.pts + shift - zero, dts=packet.dts + shift - zero)
                yield _Placed(moved, segment, at)
                after = max(after, packet.dts + shift + max(packet.duration, 1))
        before = segment


def _shift(before: Segment | None, segment: Segment, shift: int, after: int) -> int:
    """What to add to `segment`'s time stamps, `after` being the first free one.

    Segments of one stream share its time stamps, which are exact; otherwise the wall clock places them.
    """
    if before is None:
        return 0
    wall = (segment.start - before.start) * TICKS // 1_000_000
    stream = segment.origin - before.origin
    if abs(microseconds(stream - wall)) <= _AGREE:
        return max(shift + stream, after)
    return max(shift + wall, after)


def _gops(line: Iterator[Packet]) -> Iterator[list[Packet]]:
    gop: list[Packet] = []
    for packet in line:
        if packet.key and gop:
            yield gop
            gop = []
        gop.append(packet)
    if gop:
        yield gop
