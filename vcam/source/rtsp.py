"""RTSP and RTSPS cameras."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import closing
from urllib.parse import quote, urlsplit, urlunsplit

import av
from av.container import InputContainer
from av.error import FFmpegError

from vcam.base.errors import ConfigError, Refused
from vcam.base.settings import SourceSettings
from vcam.source.container import Playing, Session, SourceEvent
from vcam.source.decoder import listen, overhearing
from vcam.source.failure import Place, connect_error, unanswered
from vcam.source.timeline import CaptureClock, Timeline

_UDP_BUFFER = 2 * 1024 * 1024


def read_credentials(settings: SourceSettings, name: str) -> tuple[str, str] | None:
    """User and password, read anew so that a mended password file counts. Raises Refused where it cannot be read."""
    if settings.user is None:
        return None
    if settings.password is None:
        return settings.user, ""
    try:
        return settings.user, settings.password.read(f"password of camera '{name}'")
    except ConfigError as error:
        what, mend = error.what, error.mend
    raise Refused(what, mend=mend)


def with_credentials(url: str, credentials: tuple[str, str] | None) -> str:
    """`url` with percent-encoded credentials in place of any that it holds (RFC 3986, section 3.2.1)."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    if credentials is not None:
        user, password = credentials
        host = f"{quote(user, safe='')}:{quote(password, safe='')}@{host}"
    return urlunsplit(parts._replace(netloc=host))


def play_rtsp(
    url: str,
    settings: SourceSettings,
    credentials: tuple[str, str] | None,
    playing: Playing,
    timeline: Timeline,
) -> Iterator[SourceEvent]:
    """One connection to the stream at `url`, which holds no credentials. Raises SourceError."""
    container = _open(with_credentials(url, credentials), _options(url, settings), playing)
    with closing(container):
        yield from Session(container, playing, timeline, CaptureClock()).events()


def _options(url: str, settings: SourceSettings) -> dict[str, str]:
    media = "video+audio" if settings.record_audio_despite_pipa_25_5 else "video"
    options = {
        "rtsp_transport": settings.transport,
        "allowed_media_types": media,
        "timeout": str(round(settings.timeout * 1_000_000)),
        "analyzeduration": "1000000",
    }
    if settings.transport == "udp":
        options["buffer_size"] = str(_UDP_BUFFER)
    if urlsplit(url).scheme == "rtsps" and settings.verify_tls:
        options["tls_verify"] = "1"
        authorities = ssl.get_default_verify_paths().cafile
        if authorities is not None:
            options["ca_file"] = authorities
    return options


def _open(url: str, options: dict[str, str], playing: Playing) -> InputContainer:
    place: Place = playing.place
    began = playing.clock.monotonic()
    listen()
    try:
        with overhearing():
            return av.open(url, "r", format="rtsp", options=options, timeout=playing.timeout)
    except FFmpegError as error:
        # FFmpeg's RTSP reports a time-out in the middle of an answer as invalid data.
        late = playing.clock.monotonic() - began >= playing.timeout * 0.95
        failure = unanswered(place) if late else connect_error(error, place)
    raise failure
