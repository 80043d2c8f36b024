"""The first pass over a file of footage: `garim tracks`. It tells what there is to leave clear, and shows nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import cv2

from models.analyst import Analyst
from models.imported import imported
from models.passes import KINDS
from vcam.base.media import TICKS, Analysis, Kind, Picture, Region, StreamInfo
from vcam.base.partfile import distinct
from vcam.base.settings import MaskSettings, SiteSettings
from vcam.drive import drive
from vcam.screen import PLAN_RATE, Analysing, Decided, Masked, Screen, Work
from vcam.track.buffer import Released
from vcam.track.continuity import Continuity
from vcam.track.settings import TrackSettings
from vcam.track.trace import Traced
from vcam.track.trail import Trail, Trails
from vcam.trackfile import Header, TrackWriter

Progress = Callable[[int, float], None]
"""Told the pictures done and the seconds of footage done."""


class _Tracing:
    """Drives the screen for what it learns of each picture; the masked pictures themselves go nowhere.

    As a `vcam.screen.Clearing` it sees what the second pass will see, and clears nothing.
    """

    def __init__(
        self, settings: MaskSettings, analyst: Analysing, writer: TrackWriter, progress: Progress | None
    ) -> None:
        self._screen = Screen(settings, analyst, Decided(clearing=self))
        self._continuity = Continuity(_periods(analyst), TrackSettings().start_score)
        self._trails = Trails()
        self._writer = writer
        self._progress = progress

    def clear(self, released: Released) -> tuple[Region, ...]:
        self._keep(self._continuity.add(released))
        if self._progress is not None:
            self._progress(released.picture.index + 1, released.picture.pts / TICKS)
        return ()

    def open(self, info: StreamInfo) -> None:
        _drop(self._screen.open(info))

    def push(self, picture: Picture, now: float) -> None:
        self._screen.push(picture, now)

    def owed(self, picture: Picture) -> Work | None:
        return self._screen.owed(picture)

    def proof(self, picture: Picture) -> Work:
        return self._screen.proof(picture)

    def learn(self, analysis: Analysis) -> None:
        self._screen.learn(analysis)

    def failed(self, work: Work) -> None:
        self._screen.failed(work)

    def release(self, now: float) -> None:
        _drop(self._screen.release(now))

    def close(self) -> tuple[Trail, ...]:
        """Take in all that is held back; every trail."""
        _drop(self._screen.drain())
        self._keep(self._continuity.end())
        return self._trails.trails(self._continuity.follows)

    def _keep(self, pictures: Iterable[Traced]) -> None:
        for traced in pictures:
            self._writer.add(traced)
            self._trails.add(traced)


def _drop(pictures: Iterable[Masked]) -> None:
    for _ in pictures:
        pass


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
