"""One client's RTSP connection: requests in, responses out (RFC 2326, 10 and 11)."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

import structlog

from onvif_server.digest import DigestAuthority
from onvif_server.lockout import Lockout
from onvif_server.rtsp import transport
from onvif_server.rtsp.carrier import Carrier, InterleavedCarrier, UdpCarrier
from onvif_server.rtsp.channels import Channels
from onvif_server.rtsp.limits import Limits
from onvif_server.rtsp.message import Interleaved, MessageError, Parser, Request, Response
from onvif_server.rtsp.mount import Mount
from onvif_server.rtsp.refusal import Refusal
from onvif_server.rtsp.rtcp import is_rtcp
from onvif_server.rtsp.sdp import describe
from onvif_server.rtsp.session import Session, Sessions
from onvif_server.rtsp.target import Target, resolve
from onvif_server.rtsp.track import Start
from onvif_server.rtsp.wire import Wire
from vcam.base.clock import Clock

METHODS = ("OPTIONS", "DESCRIBE", "SETUP", "PLAY", "PAUSE", "TEARDOWN", "GET_PARAMETER", "SET_PARAMETER")
_FOREIGN = frozenset({"ANNOUNCE", "RECORD", "REDIRECT"})
_CHUNK = 65_536

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Service:
    """What all connections of one server share."""

    mounts: Mapping[str, Mount]
    authority: DigestAuthority | None
    lockout: Lockout
    sessions: Sessions
    limits: Limits
    clock: Clock


@dataclass(frozen=True, slots=True)
class Reply:
    """A response, and what is to happen as soon as it has been written."""

    response: Response
    then: Callable[[], None] | None = None


class Connection:
    """Reads one client's requests and answers them in order."""

    def __init__(self, service: Service, wire: Wire) -> None:
        self.wire = wire
        self._service = service
        self._granted = False
        self._wrong = 0
        self._heard = service.clock.monotonic()
        self._sessions: list[Session] = []
        self._channels = Channels()
        self._handlers: dict[str, Callable[[Request], Awaitable[Reply]]] = {
            "DESCRIBE": self._describe,
            "SETUP": self._setup,
            "PLAY": self._play,
            "PAUSE": self._pause,
            "TEARDOWN": self._teardown,
            "GET_PARAMETER": self._parameter,
            "SET_PARAMETER": self._parameter,
        }

    async def run(self, reader: asyncio.StreamReader) -> None:
        """Serve until the client or an error ends the connection; its interleaved sessions end with it."""
        parser = Parser()
        try:
            while True:
                event = parser.next_event()
                if event is None:
                    data = await reader.read(_CHUNK)
                    if not data:
                        return
                    if self._granted:
                        self._heard = self._service.clock.monotonic()
                    parser.feed(data)
                elif isinstance(event, Interleaved):
                    self._interleaved(event)
                elif not await self._answer(event):
                    return
        except MessageError as error:
            log.info("RTSP request refused", peer=self.wire.peer, reason=str(error))
            self.wire.write(Response(error.status, [("Connection", "close")]).serialise(error.cseq))
        except OSError as error:
            log.debug("RTSP connection lost", peer=self.wire.peer, error=type(error).__name__)
        finally:
            self._end()
            self.wire.close()

    @property
    def idle(self) -> bool:
        """Whether nothing is lost by closing it: no request was granted in time, or no session is left to it."""
        limits = self._service.limits
        allowed = limits.session_timeout if self._granted else limits.handshake_timeout
        used = any(session.alive for session in self._sessions)
        return not used and self._service.clock.monotonic() - self._heard > allowed

    def _end(self) -> None:
        """End the sessions that this connection carries."""
        for session in self._channels.sessions:
            self._service.sessions.close(session, "its connection ended")

    def _interleaved(self, frame: Interleaved) -> None:
        session = self._channels.owner(frame.channel)
        if session is not None and is_rtcp(frame.data):
            session.touch()

    async def _answer(self, request: Request) -> bool:
        """Answer one request; false when the connection must be closed."""
        try:
            reply = await self._dispatch(request)
        except Refusal as refusal:
            reply = Reply(refusal.response)
        self.wire.write(reply.response.serialise(request.cseq))
        if reply.then is not None:
            reply.then()
        return self._wrong < self._service.limits.wrong_passwords

    async def _dispatch(self, request: Request) -> Reply:
        if request.method not in METHODS:
            if request.method in _FOREIGN:
                raise Refusal(405, ("Allow", ", ".join(METHODS)))
            raise Refusal(501, ("Public", ", ".join(METHODS)))
        unknown = request.headers.get("require") or request.headers.get("proxy-require")
        if unknown:
            raise Refusal(551, ("Unsupported", unknown))
        if self._granted:
            # A request of a client once granted is a sign of life, even if its nonce is stale by now.
            self._touch(request)
        if request.method == "OPTIONS":
            return Reply(Response(200, [("Public", ", ".join(METHODS))]))
        self._authenticate(request)
        return await self._handlers[request.method](request)

    def _touch(self, request: Request) -> None:
        session = self._service.sessions.find(request.headers.get("session", ""), self.wire.peer)
        if session is not None:
            session.touch()

    def _authenticate(self, request: Request) -> None:
        authority = self._service.authority
        if authority is None:
            self._granted = True
            return
        lockout = self._service.lockout
        wait = lockout.wait(self.wire.peer)
        if (
            wait > 0 and not self._granted
        ):  # whoever has shown the password does not pay for a neighbour's guesses
            raise Refusal(503, ("Retry-After", str(math.ceil(wait))), why="There were too many wrong passwords")
        header = request.headers.get("authorization")
        answer = authority.check(request.method, request.uri, header)
        if answer.outcome == "granted":
            self._granted = True
            lockout.succeeded(self.wire.peer)
            return
        if answer.outcome == "wrong":
            self._wrong += 1
            lockout.failed(self.wire.peer)
            log.warning("RTSP credentials refused", peer=self.wire.peer)
        raise Refusal(401, *(("WWW-Authenticate", value) for value in authority.challenges(header)))

    def _target(self, request: Request) -> Target:
        return resolve(request.uri, self._service.mounts, self.wire.local)

    async def _describe(self, request: Request) -> Reply:
        target = self._target(request)
        accept = request.headers.get("accept", "application/sdp").lower()
        if not any(kind in accept for kind in ("application/sdp", "application/*", "*/*")):
            raise Refusal(406, why="Only application/sdp is served")
        mount = target.mount
        mount.touch()
        if not await mount.ready(self._service.limits.describe_wait):
            raise Refusal(503, ("Retry-After", "5"), why="The camera has sent no picture yet")
        media = [track.media for track in mount.tracks if track.media is not None]
        version = sum(track.version for track in mount.tracks)
        text = describe(mount.title, self.wire.local, version, media)
        headers = [("Content-Base", target.base), ("Content-Type", "application/sdp")]
        return Reply(Response(200, headers, text.encode()))

    async def _setup(self, request: Request) -> Reply:
        target = self._target(request)
        track = target.track
        target.mount.touch()
        session = self._session(request) if "session" in request.headers else None
        if session is not None and session.mount is not target.mount:
            raise Refusal(459)
        if session is not None and session.playing:
            raise Refusal(455)
        self._channels.release(session, track.control)
        offers = transport.parse(request.headers.get("transport", ""))
        offer = next((offer for offer in offers if self._acceptable(offer)), None)
        if offer is None:
            raise Refusal(461)
        if session is None:
            session = self._service.sessions.open(target.mount, self.wire.peer, self.wire.close)
            if session is None:
                log.warning("RTSP client refused", peer=self.wire.peer, reason="there are too many clients")
                raise Refusal(503, why="There are too many clients")
            self._sessions = [*(one for one in self._sessions if one.alive), session]
        try:
            carrier, granted = await self._carry(offer, session, track.control)
        except Refusal:
            if not session.streams:
                self._service.sessions.close(session, "its track could not be set up")
            raise
        session.add(track, carrier)
        granted = f"{granted};ssrc={track.ssrc:08X}"
        return Reply(Response(200, [("Transport", granted), self._session_header(session)]))

    def _acceptable(self, offer: transport.Offer) -> bool:
        if offer.multicast or offer.record:
            return False
        if offer.tcp:
            return self._channels.free(offer.interleaved) is not None
        # RTP goes to the client itself and nowhere else, or the server could be used to flood others.
        return offer.client_port is not None and offer.destination in {None, "", self.wire.peer}

    async def _carry(self, offer: transport.Offer, session: Session, control: str) -> tuple[Carrier, str]:
        """The carrier for an acceptable offer, and its Transport header. Refusal 503 when no UDP port is free."""
        channels = self._channels.free(offer.interleaved)
        if offer.tcp and channels is not None:
            self._channels.take(channels, session, control)
            text = f"RTP/AVP/TCP;unicast;interleaved={channels[0]}-{channels[1]}"
            return InterleavedCarrier(self.wire, channels), text

        if offer.client_port is None:
            raise Refusal(461)

        def heard(data: bytes) -> None:
            if is_rtcp(data):
                session.touch()

        try:
            carrier = await UdpCarrier.open(self.wire.local, self.wire.peer, offer.client_port, heard)
        except OSError as error:
            log.warning("RTSP client refused", peer=self.wire.peer, reason="no UDP port", error=str(error))
            raise Refusal(503, why="No UDP port is free") from None
        text = (
            f"RTP/AVP;unicast;client_port={offer.client_port[0]}-{offer.client_port[1]}"
            f";server_port={carrier.ports[0]}-{carrier.ports[1]}"
        )
        return carrier, text

    def _session(self, request: Request) -> Session:
        session = self._service.sessions.find(request.headers.get("session", ""), self.wire.peer)
        if session is None:
            raise Refusal(454)
        session.touch()
        return session

    def _session_header(self, session: Session) -> tuple[str, str]:
        return "Session", f"{session.id};timeout={self._service.limits.session_timeout}"

    async def _play(self, request: Request) -> Reply:
        target = self._target(request)
        session = self._session(request)
        if session.mount is not target.mount or not session.streams:
            raise Refusal(455)
        first, begin = session.play()
        headers = [self._session_header(session), ("Range", "npt=now-")]
        told = (_info(target.base + control, start) for control, start in first.items())
        info = ",".join(filter(None, told))
        if info:
            headers.append(("RTP-Info", info))
        log.info("RTSP client plays", peer=self.wire.peer, path=target.path)
        return Reply(Response(200, headers), begin)

    async def _pause(self, request: Request) -> Reply:
        session = self._session(request)
        session.pause()
        return Reply(Response(200, [self._session_header(session)]))

    async def _teardown(self, request: Request) -> Reply:
        session = self._session(request)
        return Reply(
            Response(200, [("Session", session.id)]),
            lambda: self._service.sessions.close(session, "its client said goodbye"),
        )

    async def _parameter(self, request: Request) -> Reply:
        """GET_PARAMETER and SET_PARAMETER without a body keep the session alive; there are no parameters."""
        headers = [self._session_header(self._session(request))] if "session" in request.headers else []
        if request.body:
            raise Refusal(451)
        return Reply(Response(200, headers))


def _info(url: str, start: Start) -> str:
    """What RTP-Info tells of one track (RFC 2326, 12.33); only what is known already."""
    if start.sequence is None:
        return ""
    told = f"url={url};seq={start.sequence & 0xFFFF}"
    return f"{told};rtptime={start.bursts[0].timestamp}" if start.bursts else told
