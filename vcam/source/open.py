"""The one door to every kind of camera."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event
from typing import TypeAlias

from vcam.base.clock import Clock
from vcam.base.ports import Source
from vcam.base.settings import SourceSettings
from vcam.source.container import Playing, SourceEvent
from vcam.source.failure import Place, camera_place
from vcam.source.file import FileSource, file_place
from vcam.source.onvif import find_stream
from vcam.source.reconnect import OnState, Reconnecting
from vcam.source.rtsp import play_rtsp, read_credentials
from vcam.source.timeline import Timeline
from vcam.source.v4l2 import device_place, play_v4l2

_Attempt: TypeAlias = Callable[[], Iterator[SourceEvent]]
_ONVIF_LEAST = 10.0


def open_source(
    settings: SourceSettings, name: str, clock: Clock, *, on_state: OnState | None = None
) -> Source:
    """The camera that `settings` describe, named `name` in messages. Nothing is opened yet.

    `events` connects, and connects again for ever; it ends after `close`, or at the end of a file that
    is not looped. `pts` and `index` run on over reconnects. `on_state` is called from the thread that reads
    `events`. `close` takes effect within `settings.timeout`, for ONVIF while connecting, at once.
    """
    stop, timeline = Event(), Timeline()
    scheme, _, rest = settings.url.partition(":")
    scheme = scheme.lower()
    attempt: _Attempt
    if scheme == "file":
        path = _local_path(rest)
        playing = _playing(settings, file_place(path, name), clock, stop)
        attempt = _file(path, settings, playing, timeline, name)
    elif scheme == "v4l2":
        playing = _playing(settings, device_place(_local_path(rest).as_posix(), name), clock, stop)
        attempt = _v4l2(_local_path(rest).as_posix(), playing, timeline)
    else:
        place = camera_place(name, settings.url, named=settings.user is not None)
        playing = _playing(settings, place, clock, stop)
        attempt = _network(scheme, settings, playing, timeline, name)
    return Reconnecting(
        attempt, name=name, longest=settings.reconnect_max, clock=clock, stop=stop, on_state=on_state
    )


def _playing(settings: SourceSettings, place: Place, clock: Clock, stop: Event) -> Playing:
    return Playing(
        place,
        clock,
        stop,
        rotate=settings.rotate,
        live=not settings.url.lower().startswith("file:"),
        audio=settings.record_audio_despite_pipa_25_5,
        timeout=settings.timeout,
    )


def _local_path(rest: str) -> Path:
    """PATH of `file:PATH`, `file:///PATH` or `v4l2:/dev/videoN`."""
    return Path(rest[2:] if rest.startswith("///") else rest)


def _file(path: Path, settings: SourceSettings, playing: Playing, timeline: Timeline, name: str) -> _Attempt:
    def attempt() -> Iterator[SourceEvent]:
        return FileSource(
            path,
            rotate=settings.rotate,
            loop=settings.loop,
            paced=True,
            clock=playing.clock,
            name=name,
            audio=playing.audio,
            stop=playing.stop,
            timeline=timeline,
        ).events()

    return attempt


def _v4l2(path: str, playing: Playing, timeline: Timeline) -> _Attempt:
    def attempt() -> Iterator[SourceEvent]:
        return play_v4l2(path, playing, timeline)

    return attempt


def _network(
    scheme: str, settings: SourceSettings, playing: Playing, timeline: Timeline, name: str
) -> _Attempt:
    def attempt() -> Iterator[SourceEvent]:
        credentials = read_credentials(settings, name)
        url = settings.url
        if scheme == "onvif":
            limit = max(_ONVIF_LEAST, settings.timeout)
            url = find_stream(url, credentials, playing.place, timeout=limit, stop=playing.stop)
        yield from play_rtsp(url, settings, credentials, playing, timeline)

    return attempt
