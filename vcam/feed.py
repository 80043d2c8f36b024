"""One stream of a camera as its parent process sees it."""

from __future__ import annotations

from collections import deque

from onvif_server.rtsp.mount import Mount
from onvif_server.video import VideoStatus
from vcam.base.media import TICKS, MaskedUnit
from vcam.base.rendition import Rendition
from vcam.base.settings import EncodeSettings
from vcam.encode.rate import bit_rate
from vcam.encode.scaler import size_of

_RATE_OVER = 50
"""Pictures over which the rate that NVRs are told is measured."""
_USUAL = 25.0


class Feed:
    """What comes of one stream goes to its mount; it knows how the stream is asked for, and how it is."""

    def __init__(self, rendition: Rendition, settings: EncodeSettings, mount: Mount) -> None:
        self.rendition = rendition
        self.mount = mount
        self._settings = settings
        self._recent: deque[int] = deque(maxlen=_RATE_OVER)

    def publish(self, unit: MaskedUnit) -> None:
        """Hand one access unit to the clients. Another codec than before drops them; they come again."""
        if unit.codec != self.mount.codec:
            self._recent.clear()
            self.mount.change(unit.codec)
        self._recent.append(unit.pts)
        self.mount.publish(unit)

    def change(self, rendition: Rendition) -> None:
        """From now on it is asked for so. While it flows, the mount follows when the first such unit comes."""
        if rendition.fps != self.rendition.fps:
            self._recent.clear()
        self.rendition = rendition
        if not self._recent:
            self.mount.change(rendition.codec)

    def rest(self) -> None:
        """Nobody wants it: nothing comes of it until somebody does."""
        self._recent.clear()
        self.mount.change(self.rendition.codec)

    def interrupt(self) -> None:
        """The camera is lost."""
        self._recent.clear()
        self.mount.interrupt()

    @property
    def fps(self) -> float:
        """Pictures a second as measured; 0 while that cannot be."""
        if len(self._recent) < 2:
            return 0.0
        span = self._recent[-1] - self._recent[0]
        return round((len(self._recent) - 1) * TICKS / span, 2) if span > 0 else 0.0

    def status(self, picture: tuple[int, int], rate: float) -> VideoStatus:
        """The stream as it is or would be, made of pictures of that size, `rate` a second (0: not known yet)."""
        width, height = size_of(self.rendition, *picture)
        rate = rate or _USUAL
        fps = self.fps or min(self.rendition.fps or rate, rate)
        bits = self.rendition.bit_rate or bit_rate(self._settings, width, height, fps)
        gop = 1 if self.rendition.codec == "mjpeg" else self.rendition.gop or round(self._settings.gop * fps)
        return VideoStatus(width, height, fps, bits, gop)
