"""The pipeline on a file of footage: `garim mask`. Nothing is late here: it waits for the detectors."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path

import cv2

from models.analyst import Analyst
from models.imported import imported
from vcam.base.errors import ConfigError, EncodeError
from vcam.base.media import TICKS, AudioUnit, MaskedUnit, Picture, Region, StreamInfo
from vcam.base.partfile import distinct, part_of, writing
from vcam.base.settings import EncodeSettings, MaskSettings, SiteSettings, Zone
from vcam.drive import drive
from vcam.encode.mux import Muxer
from vcam.pipeline import Pipeline
from vcam.screen import Spared
from vcam.track.clearing import Clearing, Verdict
from vcam.trackfile import TrackReader

Progress = Callable[[int, float], None]
"""Told the pictures done and the seconds of footage done."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What `mask_file` did: pictures written, how many of them masked whole, regions masked in the others.

    In `cleared` pictures a chosen trail was left clear, in `withheld` ones a chosen trail that was there was masked.
    """

    frames: int
    whole: int
    regions: int
    cleared: int = 0
    withheld: int = 0


class _File:
    """A file of the masked stream, with its regions beside it. Both appear under their names only when complete."""

    def __init__(
        self, path: Path, regions: Path | None, progress: Progress | None, clearing: Clearing | None
    ) -> None:
        self._path = path
        self._part = part_of(path)
        self._regions_path = regions
        self._regions = None
        if regions is not None:
            with writing(regions):
                self._regions = part_of(regions).open("w", encoding="utf-8")
        self._progress = progress
        self._muxer: Muxer | None = None
        self._clearing = clearing
        self._frames = 0
        self._fps = 0.0
        self.cleared = 0
        self.withheld = 0

    def opened(self, info: StreamInfo) -> None:
        """A stream begins."""
        self._fps = info.fps

    def masked(self, unit: MaskedUnit) -> None:
        if self._muxer is None:
            self._muxer = Muxer(self._part, unit, self._fps, name=self._path.name)
        self._muxer.add(unit)
        verdict = None if self._clearing is None else self._clearing.verdict(unit.index)
        if verdict is not None:
            self.cleared += bool(verdict.cleared)
            self.withheld += bool(verdict.withheld)
        if self._regions is not None and self._regions_path is not None:
            with writing(self._regions_path):
                self._regions.write(json.dumps(_line(self._frames, unit, verdict)) + "\n")
        self._frames += 1
        if self._progress is not None:
            self._progress(self._frames, unit.pts / TICKS)

    def audio(self, unit: AudioUnit) -> None:
        """Sound is left out: the file may go to anybody."""

    def close(self) -> None:
        muxer, self._muxer = self._muxer, None
        try:
            if self._regions is not None and self._regions_path is not None:
                with writing(self._regions_path):
                    self._regions.close()
        finally:
            if muxer is not None:
                muxer.close()

    def keep(self) -> None:
        """Give the complete files their names."""
        with writing(self._path):
            self._part.replace(self._path)
        if self._regions_path is not None:
            with writing(self._regions_path):
                part_of(self._regions_path).replace(self._regions_path)

    def discard(self) -> None:
        """Remove the incomplete files."""
        with contextlib.suppress(EncodeError):  # what made them incomplete has been told already
            self.close()
        self._part.unlink(missing_ok=True)
        if self._regions_path is not None:
            part_of(self._regions_path).unlink(missing_ok=True)


def _line(frame: int, unit: MaskedUnit, verdict: Verdict | None) -> dict[str, object]:
    line: dict[str, object] = {
        "frame": frame,
        "time": round(unit.pts / TICKS, 6),
        "regions": list(map(_short, unit.regions)),
    }
    if verdict is not None:
        line["cleared"] = list(map(_short, verdict.cleared))
        line["withheld"] = {str(number): why for number, why in sorted(verdict.withheld.items())}
    return line


def _short(region: Region) -> list[object]:
    return [region.x1, region.y1, region.x2, region.y2, region.track, str(region.kind)]


def mask_file(
    source: Path,
    out: Path,
    *,
    regions: Path | None = None,
    mask: MaskSettings | None = None,
    encode: EncodeSettings | None = None,
    site: SiteSettings | None = None,
    live: bool = False,
    progress: Progress | None = None,
    clear: Collection[int] = (),
    tracks: Path | None = None,
    keep: Zone | None = None,
    mark: Callable[[Picture], None] | None = None,
) -> Outcome:
    """Mask the video file `source` into `out`, with the steps and the defaults of a live camera.

    Nothing is late for a file, so the face detectors look at every picture, at full size too. With `live` they look
    as seldom as at a camera.

    `out` has the pictures, times and upright size of `source`; sound is left out. `regions` receives one JSON line
    for each picture. `site` says where imported detectors lie and what networks run on. The trails `clear` of the
    file `tracks`, which `vcam.tracks` has made of the same `source`, are left clear where that is certain; then the
    lines say too what was `cleared` (before other masks were laid on it) and why each other of these trails was
    `withheld`. With `keep`, everything outside that zone is masked. `mark` may write into each masked picture.

    Raises ConfigError when two of the files are one, an output cannot be a file, `tracks` does not fit or there is no
    such imported detector, SourceError when `source` is no video, DetectError when a detector cannot be loaded,
    EncodeError when an output cannot be written; then nothing is left behind, and what was there under the outputs'
    names stays.
    """
    inputs = [source] if tracks is None else [source, tracks]
    distinct(inputs, [path for path in (out, regions) if path is not None])
    cv2.setNumThreads(1)
    # A file does not say when it was taken.
    settings = (mask or MaskSettings()).at_any_hour()
    where = site or SiteSettings()
    analyst = Analyst(
        settings.kinds,
        preset=settings.preset,
        device=where.device,
        extra=imported(settings, where),
        thorough=not live,
    )
    clearing = chosen_trails(source, settings, frozenset(clear), tracks)
    output = _File(out, regions, progress, clearing)
    pipeline = Pipeline(
        settings, encode or EncodeSettings(), analyst, [output], Spared(clearing, keep), mark=mark
    )
    try:
        drive(source, pipeline, analyst, output.opened)
        pipeline.close()
        output.keep()
    except BaseException:
        output.discard()
        raise
    counters = pipeline.counters
    return Outcome(counters.frames_out, counters.whole, counters.regions, output.cleared, output.withheld)


def chosen_trails(
    source: Path, settings: MaskSettings, chosen: frozenset[int], tracks: Path | None
) -> Clearing | None:
    """Who leaves the `chosen` trails clear, None when none is chosen.

    Raises ConfigError when they are not among those of `tracks`, or `tracks` does not fit `source` and `settings`.
    """
    if tracks is None:
        if chosen:
            raise ConfigError(
                "To leave tracks clear, their file is needed",
                mend="Make it with 'garim tracks' and name it too",
            )
        return None
    if not chosen:
        raise ConfigError("No track is named that is to stay clear", mend="Name it too, or leave the file out")
    reader = TrackReader(tracks, source, settings)
    clearing = Clearing(chosen, reader.pictures())
    unknown = chosen - {trail.number for trail in reader.trails}
    if unknown:
        raise ConfigError(
            f"There is no track {', '.join(map(str, sorted(unknown)))} in {tracks}",
            mend="Choose from what 'garim tracks' lists",
        )
    return clearing
