"""What FFmpeg's errors mean to whoever has to mend them."""

from __future__ import annotations

from dataclasses import dataclass

from av.error import (
    ConnectionRefusedError as NobodyListens,
)
from av.error import (
    DecoderNotFoundError,
    DemuxerNotFoundError,
    ExitError,
    FFmpegError,
    FileNotFoundError,
    HTTPClientError,
    HTTPError,
    HTTPForbiddenError,
    HTTPNotFoundError,
    HTTPServerError,
    HTTPUnauthorizedError,
    InvalidDataError,
    PermissionError,
)

from vcam.base.errors import NotVideo, Refused, SourceError, StreamLost, Unreachable, redact


@dataclass(frozen=True, slots=True)
class Place:
    """Where pictures come from, for messages: "camera 'gate' at rtsp://10.0.0.7/1", "file /x/y.mp4"."""

    who: str
    check: str
    """What to check when nothing answers there."""
    broken: str
    """What to do when what arrives cannot be understood."""
    named: bool = False
    """Whether credentials are configured."""


def camera_place(name: str, url: str, *, named: bool) -> Place:
    """A camera reached over the network. `url` is shown without credentials."""
    return Place(
        f"camera '{name}' at {redact(url)}",
        "Check the camera's power and network, and host, port and path in source.url",
        "Check that source.url is the camera's RTSP address and that it sends H.264, H.265 or MJPEG",
        named,
    )


def connect_error(error: FFmpegError, place: Place) -> SourceError:
    """`error` while opening. Nothing of FFmpeg's own text is taken over: it may hold the whole URL."""
    if isinstance(error, (HTTPUnauthorizedError, HTTPForbiddenError)):
        return refused(place)
    if isinstance(error, ExitError):
        return unanswered(place)
    kind: type[SourceError] = Unreachable
    what, mend = f"cannot be opened ({_reason(error)})", place.check
    match error:
        case HTTPNotFoundError():
            kind, what = SourceError, "answers, but has no such stream"
        case HTTPServerError():
            kind, what = SourceError, "answers, but cannot serve its stream now"
        case HTTPError() | HTTPClientError():
            kind, what, mend = NotVideo, "answers, but gives no video", place.broken
        case FileNotFoundError():
            what = "is not there"
        case PermissionError():
            what, mend = "may not be read", "Give Garim's user the right to read it"
        case InvalidDataError() | DecoderNotFoundError() | DemuxerNotFoundError():
            kind, what, mend = NotVideo, "sends nothing that can be understood as video", place.broken
        case NobodyListens():
            what = "refuses the connection"
    return kind(f"{place.who} {what}", mend=mend)


def read_error(error: FFmpegError, place: Place) -> SourceError:
    """`error` while reading from what was open."""
    match error:
        case HTTPUnauthorizedError() | HTTPForbiddenError():
            return refused(place)
        case ExitError():
            return StreamLost(f"{place.who} has fallen silent", mend=place.check)
        case _:
            return StreamLost(f"{place.who} broke off ({_reason(error)})", mend=place.check)


def unanswered(place: Place) -> Unreachable:
    """Nothing came in time."""
    return Unreachable(f"{place.who} does not answer in time", mend=place.check)


def refused(place: Place) -> Refused:
    """The camera wants other credentials."""
    if place.named:
        return Refused(
            f"{place.who} refuses the user name or password",
            mend="Check source.user and source.password, and that this account may view the stream",
        )
    return Refused(f"{place.who} asks for a user name and password", mend="Set source.user and source.password")


def _reason(error: FFmpegError) -> str:
    return type(error).__name__.removesuffix("Error")
