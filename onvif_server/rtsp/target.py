"""What the URL of a request names."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from onvif_server.rtsp.mount import Mount
from onvif_server.rtsp.refusal import Refusal
from onvif_server.rtsp.track import Track

_TRACK = re.compile(r"/(trackID=\d{1,3})/?$")


@dataclass(frozen=True, slots=True)
class Target:
    """A mount, or one of its tracks.

    `base` is the presentation's URL and ends with a slash, to which controls are relative; `control` is None for
    the whole presentation.
    """

    mount: Mount
    path: str
    base: str
    control: str | None

    @property
    def track(self) -> Track:
        """The track named; the presentation's own URL will do when it has one track only. Refusal 459 if not."""
        for track in self.mount.tracks:
            if self.control == track.control or (self.control is None and len(self.mount.tracks) == 1):
                return track
        raise Refusal(459)


def resolve(uri: str, mounts: Mapping[str, Mount], local: str) -> Target:
    """What `uri` names among `mounts`; a query is let pass. `local` stands in for a host that `uri` leaves out.

    Raises Refusal 400 for a malformed URL and 404 for an unknown one.
    """
    found = _TRACK.search(uri)
    control = found[1] if found else None
    try:
        parts = urlsplit(uri[: found.start()] if found else uri)
        host, port = parts.hostname or local, parts.port
    except ValueError:
        raise Refusal(400, why="The URL is malformed") from None
    path = unquote(parts.path).rstrip("/")
    mount = mounts.get(path)
    if mount is None:
        raise Refusal(404, why="There is no such stream")
    if control is not None and all(track.control != control for track in mount.tracks):
        raise Refusal(404, why="There is no such track")
    # Built anew, so that credentials which a client put into its URL are not repeated.
    authority = (f"[{host}]" if ":" in host else host) + ("" if port is None else f":{port}")
    base = f"{parts.scheme or 'rtsp'}://{authority}{parts.path.rstrip('/')}/"
    return Target(mount, path, base, control)
