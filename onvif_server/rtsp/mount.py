"""One published stream: what an RTSP server offers at a path."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from onvif_server.rtsp.metadata_track import MetadataTrack
from onvif_server.rtsp.multicast import Multicast
from onvif_server.rtsp.payload import PayloadFormat
from onvif_server.rtsp.payload_h264 import H264Payload
from onvif_server.rtsp.payload_h265 import H265Payload
from onvif_server.rtsp.payload_jpeg import JpegPayload
from onvif_server.rtsp.track import Track
from onvif_server.rtsp.video_track import VideoTrack
from vcam.base.clock import Clock, SystemClock
from vcam.base.errors import ServeError
from vcam.base.media import MaskedUnit

GOP_CACHE = 4 << 20
"""Bytes of the current GOP kept for new clients; a longer one makes them wait for the next IDR picture."""
LINGER = 30.0
"""Seconds for which a stream is demanded after its last use."""

_PAYLOADS: dict[str, type[PayloadFormat]] = {"h264": H264Payload, "h265": H265Payload, "mjpeg": JpegPayload}


class Mount:
    """One presentation of live tracks. It lives in one event loop, and outlasts the stream behind it.

    `codec` is "h264", "h265" or "mjpeg"; another raises ServeError. `title` is shown to people. `metadata` says
    whether there is a metadata track beside the video. `demand`, where given, is called in the event loop: with True
    as soon as a client describes or sets up the stream, with False when nobody has used it for `LINGER` seconds; it
    need not be published while it is not demanded. `multicast` is where it is sent for those who ask for that.
    """

    def __init__(
        self,
        codec: str = "h264",
        *,
        title: str = "Garim",
        clock: Clock | None = None,
        demand: Callable[[bool], None] | None = None,
        metadata: bool = True,
        multicast: Multicast | None = None,
        gop_cache: int = GOP_CACHE,
    ) -> None:
        self.title = title
        self._clock = clock or SystemClock()
        self._gop_cache = gop_cache
        self._codec = codec
        self.video = self._track(codec, 0)
        self.metadata = MetadataTrack(self._clock) if metadata else None
        self.multicast = multicast
        self._known = asyncio.Event()
        self._size: tuple[int, int] | None = None
        self._demand = demand
        self._demanded = False
        self._used = self._clock.monotonic()
        self._guests: dict[object, Callable[[], None]] = {}

    @property
    def codec(self) -> str:
        return self._codec

    @property
    def multicast(self) -> Multicast | None:
        """Where the video is sent for those who ask for multicast.

        When it is set the metadata goes beside it, unless `metadata.multicast` is then set to another place. Groups
        that are being sent to stay where they are until their last member has gone.
        """
        return self.video.multicast

    @multicast.setter
    def multicast(self, place: Multicast | None) -> None:
        self.video.multicast = place
        if self.metadata is not None:
            self.metadata.multicast = place.beside() if place else None

    @property
    def tracks(self) -> tuple[Track, ...]:
        """The video first."""
        return (self.video,) if self.metadata is None else (self.video, self.metadata)

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

    def change(self, codec: str) -> None:
        """Carry another codec from now on: clients are dropped, and find it when they come again.

        Nothing happens when it is carried already. Raises ServeError for a codec that cannot be carried.
        """
        if codec == self._codec:
            return
        video = self._track(codec, self.video.version + 1)
        video.multicast = self.video.multicast
        for dismiss in tuple(self._guests.values()):
            dismiss()
        self._codec, self.video, self._size = codec, video, None
        self._known.clear()

    async def ready(self, timeout: float) -> bool:
        """Whether the stream can be described, waiting at most `timeout` seconds for its first IDR picture."""
        try:
            async with asyncio.timeout(timeout):
                await self._known.wait()
        except TimeoutError:
            return False
        return True

    def touch(self) -> None:
        """A client uses the stream, or is about to."""
        self._used = self._clock.monotonic()
        if self._demand is not None and not self._demanded:
            self._demanded = True
            self._demand(True)

    def join(self, guest: object, dismiss: Callable[[], None]) -> None:
        """Count `guest` among those who use the stream; `dismiss` sends it away."""
        self._guests[guest] = dismiss
        self.touch()

    def leave(self, guest: object) -> None:
        """`guest` is gone; nothing happens when it was not there."""
        if self._guests.pop(guest, None) is not None:
            self._used = self._clock.monotonic()

    def sweep(self) -> None:
        """Give the demand up when it is time; called each second."""
        if self._demand is None or not self._demanded or self._guests:
            return
        if self._clock.monotonic() - self._used >= LINGER:
            self._demanded = False
            # It may come back in another size or profile: whoever describes it then waits for that.
            self.video.forget()
            self._known.clear()
            self._demand(False)

    def _track(self, codec: str, version: int) -> VideoTrack:
        if codec not in _PAYLOADS:
            raise ServeError(f"RTSP cannot carry {codec}", mend="Encode the stream as h264, h265 or mjpeg")
        return VideoTrack(_PAYLOADS[codec](), self._clock, self._gop_cache, version)
