"""RTSP sessions (RFC 2326, 3.4 and A.1): which tracks a client has set up, and whether they play."""

from __future__ import annotations

import secrets
from collections.abc import Callable

import structlog

from onvif_server.rtsp import rtcp
from onvif_server.rtsp.carrier import Carrier
from onvif_server.rtsp.mount import Mount
from onvif_server.rtsp.rtp import Burst
from onvif_server.rtsp.track import Start, Track
from vcam.base.clock import Clock

REPORT_EVERY = 5.0
"""Seconds between sender reports (RFC 3550, 6.2)."""

log = structlog.get_logger()


class Stream:
    """One track on its way to one client."""

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


class Session:
    """What one client has set up of one mount.

    A session with interleaved tracks ends with the connection that carries them; one that is carried by UDP
    outlives its connection until it falls silent.
    """

    def __init__(self, mount: Mount, peer: str, clock: Clock) -> None:
        self.id = secrets.token_hex(16)
        self.mount = mount
        self.peer = peer
        self.alive = True
        self.playing = False
        self.streams: dict[str, Stream] = {}
        self._clock = clock
        self._seen = clock.monotonic()

    def touch(self) -> None:
        """The client has shown a sign of life."""
        self._seen = self._clock.monotonic()

    def silent(self) -> float:
        """Seconds since the last sign of life."""
        return self._clock.monotonic() - self._seen

    def add(self, track: Track, carrier: Carrier) -> None:
        """Set up one track, in place of what was set up for it before."""
        earlier = self.streams.pop(track.control, None)
        if earlier is not None:
            earlier.close()
        self.streams[track.control] = Stream(track, carrier, f"{self.id[:8]}@garim", self._clock)

    def play(self) -> tuple[dict[str, Start], Callable[[], None]]:
        """Make ready to play: what each track begins with, and what starts the sending.

        The sending must start before the event loop runs on, but after the response has been written.
        """
        if self.playing:
            return {}, lambda: None
        self.playing = True
        prepared = {control: stream.prepare() for control, stream in self.streams.items()}

        def begin() -> None:
            for control, start in prepared.items():
                self.streams[control].begin(start)

        return prepared, begin

    def pause(self) -> None:
        """Stop sending; `play` goes on from here, or from the newest IDR picture."""
        self.playing = False
        for stream in self.streams.values():
            stream.pause()

    def report(self) -> None:
        """Send the sender reports that are due."""
        if self.playing:
            for stream in self.streams.values():
                stream.report()

    def close(self) -> None:
        """End all its tracks."""
        self.alive = False
        self.playing = False
        for stream in self.streams.values():
            stream.close()
        self.streams.clear()


class Sessions:
    """All sessions of one server."""

    def __init__(self, clock: Clock, most: int, timeout: float) -> None:
        self._clock = clock
        self._most = most
        self._timeout = timeout
        self._all: dict[str, Session] = {}

    def __len__(self) -> int:
        return len(self._all)

    @property
    def playing(self) -> int:
        """Sessions that are being sent pictures."""
        return sum(session.playing for session in self._all.values())

    def open(self, mount: Mount, peer: str, hang_up: Callable[[], None]) -> Session | None:
        """A new session; None when there are too many.

        `hang_up` closes the connection that asked for it, when the mount sends its clients away.
        """
        if len(self._all) >= self._most:
            return None
        session = Session(mount, peer, self._clock)
        self._all[session.id] = session

        def dismiss() -> None:
            self.close(session, "its stream is now another")
            hang_up()

        mount.join(session, dismiss)
        return session

    def find(self, header: str, peer: str) -> Session | None:
        """The session that a Session header names, if it belongs to this peer."""
        session = self._all.get(header.partition(";")[0].strip())
        return session if session is not None and session.peer == peer else None

    def close(self, session: Session, reason: str) -> None:
        """End one session; nothing happens when it has ended already."""
        if self._all.pop(session.id, None) is not None:
            session.close()
            session.mount.leave(session)
            log.info("RTSP session ended", peer=session.peer, reason=reason)

    def sweep(self) -> None:
        """End the silent, and send the reports that are due."""
        for session in tuple(self._all.values()):
            if session.silent() > self._timeout:
                self.close(session, "its client fell silent")
            else:
                session.report()

    def close_all(self) -> None:
        """End every session."""
        for session in tuple(self._all.values()):
            self.close(session, "the server stops")
