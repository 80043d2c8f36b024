"""What a virtual device asks of the camera behind it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from onvif_server.video import VideoStatus
from vcam.base.rendition import Overlay, Rendition


class Camera(Protocol):
    """The masked streams of one camera, by name; `vcam.station.Station` is one. No way here leads to an original."""

    def renditions(self) -> tuple[Rendition, ...]:
        """Every stream there is, as it is asked for now, the main one first."""

    def video(self, stream: str) -> VideoStatus | None:
        """The stream as it is now; None while nothing is known of it."""

    def rtsp_url(self, host: str, stream: str) -> str:
        """Its URL for those who reach us by `host` (an IPv6 address comes in brackets)."""

    def rtsps_url(self, host: str, stream: str) -> str | None:
        """The same over TLS; None where TLS is off."""

    async def snapshot(self, stream: str) -> bytes | None:
        """Its newest still picture as a JPEG; None while there is none."""

    async def force_key(self, stream: str) -> None:
        """Make its next picture an IDR picture."""

    async def encode(self, renditions: Sequence[Rendition], overlays: Sequence[Overlay]) -> None:
        """From now on encode so, and draw this. Raises EncodeError for what cannot be; nothing changes then."""
