"""Makes a whole masked segment out of what a crash has left of one."""

from __future__ import annotations

import base64
import mmap
import os
from pathlib import Path

import av

from recorder import durable, regions
from recorder.annexb import parameter_sets
from recorder.cutting import microseconds
from recorder.descriptor import SegmentDescriptor
from recorder.draft import describe, roll_forward
from recorder.layout import LONGEST, PART, REGIONS, VIDEO, FileName, with_suffix
from recorder.mp4 import packets, whole_boxes
from vcam.base.errors import RecordError


def salvage_masked(folder: Path, name: FileName) -> SegmentDescriptor | None:
    """Keep the whole fragments of a masked segment that was never finished; None when there is not one.

    The origin of its time stamps is lost with the writer's memory: it counts from 0. The caller has claimed
    the file. Raises OSError.
    """
    stem = folder / name.stem
    video = _found(stem, VIDEO)
    if video is None or (whole := _whole(video)) == 0:
        return None
    os.truncate(video, whole)
    try:
        found = list(packets(video))
        codec, width, height = _form(video)
    except RecordError:
        return None
    if not found:
        return None
    side = _regions(stem, len(found))
    length = microseconds(max(p.pts + p.duration for p in found) - min(p.pts for p in found))
    descriptor = SegmentDescriptor(
        id=name.id,
        camera=name.camera,
        kind="masked",
        start=name.start,
        end=name.start + min(max(length, 1), LONGEST),
        sha256=durable.sha256(video),
        size=whole,
        side_sha256=durable.sha256(side),
        side_size=side.stat().st_size,
        codec=codec,
        width=width,
        height=height,
        frames=len(found),
        starts_with_key=found[0].key,
        origin=0,
        parameter_sets=base64.b64encode(parameter_sets(found[0].data, codec)).decode(),
    )
    for path in (video, side):
        durable.sync(path)
    describe(stem, descriptor)
    roll_forward(stem, "masked")
    return descriptor


def _found(stem: Path, suffix: str) -> Path | None:
    paths = (with_suffix(stem, suffix + PART), with_suffix(stem, suffix))
    return next((path for path in paths if path.exists()), None)


def _whole(video: Path) -> int:
    if video.stat().st_size == 0:
        return 0
    with video.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        return whole_boxes(data)


def _form(video: Path) -> tuple[str, int, int]:
    """FFmpeg's name of the codec, width and height."""
    try:
        with av.open(video, "r", format="mp4") as container:
            context = container.streams.video[0].codec_context
            return context.name, context.width, context.height
    except (av.FFmpegError, IndexError) as error:
        raise RecordError(f"Masked segment {video.name} cannot be read", mend="Run 'garim check'") from error


def _regions(stem: Path, frames: int) -> Path:
    """The lines of the first `frames` pictures as a file of its own, in place of what was left."""
    old = _found(stem, REGIONS)
    lines = regions.load(old.read_bytes()) if old is not None else []
    if old is not None:
        durable.unlink(old)
    side = with_suffix(stem, REGIONS + PART)
    durable.write(side, regions.dump(lines[:frames]))
    return side
