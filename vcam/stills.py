"""The pipeline's screen on still pictures: `garim detect`."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from av.video.frame import VideoFrame

from models.analyst import Analyst
from models.imported import imported
from vcam.base.errors import ConfigError, NotVideo
from vcam.base.media import TICKS, Picture, Region, StreamInfo
from vcam.base.settings import MaskSettings, SiteSettings
from vcam.screen import PLAN_RATE, Analysing, Masked, Screen, Work
from vcam.source import FileSource

SECOND = PLAN_RATE
"""Pictures of the second that a still is held for."""
_STILLS = {".jpg", ".jpeg", ".png", ".bmp", ".webp", ".tif", ".tiff"}


def detect_files(
    paths: Sequence[Path],
    *,
    mask: MaskSettings | None = None,
    site: SiteSettings | None = None,
    live: bool = False,
    progress: Callable[[int], None] | None = None,
) -> dict[str, list[list[object]]]:
    """What is masked in still pictures: `{name: [[x1, y1, x2, y2, score, kind], ...]}`.

    Each picture is held still for one second before the pipeline's screen, and the boxes are those of the picture in
    the middle of that second, each wholly inside masked pixels. It is looked at besides as no stream could be; with
    `live` it is not, and the boxes are those that a live camera's mask would have. Folders stand for the pictures in
    them. `site` says where imported detectors lie and what networks run on. Raises SourceError for a file that is no
    picture, ConfigError for an imported detector that there is not, DetectError when a detector fails.
    """
    # A picture does not say when it was taken.
    settings = (mask or MaskSettings()).at_any_hour()
    where = site or SiteSettings()
    analyst = Analyst(
        settings.kinds,
        preset=settings.preset,
        device=where.device,
        extra=imported(settings, where),
        still=not live,
    )
    found: dict[str, list[list[object]]] = {}
    for count, path in enumerate(list(pictures(paths)), 1):
        regions = still(path, settings, analyst)
        found[path.name] = [[r.x1, r.y1, r.x2, r.y2, round(r.score, 4), str(r.kind)] for r in regions]
        if progress is not None:
            progress(count)
    return found


def pictures(paths: Sequence[Path]) -> Iterator[Path]:
    """The files that `detect_files` looks at. Raises ConfigError when two have one name, or a folder has none."""
    seen: dict[str, Path] = {}
    for path in paths:
        files = sorted(f for f in path.iterdir() if f.suffix.lower() in _STILLS) if path.is_dir() else [path]
        if not files:
            raise ConfigError(f"{path} holds no picture", mend=f"Name a folder of {', '.join(sorted(_STILLS))}")
        for file in files:
            if seen.setdefault(file.name, file) != file:
                raise ConfigError(
                    f"Two pictures are called {file.name}",
                    mend="Give them one at a time, or rename one of them",
                )
            yield file


def still(path: Path, settings: MaskSettings, analyst: Analysing) -> tuple[Region, ...]:
    """The regions that are masked in the picture `path` when it is held still for one second."""
    return held_still(*load(path), settings, analyst).regions


def held_still(info: StreamInfo, picture: Picture, settings: MaskSettings, analyst: Analysing) -> Masked:
    """`picture` as it leaves the screen in the middle of a second for which it was held still.

    `picture` itself may be masked too. Raises DetectError.
    """
    screen = Screen(settings, analyst)
    masked = list(screen.open(info))
    for number in range(SECOND):
        held = replace(
            picture, frame=_held(picture.frame, settings), index=number, pts=number * TICKS // PLAN_RATE
        )
        now = held.pts / TICKS
        screen.push(held, now)
        _ask(screen.owed(held), screen, analyst)
        masked += screen.release(now)
    _ask(screen.proof(held), screen, analyst)
    masked += screen.drain()
    return masked[SECOND // 2]


def _ask(work: Work | None, screen: Screen, analyst: Analysing) -> None:
    if work is not None:
        screen.learn(analyst.analyse(work.picture, work.passes, work.tracked))


def load(path: Path) -> tuple[StreamInfo, Picture]:
    """The picture in the file `path`. Raises SourceError when there is none."""
    info: StreamInfo | None = None
    with contextlib.closing(FileSource(path)) as source, contextlib.suppress(NotVideo):
        for event in source.events():
            if isinstance(event, StreamInfo):
                info = event
            elif isinstance(event, Picture) and info is not None:
                return info, event
    raise NotVideo(f"{path} holds no picture", mend="Check that it is a picture that opens in other programs")


def _held(frame: VideoFrame, settings: MaskSettings) -> VideoFrame:
    """A frame to be held: with a delay of the whole second nothing is masked before everything was looked at."""
    if settings.delay >= 1:
        return frame
    copy = VideoFrame.from_ndarray(frame.to_ndarray(), format=frame.format.name)
    copy.color_range, copy.colorspace = frame.color_range, frame.colorspace
    return copy
