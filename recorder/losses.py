"""Segments that could not be kept: each is logged, and each outage is reported once."""

from __future__ import annotations

import threading
from collections.abc import Callable

import structlog

from vcam.base.errors import RecordError

_log = structlog.get_logger()


class Losses:
    """Counts lost segments of one writer. Thread-safe."""

    def __init__(self, camera: str, kind: str, on_error: Callable[[RecordError], None] | None) -> None:
        self._camera = camera
        self._kind = kind
        self._on_error = on_error
        self._lock = threading.Lock()
        self._outage = False
        self.count = 0

    @property
    def outage(self) -> bool:
        """Whether the last segment that was tried is lost."""
        with self._lock:
            return self._outage

    def lost(self, start: int, cause: Exception) -> None:
        """A segment that began at `start` (us UTC) is lost."""
        why = (cause.strerror if isinstance(cause, OSError) else None) or str(cause) or type(cause).__name__
        error = RecordError(
            f"Camera {self._camera}: a segment ({self._kind}) cannot be written: {why}",
            mend="Free space on the media folder's disk and check that it can be written to; "
            "recording goes on by itself at the next segment",
        )
        with self._lock:
            self.count += 1
            first, self._outage = not self._outage, True
        _log.error("segment lost", camera=self._camera, kind=self._kind, start=start, error=why)
        if first and self._on_error is not None:
            self._on_error(error)

    def kept(self) -> None:
        """A segment has been kept, which ends an outage."""
        with self._lock:
            over, self._outage = self._outage, False
        if over:
            _log.info("recording works again", camera=self._camera, kind=self._kind)
