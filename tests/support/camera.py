"""A camera behind a virtual device, for tests: it says what it is told to say, and notes what is asked of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from onvif_server import VideoStatus
from vcam.base.rendition import Overlay, Rendition

JPEG = bytes.fromhex("ffd8ffe000104a46494600010100000100010000ffd9")


@dataclass
class StandInCamera:
    """An `onvif_server.camera.Camera`. Change the fields, and it tells the new values."""

    name: str = "front"
    status: VideoStatus | None = None
    picture: bytes | None = field(default=JPEG)
    streams: tuple[Rendition, ...] = (Rendition("main"),)
    overlays: tuple[Overlay, ...] = ()
    secure: bool = False
    """Whether it is served over TLS too."""
    keys: list[str] = field(default_factory=list)
    """The streams of which an IDR picture was asked, in order."""

    def renditions(self) -> tuple[Rendition, ...]:
        return self.streams

    def video(self, stream: str) -> VideoStatus | None:
        assert stream in {one.name for one in self.streams}
        return self.status

    def rtsp_url(self, host: str, stream: str) -> str:
        return f"rtsp://{host}:8554/{self.name}/{stream}"

    def rtsps_url(self, host: str, stream: str) -> str | None:
        return f"rtsps://{host}:8322/{self.name}/{stream}" if self.secure else None

    async def snapshot(self, stream: str) -> bytes | None:
        assert stream in {one.name for one in self.streams}
        return self.picture

    async def force_key(self, stream: str) -> None:
        self.keys.append(stream)

    async def encode(self, renditions: Sequence[Rendition], overlays: Sequence[Overlay]) -> None:
        self.streams = tuple(renditions)
        self.overlays = tuple(overlays)
