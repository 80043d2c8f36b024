"""Finishes segments in a thread of its own: waiting for the disk must not stall the pipeline."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable

import structlog

from recorder.descriptor import SegmentDescriptor
from recorder.draft import Draft
from recorder.losses import Losses
from vcam.base.errors import GarimError

_log = structlog.get_logger()

DEPTH = 4
"""Segments that may wait to be finished."""
PATIENCE = 1.0
"""Seconds that `submit` waits for room before the segment counts as lost."""


_Job = tuple[Draft, SegmentDescriptor]


class Finisher:
    """One thread and a bounded queue. `on_segment` is called in that thread."""

    def __init__(self, name: str, on_segment: Callable[[SegmentDescriptor], None], losses: Losses) -> None:
        self._on_segment = on_segment
        self._losses = losses
        self._jobs: queue.Queue[_Job | None] = queue.Queue(DEPTH)
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def room(self) -> bool:
        """Whether `submit` would not wait."""
        return not self._jobs.full()

    def submit(self, draft: Draft, descriptor: SegmentDescriptor) -> None:
        """Hand over a described segment. When the disk has stalled for long, the segment is lost."""
        try:
            self._jobs.put((draft, descriptor), timeout=PATIENCE)
        except queue.Full:
            draft.discard()
            self._losses.lost(draft.start, OSError("the disk does not keep up"))

    def close(self) -> None:
        """Finish what waits, then end the thread."""
        self._jobs.put(None)
        self._thread.join()

    def _run(self) -> None:
        while (job := self._jobs.get()) is not None:
            self._finish(*job)

    def _finish(self, draft: Draft, descriptor: SegmentDescriptor) -> None:
        try:
            draft.finish()
        except OSError as error:
            draft.discard()
            self._losses.lost(draft.start, error)
            return
        self._losses.kept()
        try:
            self._on_segment(descriptor)
        except (OSError, GarimError) as error:
            # The segment is safe on the disk; the next check adopts it into the index.
            _log.warning("segment not reported", camera=descriptor.camera, id=descriptor.id, error=str(error))
