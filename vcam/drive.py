"""Drives a file's pictures through the screen without deadlines: everything waits for the detectors."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Protocol

import structlog

from vcam.base.errors import DetectError, NotVideo, WeightsError
from vcam.base.media import TICKS, Analysis, Picture, StreamInfo
from vcam.screen import Analysing, Masked, Screen, Work
from vcam.source import FileSource

log = structlog.get_logger()


class Taking(Protocol):
    """What pictures are driven through: a `vcam.pipeline.Pipeline`, or a screen alone."""

    def open(self, info: StreamInfo) -> None:
        """A stream begins."""

    def push(self, picture: Picture, now: float) -> None:
        """Take one picture in, at its own time in seconds."""

    def owed(self, picture: Picture) -> Work | None:
        """The passes that have come due, to be run on `picture`."""

    def proof(self, picture: Picture) -> Work:
        """What proves the last picture of a stream."""

    def learn(self, analysis: Analysis) -> None:
        """Take in what the analyst saw."""

    def failed(self, work: Work) -> None:
        """The analyst could not do `work`."""

    def release(self, now: float) -> None:
        """Let every picture out whose delay is over at `now`."""


class ThroughScreen(ABC):
    """Drives a screen alone, and hands what it lets out to `take`."""

    def __init__(self, screen: Screen) -> None:
        self._screen = screen

    @abstractmethod
    def take(self, pictures: Iterable[Masked]) -> None:
        """Take masked pictures, in order. They are masked as they are asked for: ask for all of them."""

    def open(self, info: StreamInfo) -> None:
        self.take(self._screen.open(info))

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
        self.take(self._screen.release(now))

    def drain(self) -> None:
        """Let out all that is held back."""
        self.take(self._screen.drain())


def drive(
    source: Path, taking: Taking, analyst: Analysing, opened: Callable[[StreamInfo], None] | None = None
) -> None:
    """Drive every picture of the file `source` through `taking`; `opened` is told of each stream first.

    A detector that fails proves nothing, and is logged. Raises SourceError when `source` is no video, WeightsError
    when a detector cannot be loaded.
    """
    last: Picture | None = None
    for event in FileSource(source).events():
        if isinstance(event, StreamInfo):
            _conclude(last, taking, analyst)
            last = None
            if opened is not None:
                opened(event)
            taking.open(event)
        elif isinstance(event, Picture):
            now = event.pts / TICKS
            taking.push(event, now)
            _look(taking.owed(event), taking, analyst)
            taking.release(now)
            last = event
    if last is None:
        raise NotVideo(f"{source} holds no picture", mend="Check that it plays in another program")
    _conclude(last, taking, analyst)


def _conclude(last: Picture | None, taking: Taking, analyst: Analysing) -> None:
    """Look once more at a stream's last picture, so that those before it are proven too."""
    if last is not None:
        _look(taking.proof(last), taking, analyst)


def _look(work: Work | None, taking: Taking, analyst: Analysing) -> None:
    if work is None:
        return
    try:
        taking.learn(analyst.analyse(work.picture, work.passes, work.tracked))
    except WeightsError:
        raise  # it will not mend itself, and nobody is served by a file that is masked whole throughout
    except DetectError as error:
        taking.failed(work)
        log.error("detection failed; pictures are masked whole", error=str(error))
