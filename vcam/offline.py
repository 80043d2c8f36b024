"""The pipeline on a file of footage: `garim mask`. Nothing is late here: it waits for the detectors."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import structlog

from models.analyst import Analyst
from vcam.base.errors import ConfigError, DetectError, EncodeError, NotVideo
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
    """A file of the masked stream, with its regions beside it. Both appear under their names only when complete."""

    def __init__(self, path: Path, regions: Path | None, progress: Progress | None) -> None:
        self._path = path
        self._part = _part(path)
        self._regions_path = regions
        self._regions = None
        if regions is not None:
            with _writing(regions):
                self._regions = _part(regions).open("w", encoding="utf-8")
        self._progress = progress
        self._muxer: Muxer | None = None
        self._frames = 0
        self.fps = 0.0

    def masked(self, unit: MaskedUnit) -> None:
        if self._muxer is None:
            self._muxer = Muxer(self._part, unit, self.fps, name=self._path.name)
        self._muxer.add(unit)
        if self._regions is not None and self._regions_path is not None:
            with _writing(self._regions_path):
                self._regions.write(json.dumps(_line(self._frames, unit)) + "\n")
        self._frames += 1
        if self._progress is not None:
            self._progress(self._frames, unit.pts / TICKS)

    def audio(self, unit: AudioUnit) -> None:
        """Sound is left out: the file may go to anybody."""

    def close(self) -> None:
        muxer, self._muxer = self._muxer, None
        try:
            if self._regions is not None and self._regions_path is not None:
                with _writing(self._regions_path):
                    self._regions.close()
        finally:
            if muxer is not None:
                muxer.close()

    def keep(self) -> None:
        """Give the complete files their names."""
        with _writing(self._path):
            self._part.replace(self._path)
        if self._regions_path is not None:
            with _writing(self._regions_path):
                _part(self._regions_path).replace(self._regions_path)

    def discard(self) -> None:
        """Remove the incomplete files."""
        with contextlib.suppress(EncodeError):  # what made them incomplete has been told already
            self.close()
        self._part.unlink(missing_ok=True)
        if self._regions_path is not None:
            _part(self._regions_path).unlink(missing_ok=True)


def _part(path: Path) -> Path:
    """The file that becomes `path` when complete."""
    return path.with_name(f".{path.stem}.part{path.suffix}")


@contextlib.contextmanager
def _writing(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise EncodeError(
            f"{path.name} cannot be written ({error.strerror or type(error).__name__})",
            mend="Check the folder's rights and the disk's room",
        ) from error


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
    for each picture. Raises ConfigError when two of the files are one or an output cannot be a file, SourceError
    when `source` is no video, DetectError when a detector cannot be loaded, EncodeError when an output cannot be
    written; then nothing is left behind, and what was there under the outputs' names stays.
    """
    _distinct(source, out, regions)
    cv2.setNumThreads(1)
    settings = mask or MaskSettings()
    analyst = Analyst(settings.kinds)
    footage = FileSource(source)
    output = _File(out, regions, progress)
    pipeline = Pipeline(settings, encode or EncodeSettings(), analyst, [output])
    try:
        _run(source, footage, pipeline, analyst, output)
        pipeline.close()
        output.keep()
    except BaseException:
        output.discard()
        raise
    counters = pipeline.counters
    return Outcome(counters.frames_out, counters.whole, counters.regions)


def _distinct(source: Path, out: Path, regions: Path | None) -> None:
    outputs = [path for path in (out, regions) if path is not None]
    names = [path.resolve() for path in (source, *outputs, *map(_part, outputs))]
    if len(set(names)) != len(names):
        raise ConfigError(
            "Input, output and regions must be different files", mend="Choose another name for the output"
        )
    for path in outputs:
        if not path.parent.is_dir():
            raise ConfigError(
                f"There is no folder {path.parent} for {path.name}", mend="Create the folder first"
            )
        if path.exists() and not path.is_file():
            raise ConfigError(f"{path} is there already and is no file", mend="Name a file to be written")


def _run(source: Path, footage: FileSource, pipeline: Pipeline, analyst: Analysing, output: _File) -> None:
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
        raise NotVideo(f"{source} holds no picture", mend="Check that it plays in another program")
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
        pipeline.failed(work)
        log.error("detection failed; pictures are masked whole", error=str(error))
