"""Where streams and still pictures are had."""

from __future__ import annotations

from urllib.parse import urlsplit

from onvif_server.dispatch import Call
from onvif_server.media.live import Media
from onvif_server.media.profile import Profile

SNAPSHOT_PATH = "/snapshot"
"""Path of the main stream's still picture; those of other streams lie beneath it, by name."""


def stream_uri(call: Call, media: Media, profile: Profile) -> str:
    """The RTSP URL of a profile's stream."""
    return media.url(call.host, media.stream(profile))


def tunnel_uri(call: Call, media: Media, profile: Profile) -> str:
    """The URL where a profile's stream goes by RTSP over HTTP, or HTTPS: at the port by which this client reaches our
    web server, as the specifications of both Media services have it."""
    return call.url(urlsplit(stream_uri(call, media, profile)).path)


def secure_uri(call: Call, media: Media, profile: Profile) -> str | None:
    """The RTSPS URL of a profile's stream; None where TLS is off."""
    return media.secure_url(call.host, media.stream(profile))


def snapshot_uri(call: Call, media: Media, profile: Profile) -> str:
    """The URL of the newest still picture of a profile's stream."""
    stream = media.stream(profile)
    beneath = "" if stream == media.state.streams[0] else f"/{stream}"
    return call.url(f"{SNAPSHOT_PATH}{beneath}")
