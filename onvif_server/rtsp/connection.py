"""One client's RTSP connection: requests in, responses out (RFC 2326, 10 and 11)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import structlog

from onvif_server.rtsp import transport
from onvif_server.rtsp.carrier import InterleavedCarrier
from onvif_server.rtsp.channels import Channels
from onvif_server.rtsp.gate import Gate
from onvif_server.rtsp.message import Interleaved, MessageError, Parser, Request, Response
from onvif_server.rtsp.multicast import Multicast
from onvif_server.rtsp.playtime import is_live
from onvif_server.rtsp.refusal import Refusal
from onvif_server.rtsp.sdp import describe
from onvif_server.rtsp.service import Service
from onvif_server.rtsp.session import Session
from onvif_server.rtsp.target import Target, resolve
from onvif_server.rtsp.track import Start, Track
from onvif_server.rtsp.udp import UdpCarrier
from onvif_server.rtsp.wire import Wire

METHODS = ("OPTIONS", "DESCRIBE", "SETUP", "PLAY", "PAUSE", "TEARDOWN", "GET_PARAMETER", "SET_PARAMETER")
_FOREIGN = frozenset({"ANNOUNCE", "RECORD", "REDIRECT"})
_CHUNK = 65_536

log = structlog.get_logger()


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
        self._gate = Gate(service, wire.peer)
        self._parser = Parser()
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

    async def run(self, reader: asyncio.StreamReader, data: bytes = b"") -> None:
        """Serve until the client or an error ends the connection; `data` was read already."""
        try:
            while await self.receive(data):
                data = await reader.read(_CHUNK)
                if not data:
                    return
        finally:
            self.close()

    async def receive(self, data: bytes) -> bool:
        """Take bytes as they come, and answer; false when the connection must be closed."""
        if self._gate.granted:
            self._heard = self._service.clock.monotonic()
        self._parser.feed(data)
        try:
            while (event := self._parser.next_event()) is not None:
                if isinstance(event, Interleaved):
                    self._interleaved(event)
                elif not await self._answer(event):
                    return False
        except MessageError as error:
            log.info("RTSP request refused", peer=self.wire.peer, reason=str(error))
            self.wire.write(Response(error.status, [("Connection", "close")]).serialise(error.cseq))
            return False
        return True

    def close(self) -> None:
        """Hang up, and end the sessions that this connection carries."""
        for session in self._channels.sessions:
            self._service.sessions.close(session, "its connection ended")
        self.wire.close()

    @property
    def idle(self) -> bool:
        """Whether nothing is lost by closing it: no request was granted in time, or no session is left to it."""
        limits = self._service.limits
        allowed = limits.session_timeout if self._gate.granted else limits.handshake_timeout
        used = any(session.alive for session in self._sessions)
        return not used and self._service.clock.monotonic() - self._heard > allowed

    def _interleaved(self, frame: Interleaved) -> None:
        session = self._channels.owner(frame.channel)
        if session is not None:
            session.heard(frame.data)

    async def _answer(self, request: Request) -> bool:
        """Answer one request; false when the connection must be closed."""
        try:
            reply = await self._dispatch(request)
        except Refusal as refusal:
            reply = Reply(refusal.response)
        self.wire.write(reply.response.serialise(request.cseq))
        if reply.then is not None:
            reply.then()
        return not self._gate.shut

    async def _dispatch(self, request: Request) -> Reply:
        if request.method not in METHODS:
            if request.method in _FOREIGN:
                raise Refusal(405, ("Allow", ", ".join(METHODS)))
            raise Refusal(501, ("Public", ", ".join(METHODS)))
        unknown = request.headers.get("require") or request.headers.get("proxy-require")
        if unknown:
            raise Refusal(551, ("Unsupported", unknown))
        if self._gate.granted:
            # A request of a client once granted is a sign of life, even if its nonce is stale by now.
            self._touch(request)
        if request.method == "OPTIONS":
            return Reply(Response(200, [("Public", ", ".join(METHODS))]))
        self._gate.admit(request.method, request.uri, request.headers.get("authorization"))
        return await self._handlers[request.method](request)

    def _touch(self, request: Request) -> None:
        session = self._service.sessions.find(request.headers.get("session", ""), self.wire.peer)
        if session is not None:
            session.touch()

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
        media = [track.media for track in target.tracks if track.media is not None]
        version = sum(track.version for track in target.tracks)
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
        offers = transport.parse(request.headers.get("transport", ""))
        offer = next((offer for offer in offers if self._acceptable(offer, track, session)), None)
        if offer is None:
            raise Refusal(461)
        if session is None:
            session = self._service.sessions.open(
                target.mount, self.wire.peer, self.wire.close, self._gate.user
            )
            if session is None:
                log.warning("RTSP client refused", peer=self.wire.peer, reason="there are too many clients")
                raise Refusal(503, why="There are too many clients")
            self._sessions = [*(one for one in self._sessions if one.alive), session]
        try:
            granted = await self._carry(offer, session, track)
            if not offer.tcp:
                # What carried the track before has no more channels; one that could not be set up keeps them.
                self._channels.release(session, track.control)
        except Refusal:
            if not session.streams:
                self._service.sessions.close(session, "its track could not be set up")
            raise
        granted = f"{granted};ssrc={track.ssrc:08X}"
        return Reply(Response(200, [("Transport", granted), self._session_header(session)]))

    def _acceptable(self, offer: transport.Offer, track: Track, session: Session | None) -> bool:
        # Who comes over TLS is sent nothing in the clear.
        if offer.record or (self.wire.secure and not offer.tcp):
            return False
        if offer.multicast:
            # The server chooses the group; it is one of IPv4.
            return track.multicast is not None and not offer.tcp and ":" not in self.wire.local
        if offer.tcp:
            return self._channels.free(offer.interleaved, session, track.control) is not None
        # RTP goes to the client itself and nowhere else, or the server could be used to flood others.
        return offer.client_port is not None and offer.destination in {None, "", self.wire.peer}

    async def _carry(self, offer: transport.Offer, session: Session, track: Track) -> str:
        """Set a track up as an acceptable offer has it, and give its Transport header. Raises Refusal 503."""
        channels = self._channels.free(offer.interleaved, session, track.control) if offer.tcp else None
        if channels is not None:
            self._channels.release(session, track.control)
            self._channels.take(channels, session, track.control)
            session.add(track, InterleavedCarrier(self.wire, channels))
            return f"RTP/AVP/TCP;unicast;interleaved={channels[0]}-{channels[1]}"
        try:
            if offer.multicast and track.multicast is not None:
                return await self._join(session, track, track.multicast)
            if offer.client_port is not None:
                return await self._send(session, track, offer.client_port)
        except OSError as error:
            log.warning("RTSP client refused", peer=self.wire.peer, reason="no UDP port", error=str(error))
            raise Refusal(503, why="No UDP port is free") from None
        raise Refusal(461)

    async def _join(self, session: Session, track: Track, place: Multicast) -> str:
        local, peer = self.wire.local, self.wire.peer
        session.enter(await self._service.groups.join(track, place, local, peer=peer, heard=session.heard))
        first, last = place.ports
        return (
            f"RTP/AVP;multicast;destination={place.address};source={local};port={first}-{last};ttl={place.ttl}"
        )

    async def _send(self, session: Session, track: Track, ports: tuple[int, int]) -> str:
        def heard(data: bytes, _peer: str) -> None:
            session.heard(data)

        def lost() -> None:
            self._service.sessions.close(session, "its host refuses the packets")

        carrier = await UdpCarrier.open(self.wire.local, self.wire.peer, ports, heard, lost)
        session.add(track, carrier)
        return f"RTP/AVP;unicast;client_port={ports[0]}-{ports[1]};server_port={carrier.ports[0]}-{carrier.ports[1]}"

    def _session(self, request: Request) -> Session:
        session = self._service.sessions.find(request.headers.get("session", ""), self.wire.peer)
        if session is None:
            raise Refusal(454)
        session.touch()
        return session

    def _session_header(self, session: Session) -> tuple[str, str]:
        return "Session", f"{session.id};timeout={self._service.limits.session_timeout}"

    def _aggregate(self, request: Request) -> tuple[Target, Session]:
        """What PLAY, PAUSE and TEARDOWN are about: a whole session. Raises Refusal 404, 454, 455 or 460."""
        target, session = self._target(request), self._session(request)
        if session.mount is not target.mount or not session.streams:
            raise Refusal(455)
        if target.control is not None and set(session.streams) != {target.control}:
            raise Refusal(460)
        return target, session

    async def _play(self, request: Request) -> Reply:
        target, session = self._aggregate(request)
        if not is_live(request.headers.get("range", "")):
            raise Refusal(457, why="Live streams are played from now on")
        first, begin = session.play()
        headers = [self._session_header(session), ("Range", "npt=now-")]
        told = (_info(target.base + control, start) for control, start in first.items())
        info = ",".join(filter(None, told))
        if info:
            headers.append(("RTP-Info", info))
        log.info("RTSP client plays", peer=self.wire.peer, path=target.path)
        return Reply(Response(200, headers), begin)

    async def _pause(self, request: Request) -> Reply:
        _, session = self._aggregate(request)
        session.pause()
        return Reply(Response(200, [self._session_header(session)]))

    async def _teardown(self, request: Request) -> Reply:
        _, session = self._aggregate(request)
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
