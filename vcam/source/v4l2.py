"""Cameras on this machine: Video4Linux2 devices.

A device that can compress is asked for H.264, then for Motion-JPEG, and its access units are kept as
they come. From a device that gives raw video only there are no access units, so no original is kept: it
yields pictures alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import av
from av.container import InputContainer
from av.error import FFmpegError

from vcam.base.errors import Unreachable
from vcam.source.container import Playing, Session, SourceEvent
from vcam.source.decoder import listen, overhearing
from vcam.source.failure import Place, connect_error
from vcam.source.timeline import CaptureClock, Timeline

_FORMATS = ("h264", "mjpeg", None)


def device_place(path: str, name: str) -> Place:
    """A device, for messages."""
    return Place(
        f"camera '{name}' at {path}",
        "Check that the camera is plugged in, that source.url names its device, and that Garim's user is in the "
        "group 'video'",
        "Check that the device is a camera: 'v4l2-ctl --list-devices' lists them",
    )


def play_v4l2(path: str, playing: Playing, timeline: Timeline) -> Iterator[SourceEvent]:
    """One opening of the device at `path`. Raises SourceError."""
    with closing(_open(path, playing)) as container:
        yield from Session(container, playing, timeline, CaptureClock()).events()


def _open(path: str, playing: Playing) -> InputContainer:
    place = playing.place
    if not Path(path).is_char_device():
        raise Unreachable(f"{place.who} is not there or is no device", mend=place.check)
    listen()
    for wanted in _FORMATS:
        options = {} if wanted is None else {"input_format": wanted}
        try:
            with overhearing():
                return av.open(path, "r", format="v4l2", options=options, timeout=playing.timeout)
        except FFmpegError as error:
            failure = connect_error(error, place)
    raise failure
