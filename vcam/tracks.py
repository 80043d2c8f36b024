"""The first pass over a file of footage: `garim tracks`. It tells what there is to leave clear, and shows nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import cv2

from models.analyst import Analyst
from models.imported import imported
from models.passes import KINDS
from vcam.base.media import TICKS, Kind, Region
from vcam.base.partfile import distinct
from vcam.base.settings import MaskSettings, SiteSettings
from vcam.drive import ThroughScreen, drive
from vcam.screen import PLAN_RATE, Analysing, Decided, Masked, Screen
from vcam.track.buffer import Released
from vcam.track.continuity import Continuity
from vcam.track.settings import TrackSettings
from vcam.track.trace import Traced
from vcam.track.trail import Trail, Trails
from vcam.trackfile import Header, TrackWriter

Progress = Callable[[int, float], None]
"""Told the pictures done and the seconds of footage done."""


class _Tracing(ThroughScreen):
    """Drives the screen for what it learns of each picture; the masked pictures themselves go nowhere.

    As a `vcam.screen.Clearing` it sees what the second pass will see, and clears nothing.
    """

    def __init__(
        self, settings: MaskSettings, analyst: Analysing, writer: TrackWriter, progress: Progress | None
    ) -> None:
        super().__init__(Screen(settings, analyst, Decided(clearing=self)))
        self._continuity = Continuity(_periods(analyst), TrackSettings().start_score)
        self._trails = Trails()
        self._writer = writer
        self._progress = progress

    def clear(self, released: Released) -> tuple[Region, ...]:
        self._keep(self._continuity.add(released))
        if self._progress is not None:
            self._progress(released.picture.index + 1, released.picture.pts / TICKS)
        return ()

    def take(self, pictures: Iterable[Masked]) -> None:
        for _ in pictures:
            pass

    def close(self) -> tuple[Trail, ...]:
        """Take in all that is held back; every trail."""
        self.drain()
        self._keep(self._continuity.end())
        return self._trails.trails(self._continuity.follows)

    def _keep(self, pictures: Iterable[Traced]) -> None:
        for traced in pictures:
            self._writer.add(traced)
            self._trails.add(traced)


def _periods(analyst: Analysing) -> dict[Kind, float]:
    """Seconds between proving passes, by kind."""
    return {
        kind: analyst.period(family, PLAN_RATE)
        for family, kinds in KINDS.items()
        if family in analyst.families
        for kind in kinds
    }


def track_file(
    source: Path,
    out: Path,
    *,
    mask: MaskSettings | None = None,
    site: SiteSettings | None = None,
    progress: Progress | None = None,
) -> tuple[Trail, ...]:
    """Write to `out` what is tracked in the video file `source` when it is masked as `mask` says; every trail.

    `site` says where imported detectors lie and what networks run on. Raises ConfigError when the files are one,
    `out` cannot be a file or there is no such imported detector, SourceError when `source` is no video, DetectError
    when a detector cannot be loaded, EncodeError when `out` cannot be written; then nothing is left behind, and what
    was there under that name stays.
    """
    distinct([source], [out])
    cv2.setNumThreads(1)
    settings = (mask or MaskSettings()).at_any_hour()
    where = site or SiteSettings()
    analyst = Analyst(
        settings.kinds,
        preset=settings.preset,
        device=where.device,
        extra=imported(settings, where),
        thorough=True,
    )
    writer = TrackWriter(out, Header.of(source, settings))
    try:
        tracing = _Tracing(settings, analyst, writer, progress)
        drive(source, tracing, analyst)
        trails = tracing.close()
        writer.keep(trails)
    except BaseException:
        writer.discard()
        raise
    return trails
