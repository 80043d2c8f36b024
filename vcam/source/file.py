"""Video files, for offline work and played as if they were cameras."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from threading import Event

import av
from av.container import InputContainer
from av.error import FFmpegError

from vcam.base.clock import Clock, SystemClock
from vcam.base.errors import NotVideo, SourceError, Unreachable
from vcam.base.media import TICKS, Picture, StreamInfo
from vcam.source.container import Playing, Session, SourceEvent
from vcam.source.decoder import listen, overhearing
from vcam.source.failure import Place, connect_error
from vcam.source.timeline import PlayClock, Timeline

_NO_VIDEO = frozenset({"tty", "bin", "adf", "idf", "xbin", "concat", "hls", "dash", "imf"})
"""Formats of FFmpeg's that draw plain text, or that play other files than the one that was named."""
_LATE = 2.0
_TICK = 0.1


def file_place(path: Path, name: str = "") -> Place:
    """A file, for messages; `name` is the camera's that it stands in for."""
    return Place(
        f"camera '{name}', file {path}" if name else f"file {path}",
        "Check the path and the file's rights",
        "Check that it is a video file and was copied whole; an MP4 whose recording was cut off has no index "
        "and cannot be read",
    )


class FileSource:
    """A file in any container and codec that FFmpeg decodes, as a Source.

    `pts` are the file's own (variable rates stay), from 0; over loops they run on. `time` counts from the
    instant at which the first packet is read, at the file's own pace. `paced` plays at that pace by
    `clock`; without it, as fast as it is read. `rotate` degrees clockwise are added to the container's own.
    `events` raises Unreachable when the file is not there, NotVideo when it holds no picture. A file that
    ends early gives what it holds.
    """

    def __init__(
        self,
        path: Path | str,
        *,
        rotate: int = 0,
        loop: bool = False,
        paced: bool = False,
        clock: Clock | None = None,
        name: str = "",
        audio: bool = False,
        stop: Event | None = None,
        timeline: Timeline | None = None,
    ) -> None:
        self._path = Path(path)
        self._loop = loop
        self._paced = paced
        self._timeline = timeline if timeline is not None else Timeline()
        self._capture = PlayClock()
        self._playing = Playing(
            file_place(self._path, name),
            clock if clock is not None else SystemClock(),
            stop if stop is not None else Event(),
            rotate=rotate,
            audio=audio,
        )

    def events(self) -> Iterator[SourceEvent]:
        info: StreamInfo | None = None
        while not self._playing.stop.is_set():
            with closing(self._open()) as container:
                session = Session(container, self._playing, self._timeline, self._capture, info)
                yield from self._pace(session.events()) if self._paced else session.events()
                info = session.info
            if not self._loop:
                return

    def close(self) -> None:
        self._playing.stop.set()

    def _open(self) -> InputContainer:
        place = self._playing.place
        if not self._path.is_file():
            raise Unreachable(f"{place.who} is not there or is no file", mend=place.check)
        if self._path.stat().st_size == 0:
            raise NotVideo(f"{place.who} is empty", mend=place.broken)
        failure: SourceError
        listen()
        try:
            with overhearing():
                # Playlists and the like must not reach out to other files or to the network.
                container = av.open(f"file:{self._path}", "r", options={"protocol_whitelist": "file"})
        except FFmpegError as error:
            failure = connect_error(error, place)
        else:
            if container.format.name not in _NO_VIDEO:
                return container
            container.close()
            failure = NotVideo(f"{place.who} holds no video", mend=place.broken)
        raise failure

    def _pace(self, events: Iterator[SourceEvent]) -> Iterator[SourceEvent]:
        """`events` at their own pace. When held up for more than 2 s, play goes on from there."""
        clock, stop = self._playing.clock, self._playing.stop
        start: float | None = None
        for event in events:
            if isinstance(event, Picture):
                at = event.pts / TICKS
                if start is None:
                    start = clock.monotonic() - at
                while (left := start + at - clock.monotonic()) > 0 and not stop.wait(min(left, _TICK)):
                    pass
                if left < -_LATE:
                    start -= left
                    self._capture.shift(-left)
                if stop.is_set():
                    return
            yield event
