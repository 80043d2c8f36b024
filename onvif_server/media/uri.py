"""Where streams and still pictures are had."""

from __future__ import annotations

from urllib.parse import urlsplit

from onvif_server.dispatch import Call
from onvif_server.media.live import Media
from onvif_server.media.profile import Profile

SNAPSHOT_PATH = "/snapshot"
"""Path of the main stream's still picture; those of other streams lie beneath it, by name."""


def stream_uri(call: Call, media: Media, profile: Profile, *, tunnel: bool = False) -> str:
    """The RTSP URL of a profile's stream; with `tunnel` on the port of our web server, where RTSP goes over HTTP."""
    url = media.url(call.host, media.stream(profile))
    return f"rtsp://{call.authority}{urlsplit(url).path}" if tunnel else url


def snapshot_uri(call: Call, media: Media, profile: Profile) -> str:
    """The URL of the newest still picture of a profile's stream."""
    stream = media.stream(profile)
    beneath = "" if stream == media.state.streams[0] else f"/{stream}"
    return call.url(f"{SNAPSHOT_PATH}{beneath}")
