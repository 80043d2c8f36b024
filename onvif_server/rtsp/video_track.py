"""The video of a mount, kept for a GOP so that new clients need not wait."""

from __future__ import annotations

import structlog

from onvif_server.rtsp.payload import PayloadFormat, Unpackable
from onvif_server.rtsp.rtp import Burst
from onvif_server.rtsp.sdp import Media
from onvif_server.rtsp.track import ROOM, Start, Track
from vcam.base.clock import Clock
from vcam.base.media import TICKS, MaskedUnit

STALE = 5.0
"""Seconds without a unit after which the GOP kept shows the past: new clients then wait for an IDR picture."""

CONTROL = "trackID=0"

log = structlog.get_logger()


class VideoTrack(Track):
    """The video of a mount.

    When the stream begins anew, RTP timestamps count from then on from the moment of arrival. `version` is that with
    which the description begins to count.
    """

    def __init__(self, payload: PayloadFormat, clock: Clock, cache_limit: int, version: int = 0) -> None:
        super().__init__(CONTROL, payload.payload_type, clock)
        self._payload = payload
        self._cache_limit = cache_limit
        self._version = version
        self._last_pts: int | None = None
        self._gop: list[Burst] = []
        self._gop_octets = 0
        self._open = False
        self._trouble = ""
        self.fmtp: str | None = None

    @property
    def version(self) -> int:
        return self._version

    @property
    def media(self) -> Media | None:
        """How SDP describes the track; None before its parameter sets are known."""
        if self.fmtp is None:
            return None
        return Media("video", self.payload_type, f"{self._payload.encoding}/{TICKS}", self.fmtp, self.control)

    def publish(self, unit: MaskedUnit) -> None:
        """Packetise one access unit and hand it to every client.

        A stream that begins, or whose time has gone back, is sent from its first IDR picture on. What the payload
        format cannot carry is left out.
        """
        if self._last_pts is not None and unit.pts <= self._last_pts:
            self.interrupt()
        self._last_pts = unit.pts
        try:
            if unit.key:
                self._learn(unit.data)
            if not (self._open or unit.key):
                return
            payloads = list(self._payload.payloads(unit.data, ROOM))
        except Unpackable as error:
            self._refuse(str(error))
            return
        self._trouble = ""
        if not payloads:
            return
        burst = self._burst(payloads, unit.pts, unit.time, key=unit.key, anew=not self._open)
        self._open = True
        self._keep(burst)
        self._deliver(burst)

    def interrupt(self) -> None:
        """The stream has stopped: nothing is sent before the IDR picture with which it comes back."""
        self._open = False
        self._gop = []

    def forget(self) -> None:
        """The stream has stopped, and may come back as another: it is not described before it does."""
        self.interrupt()
        self.fmtp = None

    def start(self, after: int | None) -> Start | None:
        """The current GOP from its IDR picture on; for a client that resumes, what it lacks if that is in the GOP."""
        if not self._gop or self._clock.monotonic() - self._arrived > STALE:
            return None
        bursts = tuple(self._gop)
        if after is not None and after >= bursts[0].sequence:
            bursts = tuple(burst for burst in bursts if burst.sequence > after)
        return Start(bursts, bursts[0].sequence if bursts else self.sequence)

    def _keep(self, burst: Burst) -> None:
        if burst.key:
            self._gop = [burst]
            self._gop_octets = burst.octets
        elif self._gop:
            self._gop.append(burst)
            self._gop_octets += burst.octets
            if self._gop_octets > self._cache_limit:
                self._gop = []

    def _learn(self, data: bytes) -> None:
        fmtp = self._payload.fmtp(data)
        if fmtp is not None and fmtp != self.fmtp:
            self.fmtp = fmtp
            self._version += 1

    def _refuse(self, reason: str) -> None:
        """Leave a picture out; the same reason is told once until a picture is carried."""
        if reason != self._trouble:
            log.error("RTSP cannot carry a picture", reason=reason)
        self._trouble = reason
