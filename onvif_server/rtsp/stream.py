"""One track on its way to one receiver."""

from __future__ import annotations

from onvif_server.rtsp import rtcp
from onvif_server.rtsp.carrier import Carrier
from onvif_server.rtsp.rtp import Burst
from onvif_server.rtsp.track import Start, Track
from vcam.base.clock import Clock

REPORT_EVERY = 5.0
"""Seconds between sender reports (RFC 3550, 6.2)."""


class Stream:
    """Packets and reports of one track, on one carrier."""

    def __init__(self, track: Track, carrier: Carrier, cname: str, clock: Clock) -> None:
        self.track = track
        self.carrier = carrier
        self._cname = cname
        self._clock = clock
        self._synced = False
        self._last: Burst | None = None
        self._reported: float | None = None
        self._packets = 0
        self._octets = 0

    def prepare(self) -> Start:
        """What playing begins with."""
        start = self.track.start(self._last.sequence if self._last else None)
        self._synced = start is not None
        return start or Start((), None)

    def begin(self, start: Start) -> None:
        """Play: first what `start` holds, then what is published."""
        for burst in start.bursts:
            self.deliver(burst)
        self.track.attach(self)

    def deliver(self, burst: Burst) -> None:
        """Send one access unit, unless the client still waits for an IDR picture."""
        if not (self._synced or burst.key):
            return
        self._synced = True
        self._last = burst
        self.report()
        self.carrier.send(burst)
        self._packets += len(burst.packets)
        self._octets += burst.octets

    def report(self) -> None:
        """Send a sender report if one is due; it maps the newest picture's instant to its timestamp."""
        now = self._clock.monotonic()
        if self._last is None or (self._reported is not None and now - self._reported < REPORT_EVERY):
            return
        self._reported = now
        report = rtcp.sender_report(
            self.track.ssrc,
            self._cname,
            time=self._last.time,
            timestamp=self._last.timestamp,
            packets=self._packets,
            octets=self._octets,
        )
        self.carrier.control(report)

    def pause(self) -> None:
        """Send no more until it begins again."""
        self.track.detach(self)

    def close(self) -> None:
        """Say goodbye and let go of the carrier."""
        self.pause()
        self.carrier.control(rtcp.bye(self.track.ssrc, self._cname))
        self.carrier.close()
