"""A segment while it is being written: its `.part` files, and the ordered steps that finish or discard it."""

from __future__ import annotations

from pathlib import Path

import structlog

from recorder import durable
from recorder.descriptor import SegmentDescriptor
from recorder.layout import DESCRIPTOR, MAIN, PART, SUFFIXES, SegmentKind, new_id, stem, with_suffix

_log = structlog.get_logger()


class Draft:
    """The unfinished files of one segment.

    The file of pictures is made first and locked while the draft lives, so that a check beside a running
    recorder can tell it from what a crash has left. Raises OSError.
    """

    def __init__(self, folder: Path, camera: str, kind: SegmentKind, start: int) -> None:
        self.id = new_id()
        self.camera = camera
        self.kind = kind
        self.start = start
        self._stem = folder / stem(camera, start, self.id)
        self._files: list[durable.HashingFile] = []
        durable.make_folders(folder, self._stem.parent)
        self.main = self.create(MAIN[kind], lock=True)

    def _path(self, suffix: str) -> Path:
        return with_suffix(self._stem, suffix)

    def create(self, suffix: str, *, lock: bool = False) -> durable.HashingFile:
        """A new `.part` file of this segment."""
        file = durable.HashingFile(self._path(suffix + PART), lock=lock)
        self._files.append(file)
        return file

    def describe(self, descriptor: SegmentDescriptor) -> None:
        """Write the descriptor's `.part`, after everything else. From here on a killed process loses nothing."""
        self.create(DESCRIPTOR).write(descriptor.dump())

    def finish(self) -> None:
        """Make the segment final: wait for the disk, then rename. From the renames on a power cut loses nothing."""
        for file in self._files:
            file.sync()
        durable.sync_folder(self._stem.parent)
        roll_forward(self._stem, self.kind)
        self._close()

    def discard(self) -> None:
        """Remove whatever there is of the segment. What cannot be removed is logged and left to the check."""
        for suffix in reversed(SUFFIXES[self.kind]):
            for path in (self._path(suffix), self._path(suffix + PART)):
                try:
                    durable.unlink(path)
                except OSError as error:
                    _log.warning(
                        "file of a lost segment remains", camera=self.camera, path=str(path), error=str(error)
                    )
        self._close()

    def _close(self) -> None:
        for file in self._files:
            file.close()


def describe(stem: Path, descriptor: SegmentDescriptor) -> None:
    """Write the descriptor's `.part`. Once this returns, the segment will become final, crash or not."""
    path = with_suffix(stem, DESCRIPTOR + PART)
    durable.unlink(path)
    durable.write(path, descriptor.dump())
    durable.sync_folder(stem.parent)


def roll_forward(stem: Path, kind: SegmentKind) -> None:
    """Give a described segment's files their final names, the descriptor last. Doing it twice does no harm."""
    for suffix in SUFFIXES[kind]:
        part = with_suffix(stem, suffix + PART)
        if part.exists():
            if suffix == DESCRIPTOR:
                durable.sync_folder(stem.parent)
            durable.rename(part, with_suffix(stem, suffix))
    durable.sync_folder(stem.parent)
