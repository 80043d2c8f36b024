"""One published stream: what an RTSP server offers at a path."""

from __future__ import annotations

import asyncio

from onvif_server.rtsp.payload import PayloadFormat
from onvif_server.rtsp.payload_h264 import H264Payload
from onvif_server.rtsp.payload_h265 import H265Payload
from onvif_server.rtsp.track import VideoTrack
from vcam.base.clock import Clock, SystemClock
from vcam.base.errors import ServeError
from vcam.base.media import MaskedUnit

GOP_CACHE = 4 << 20
"""Bytes of the current GOP kept for new clients; a longer one makes them wait for the next IDR picture."""

_PAYLOADS: dict[str, type[PayloadFormat]] = {"h264": H264Payload, "h265": H265Payload}


class Mount:
    """One presentation of live tracks. It lives in one event loop, and outlasts the stream behind it.

    `codec` is "h264" or "h265"; another raises ServeError. `title` is shown to people.
    """

    def __init__(
        self,
        codec: str = "h264",
        *,
        title: str = "Garim",
        clock: Clock | None = None,
        gop_cache: int = GOP_CACHE,
    ) -> None:
        if codec not in _PAYLOADS:
            raise ServeError(f"RTSP cannot carry {codec}", mend="Encode the stream as h264 or h265")
        self.title = title
        self.video = VideoTrack(_PAYLOADS[codec](), clock or SystemClock(), gop_cache)
        self.tracks = (self.video,)
        self._known = asyncio.Event()
        self._size: tuple[int, int] | None = None

    @property
    def size(self) -> tuple[int, int] | None:
        """Width and height of the newest picture; None before the first."""
        return self._size

    def publish(self, unit: MaskedUnit) -> None:
        """Send one access unit to every client that plays. Call it in the event loop, in decoding order."""
        self._size = unit.width, unit.height
        self.video.publish(unit)
        if self.video.fmtp is not None:
            self._known.set()

    def interrupt(self) -> None:
        """The stream is down. Clients stay, and go on with the IDR picture with which it comes back."""
        self.video.interrupt()

    async def ready(self, timeout: float) -> bool:
        """Whether the stream can be described, waiting at most `timeout` seconds for its first IDR picture."""
        try:
            async with asyncio.timeout(timeout):
                await self._known.wait()
        except TimeoutError:
            return False
        return True
