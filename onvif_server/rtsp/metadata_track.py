"""The metadata of a mount: XML documents beside the pictures (ONVIF Streaming Specification, 5.1.2.1.1)."""

from __future__ import annotations

from onvif_server.rtsp.sdp import Media
from onvif_server.rtsp.track import ROOM, Start, Track
from vcam.base.clock import Clock
from vcam.base.media import TICKS

CONTROL = "trackID=1"
PAYLOAD_TYPE = 107

_LEAP = 60 * 1_000_000
"""Microseconds from one document to the next over which the wall clock must have been set."""


class MetadataTrack(Track):
    """Documents, each cut into as many packets as it needs, the marker set on the last."""

    version = 0

    def __init__(self, clock: Clock) -> None:
        super().__init__(CONTROL, PAYLOAD_TYPE, clock)
        self._last: int | None = None

    @property
    def media(self) -> Media:
        return Media("application", self.payload_type, f"vnd.onvif.metadata/{TICKS}", "", self.control)

    def publish(self, data: bytes, time: int) -> None:
        """Hand one document (UTF-8) on what was seen at `time` (microseconds UTC) to every client that plays.

        Costs nothing while none does. Call it in the event loop.
        """
        if not self.wanted or not data:
            return
        anew = self._last is None or not 0 < time - self._last < _LEAP
        self._last = time
        parts = (data[at : at + ROOM] for at in range(0, len(data), ROOM))
        self._deliver(self._burst(parts, time * TICKS // 1_000_000, time, key=True, anew=anew))

    def start(self, after: int | None) -> Start:  # noqa: ARG002
        """Nothing: a client is sent the next document."""
        return Start((), self.sequence)
