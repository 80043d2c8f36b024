"""One track of a mount: packetised once, kept for a GOP, handed to every client."""

from __future__ import annotations

import secrets
from typing import Protocol

from onvif_server.rtsp.payload import PayloadFormat
from onvif_server.rtsp.rtp import HEADER_SIZE, PACKET_LIMIT, Burst, Numberer
from onvif_server.rtsp.sdp import Media
from vcam.base.clock import Clock
from vcam.base.media import TICKS, MaskedUnit

STALE = 5.0
"""Seconds without a unit after which the GOP kept shows the past: new clients then wait for an IDR picture."""

_LEAST_STEP = TICKS // 240


class Sink(Protocol):
    """A client of a track. `deliver` neither blocks nor raises."""

    def deliver(self, burst: Burst) -> None: ...


class VideoTrack:
    """The video of a mount.

    All clients share its synchronisation source, sequence numbers and packets. RTP timestamps go on without a
    jump back when the stream begins anew: from then on they count from the moment of arrival.
    """

    control = "trackID=0"
    payload_type = 96

    def __init__(self, payload: PayloadFormat, clock: Clock, cache_limit: int) -> None:
        self._payload = payload
        self._clock = clock
        self._cache_limit = cache_limit
        self._numberer = Numberer(self.payload_type)
        self._last_pts: int | None = None
        self._offset = 0
        self._timestamped = secrets.randbits(32)
        self._arrived = clock.monotonic()
        self._gop: list[Burst] = []
        self._gop_octets = 0
        self._sinks: list[Sink] = []
        self._open = False
        self.fmtp: str | None = None
        self.version = 0
        """Rises each time that the parameter sets change."""

    @property
    def ssrc(self) -> int:
        return self._numberer.ssrc

    @property
    def media(self) -> Media | None:
        """How SDP describes the track; None before its parameter sets are known."""
        if self.fmtp is None:
            return None
        return Media("video", self.payload_type, f"{self._payload.encoding}/{TICKS}", self.fmtp, self.control)

    def publish(self, unit: MaskedUnit) -> None:
        """Packetise one access unit and hand it to every client.

        A stream that begins, or whose time has gone back, is sent from its first IDR picture on.
        """
        if self._last_pts is not None and unit.pts <= self._last_pts:
            self.interrupt()
        self._last_pts = unit.pts
        if unit.key:
            self._learn(unit.data)
        if not (self._open or unit.key):
            return
        timestamp = self._timestamp(unit.pts)
        self._open = True
        payloads = self._payload.payloads(unit.data, PACKET_LIMIT - HEADER_SIZE)
        burst = self._numberer.burst(payloads, timestamp, unit.time, key=unit.key)
        if not burst.packets:
            return
        self._keep(burst)
        for sink in tuple(self._sinks):
            sink.deliver(burst)

    def interrupt(self) -> None:
        """The stream has stopped: nothing is sent before the IDR picture with which it comes back."""
        self._open = False
        self._gop = []

    def attach(self, sink: Sink) -> None:
        """From now on hand every burst to `sink`."""
        self._sinks.append(sink)

    def detach(self, sink: Sink) -> None:
        """No longer; nothing happens when it was not attached."""
        if sink in self._sinks:
            self._sinks.remove(sink)

    def start(self, after: int | None) -> list[Burst] | None:
        """What a client that begins now is sent first: the current GOP from its IDR picture on.

        A client that resumes has already had all up to the burst of sequence number `after`, and is sent what
        follows if it still belongs to this GOP. None means that the client must wait for the next IDR picture.
        """
        if not self._gop or self._clock.monotonic() - self._arrived > STALE:
            return None
        if after is None or after < self._gop[0].sequence:
            return list(self._gop)
        return [burst for burst in self._gop if burst.sequence > after]

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
            self.version += 1

    def _timestamp(self, pts: int) -> int:
        now = self._clock.monotonic()
        if not self._open:
            pause = max(round((now - self._arrived) * TICKS), _LEAST_STEP)
            self._offset = self._timestamped + pause - pts
        self._arrived = now
        self._timestamped = pts + self._offset
        return self._timestamped & 0xFFFF_FFFF
