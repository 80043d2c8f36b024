"""The pipeline on a file of footage: `garim mask`. Nothing is late here: it waits for the detectors."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import cv2
import structlog

from models.analyst import Analyst
from vcam.base.errors import ConfigError, DetectError, NotVideo
from vcam.base.media import TICKS, AudioUnit, MaskedUnit, Picture, StreamInfo
from vcam.base.settings import EncodeSettings, MaskSettings
from vcam.encode.mux import Muxer
from vcam.pipeline import Pipeline
from vcam.screen import Analysing, Work
from vcam.source import FileSource

log = structlog.get_logger()

Progress = Callable[[int, float], None]
"""Told the pictures done and the seconds of footage done."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What `mask_file` did: pictures written, how many of them masked whole, regions masked in the others."""

    frames: int
    whole: int
    regions: int


class _File:
    """A file of the masked stream, with its regions beside it. Appears under its name only when complete."""

    def __init__(self, path: Path, regions: Path | None, progress: Progress | None) -> None:
        self._path = path
        self._part = path.with_name(f".{path.stem}.part{path.suffix}")
        self._regions_path = regions
        self._regions = regions.open("w", encoding="utf-8") if regions else None
        self._progress = progress
        self._muxer: Muxer | None = None
        self._frames = 0
        self.fps = 0.0

    def masked(self, unit: MaskedUnit) -> None:
        if self._muxer is None:
            self._muxer = Muxer(self._part, unit, self.fps)
        self._muxer.add(unit)
        if self._regions is not None:
            self._regions.write(json.dumps(_line(self._frames, unit)) + "\n")
        self._frames += 1
        if self._progress is not None:
            self._progress(self._frames, unit.pts / TICKS)

    def audio(self, unit: AudioUnit) -> None:
        """Sound is left out: the file may go to anybody."""

    def close(self) -> None:
        if self._regions is not None:
            self._regions.close()
        if self._muxer is not None:
            self._muxer.close()

    def keep(self) -> None:
        """Give the complete file its name."""
        self._part.replace(self._path)

    def discard(self) -> None:
        """Remove an incomplete file."""
        self._part.unlink(missing_ok=True)
        if self._regions_path is not None:
            self._regions_path.unlink(missing_ok=True)


def _line(frame: int, unit: MaskedUnit) -> dict[str, object]:
    regions = [[r.x1, r.y1, r.x2, r.y2, r.track, str(r.kind)] for r in unit.regions]
    return {"frame": frame, "time": round(unit.pts / TICKS, 6), "regions": regions}


def mask_file(
    source: Path,
    out: Path,
    *,
    regions: Path | None = None,
    mask: MaskSettings | None = None,
    encode: EncodeSettings | None = None,
    progress: Progress | None = None,
) -> Outcome:
    """Mask the video file `source` into `out`, with the steps and the defaults of a live camera.

    `out` has the pictures, times and upright size of `source`; sound is left out. `regions` receives one JSON line
    for each picture. Raises SourceError when `source` is no video, DetectError when a detector cannot be loaded,
    EncodeError when `out` cannot be written; then no `out` is left behind.
    """
    _distinct(source, out, regions)
    cv2.setNumThreads(1)
    settings = mask or MaskSettings()
    analyst = Analyst(settings.kinds)
    footage = FileSource(source)
    output = _File(out, regions, progress)
    pipeline = Pipeline(settings, encode or EncodeSettings(), analyst, [output])
    try:
        with contextlib.closing(pipeline):
            _run(footage, pipeline, analyst, output)
        output.keep()
    except BaseException:
        output.discard()
        raise
    counters = pipeline.counters
    return Outcome(counters.frames_out, counters.whole, counters.regions)


def _distinct(source: Path, out: Path, regions: Path | None) -> None:
    names = [path.resolve() for path in (source, out, regions) if path is not None]
    if len(set(names)) != len(names):
        raise ConfigError(
            "Input, output and regions must be different files", mend="Choose another name for the output"
        )
    for path in names[1:]:
        if not path.parent.is_dir():
            raise ConfigError(
                f"There is no folder {path.parent} for {path.name}", mend="Create the folder first"
            )


def _run(footage: FileSource, pipeline: Pipeline, analyst: Analysing, output: _File) -> None:
    last: Picture | None = None
    for event in footage.events():
        if isinstance(event, StreamInfo):
            _conclude(last, pipeline, analyst)
            last = None
            output.fps = event.fps
            pipeline.open(event)
        elif isinstance(event, Picture):
            now = event.pts / TICKS
            pipeline.push(event, now)
            _look(pipeline.owed(event), pipeline, analyst)
            pipeline.release(now)
            last = event
    if last is None:
        raise NotVideo("The file holds no picture", mend="Check that it plays in another program")
    _conclude(last, pipeline, analyst)


def _conclude(last: Picture | None, pipeline: Pipeline, analyst: Analysing) -> None:
    """Look once more at a stream's last picture, so that those before it are proven too."""
    if last is not None:
        _look(pipeline.proof(last), pipeline, analyst)


def _look(work: Work | None, pipeline: Pipeline, analyst: Analysing) -> None:
    if work is None:
        return
    try:
        pipeline.learn(analyst.analyse(work.picture, work.passes, work.tracked))
    except DetectError as error:
        log.error("detection failed; pictures are masked whole", error=str(error))
