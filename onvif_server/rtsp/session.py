"""RTSP sessions (RFC 2326, 3.4 and A.1): which tracks a client has set up, and whether they play."""

from __future__ import annotations

import secrets
from collections.abc import Callable

import structlog

from onvif_server.rtsp import rtcp
from onvif_server.rtsp.carrier import Carrier
from onvif_server.rtsp.group import Membership
from onvif_server.rtsp.mount import Mount
from onvif_server.rtsp.stream import Stream
from onvif_server.rtsp.track import Start, Track
from vcam.base.clock import Clock

log = structlog.get_logger()


class Session:
    """What one client has set up of one mount.

    A session with interleaved tracks ends with the connection that carries them; one that is carried by UDP
    outlives its connection until it falls silent.
    """

    def __init__(self, mount: Mount, peer: str, clock: Clock, user: str | None = None) -> None:
        self.id = secrets.token_hex(16)
        self.user = user
        self.mount = mount
        self.peer = peer
        self.alive = True
        self.playing = False
        self.streams: dict[str, Stream | Membership] = {}
        self._clock = clock
        self._seen = clock.monotonic()

    def touch(self) -> None:
        """The client has shown a sign of life."""
        self._seen = self._clock.monotonic()

    def heard(self, data: bytes) -> None:
        """A datagram or frame came where the client sends RTCP."""
        if rtcp.is_rtcp(data):
            self.touch()
            if rtcp.wants_key(data):
                self.mount.refresh()

    def silent(self) -> float:
        """Seconds since the last sign of life."""
        return self._clock.monotonic() - self._seen

    def add(self, track: Track, carrier: Carrier) -> None:
        """Set up one track, in place of what was set up for it before."""
        self.enter(Stream(track, carrier, f"{self.id[:8]}@garim", self._clock))

    def enter(self, stream: Stream | Membership) -> None:
        """Set up one track by what carries it already."""
        earlier = self.streams.pop(stream.track.control, None)
        if earlier is not None:
            earlier.close()
        self.streams[stream.track.control] = stream

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
            video = prepared.get(self.mount.video.control)
            if video is not None and not video.bursts:
                self.mount.refresh()

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
    """All sessions of one server. `known` tells whether there is still a user of that name."""

    def __init__(
        self, clock: Clock, most: int, timeout: float, known: Callable[[str], bool] = lambda _: True
    ) -> None:
        self._known = known
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

    def open(
        self, mount: Mount, peer: str, hang_up: Callable[[], None], user: str | None = None
    ) -> Session | None:
        """A new session, of `user` where users are asked for; None when there are too many.

        `hang_up` closes the connection that asked for it, when the mount sends its clients away.
        """
        if len(self._all) >= self._most:
            return None
        session = Session(mount, peer, self._clock, user)
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
        """End the silent and those of users who are no more, and send the reports that are due."""
        for session in tuple(self._all.values()):
            if session.silent() > self._timeout:
                self.close(session, "its client fell silent")
            elif session.user is not None and not self._known(session.user):
                self.close(session, "its user was removed")
            else:
                session.report()

    def close_all(self) -> None:
        """End every session."""
        for session in tuple(self._all.values()):
            self.close(session, "the server stops")
