"""One track of a mount: packetised once, handed to every client."""

from __future__ import annotations

import secrets
from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from onvif_server.rtsp.multicast import Multicast
from onvif_server.rtsp.rtp import HEADER_SIZE, PACKET_LIMIT, Burst, Numberer
from onvif_server.rtsp.sdp import Media
from vcam.base.clock import Clock
from vcam.base.media import TICKS

ROOM = PACKET_LIMIT - HEADER_SIZE
"""Bytes of payload in one packet."""

_LEAST_STEP = TICKS // 240

_AGREE = 5.0
"""Seconds by which the instants of two pictures and of their arrival may tell different stories of a pause."""


class Sink(Protocol):
    """A client of a track. `deliver` neither blocks nor raises."""

    def deliver(self, burst: Burst) -> None: ...


@dataclass(frozen=True, slots=True)
class Start:
    """What a client is sent first. `sequence` is that of the next packet it gets, where that is known."""

    bursts: tuple[Burst, ...]
    sequence: int | None


class Track(ABC):
    """What all kinds of tracks share. `name` is what a URL calls it, `control` what SDP does.

    All clients share its synchronisation source, sequence numbers and packets. RTP timestamps never go back: where
    the publisher's clock does, or where it leaps, they go on by the time that really passed: by the instants of
    capture if these can be believed, for clients hold timestamps against the instants in sender reports.
    """

    def __init__(self, name: str, control: str, payload_type: int, clock: Clock) -> None:
        self.name = name
        self.control = control
        self.payload_type = payload_type
        self._clock = clock
        self._numberer = Numberer(payload_type)
        self.multicast: Multicast | None = None
        """Where it is sent for those who ask for multicast; None when it is not."""
        self._sinks: list[Sink] = []
        self._offset = 0
        self._timestamped = secrets.randbits(32)
        self._arrived = clock.monotonic()
        self._captured = clock.utc()

    @property
    def ssrc(self) -> int:
        return self._numberer.ssrc

    @property
    def sequence(self) -> int:
        """Sequence number of the next packet, not yet cut to 16 bits."""
        return self._numberer.sequence

    @property
    def wanted(self) -> bool:
        """Whether any client plays it."""
        return bool(self._sinks)

    @property
    @abstractmethod
    def media(self) -> Media | None:
        """How SDP describes the track; None before that is known."""

    @property
    @abstractmethod
    def version(self) -> int:
        """Rises each time that `media` changes."""

    @abstractmethod
    def start(self, after: int | None) -> Start | None:
        """What a client that begins now is sent first.

        A client that resumes has already had all up to the burst of sequence number `after`. None means that it
        must wait for a burst to begin with.
        """

    def attach(self, sink: Sink) -> None:
        """From now on hand every burst to `sink`."""
        self._sinks.append(sink)

    def detach(self, sink: Sink) -> None:
        """No longer; nothing happens when it was not attached."""
        if sink in self._sinks:
            self._sinks.remove(sink)

    def _burst(self, payloads: Iterable[bytes], ticks: int, time: int, *, key: bool, anew: bool) -> Burst:
        """The packets of what was taken at `ticks`. With `anew`, the publisher's ticks count from elsewhere."""
        return self._numberer.burst(payloads, self._timestamp(ticks, time, anew=anew), time, key=key)

    def _deliver(self, burst: Burst) -> None:
        for sink in tuple(self._sinks):
            sink.deliver(burst)

    def _timestamp(self, ticks: int, time: int, *, anew: bool) -> int:
        now = self._clock.monotonic()
        if anew:
            pause, captured = now - self._arrived, (time - self._captured) / 1_000_000
            if abs(captured - pause) < _AGREE:
                pause = captured
            self._offset = self._timestamped + max(round(pause * TICKS), _LEAST_STEP) - ticks
        self._arrived, self._captured = now, time
        self._timestamped = ticks + self._offset
        return self._timestamped & 0xFFFF_FFFF
