"""A virtual camera's web server: SOAP services and the still picture, on one port."""

from __future__ import annotations

import asyncio
import ipaddress
import re
import ssl
from collections.abc import Awaitable, Callable
from importlib import metadata

import structlog
from aiohttp import HttpVersion11, web

from onvif_server.accounts import Accounts
from onvif_server.auth import Attempt, Authenticator, Denied
from onvif_server.camera import Camera
from onvif_server.device_service import MODEL, PATH, Facts, device_service
from onvif_server.device_service.network import HOSTNAME
from onvif_server.dispatch import Call, Dispatcher
from onvif_server.front import Front, Tunnel
from onvif_server.identity import Identity
from onvif_server.lockout import Lockout
from onvif_server.media import Media
from onvif_server.media.uri import SNAPSHOT_PATH
from onvif_server.notice import Notices
from onvif_server.physical import NothingPhysical, Physical
from onvif_server.presence import Presence
from onvif_server.reboot import Reboot
from onvif_server.scopes import first_scopes, fixed_scopes
from onvif_server.services import Parts, Service, services
from onvif_server.soap import BODY_LIMIT, FAULT_ACTION, Envelope, Fault, Reply, Request, read
from onvif_server.store import Store
from onvif_server.weblog import WEB_LOG
from onvif_server.wsdl import DEVICE, types
from onvif_server.zone import host_zone
from vcam.base.clock import Clock
from vcam.base.errors import GarimError, ServeError
from vcam.base.ports import NoWitness, Witness

READ_TIMEOUT = 10.0
"""Seconds within which a request must have arrived."""
IDLE_TIMEOUT = 30.0
"""Seconds after which a connection without a request is closed."""
MAX_CONNECTIONS = 128
"""Connections to one device at the most; more are closed as they come."""
RETRY_SNAPSHOT = 2
"""Seconds after which a client shall ask again for a still picture that is not there yet."""

_log = structlog.get_logger()
_REALM = "Garim"
_HOST = re.compile(
    r"(?:\[(?P<six>[0-9A-Fa-f:.]{2,45})\]|(?P<name>[A-Za-z0-9][A-Za-z0-9.-]{0,252}))(?::(?P<port>\d{1,5}))?"
)


class _Full(asyncio.Protocol):
    """For a connection too many: it is closed at once."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        transport.close()


class VirtualDevice:
    """One virtual camera. Many of them live in one event loop, each on a port of its own.

    `title` and `site_name` show in the scopes. `host`, where given, is written into every URL instead of the one that
    the client used. `restart` starts the camera behind it anew, when a client reboots the device. `physical` is
    what of the physical camera is passed through. `tunnel`, where given, serves RTSP through HTTP on the web port;
    it is to be stopped first. `witness` is told what clients do.
    """

    def __init__(
        self,
        identity: Identity,
        *,
        title: str,
        site_name: str,
        camera: Camera,
        accounts: Accounts,
        store: Store,
        notices: Notices,
        clock: Clock,
        host: str | None = None,
        lockout: Lockout | None = None,
        restart: Callable[[], Awaitable[None]] | None = None,
        physical: Physical | None = None,
        tunnel: Tunnel | None = None,
        witness: Witness | None = None,
    ) -> None:
        self.identity = identity
        self.presence = Presence(store, fixed_scopes(MODEL), first_scopes(title or identity.name, site_name))
        self._camera = camera
        self._accounts = accounts
        self.media = Media(identity, camera, store, notices, clock)
        passed = physical or NothingPhysical()
        self._witness = witness or NoWitness()
        self._parts = Parts(
            identity, camera, accounts, store, notices, clock, self.media, passed, self._witness
        )
        self._reboot = Reboot(self.presence, restart)
        self._host = f"[{host}]" if host and ":" in host and not host.startswith("[") else host
        self._tunnel = tunnel
        self._waiting: set[Front] = set()
        self._bound: tuple[str, int] | None = None
        self._runner: web.AppRunner | None = None
        self._accept: Callable[[], asyncio.BaseProtocol] | None = None
        self._listeners: list[asyncio.Server] = []
        self._secure_port: int | None = None
        self._auth = Authenticator(_REALM, accounts.password, clock, lockout or Lockout(clock), self._witness)
        self._services: tuple[Service, ...] = ()
        self._dispatcher = self._assemble()

    def _assemble(self) -> Dispatcher:
        """Make all services from what the store says."""
        parts, shared = self._parts, types()
        self._services = services(parts)
        facts = Facts(
            identity=parts.identity,
            version=metadata.version("garim"),
            zone=host_zone(),
            presence=self.presence,
            accounts=parts.accounts,
            store=parts.store,
            clock=parts.clock,
            ports=self._ports,
            rtsp_url=lambda host: parts.camera.rtsp_url(host, parts.camera.renditions()[0].name),
            reboot=self._reboot.request,
            reset=self.reset,
        )
        handlers = {each.namespace: each.handler for each in self._services}
        behind = (each for service in self._services for each in service.device)
        handlers[DEVICE] = (*device_service(facts, shared, self._services), *behind)
        return Dispatcher(shared, handlers, self._witness)

    async def reset(self, hard: bool) -> None:
        """Forget what clients have set, and unless `hard` keep the host name. Raises ConfigError."""
        store = self._parts.store
        name = None if hard else store.read(HOSTNAME)
        store.clear({} if name is None else {HOSTNAME: name})
        self._stop_services()
        self._parts.accounts.reload()
        self.presence.reload()
        self._dispatcher = self._assemble()
        await self._start_services()

    async def _start_services(self) -> None:
        for service in self._services:
            await service.start()

    def _stop_services(self) -> None:
        for service in self._services:
            service.stop()

    @property
    def scopes(self) -> tuple[str, ...]:
        """What it says of itself to those who search."""
        return self.presence.scopes

    @property
    def operations(self) -> frozenset[str]:
        """The requests that it answers, in Clark's notation."""
        return self._dispatcher.operations

    @property
    def application(self) -> web.Application:
        """A new aiohttp application that serves this device."""
        application = web.Application(client_max_size=BODY_LIMIT)
        application.router.add_get(SNAPSHOT_PATH, self._still)
        application.router.add_get(f"{SNAPSHOT_PATH}/{{stream}}", self._still)
        application.router.add_post("/{path:.*}", self._soap, expect_handler=_go_on)
        application.on_response_prepare.append(_anonymous)
        return application

    @property
    def own_address(self) -> str | None:
        """The address that is this device's alone; None when it listens on all of the host's."""
        return None if self._bound is None or self._bound[0] in {"0.0.0.0", "::"} else self._bound[0]  # noqa: S104

    def xaddrs(self, address: str) -> list[str]:
        """Addresses of the Device service for those who reach this host by `address`; empty unless started."""
        if self._bound is None:
            return []
        return [f"http://{self._host or address}:{self._bound[1]}{PATH}"]

    async def start(self, host: str, port: int) -> int:
        """Serve on `host` and `port`, 0 for a free one, and tell the port. Raises ServeError."""
        await self._start_services()
        runner = web.AppRunner(
            self.application,
            access_log=None,
            logger=WEB_LOG,
            handle_signals=False,
            keepalive_timeout=IDLE_TIMEOUT,
            shutdown_timeout=1.0,
        )
        await runner.setup()
        server = runner.server
        assert server is not None  # noqa: S101  The runner has been set up.

        def accept() -> asyncio.BaseProtocol:
            if len(server.connections) + len(self._waiting) >= MAX_CONNECTIONS:
                return _Full()
            return Front(server, self._tunnel, READ_TIMEOUT, self._waiting) if self._tunnel else server()

        self._accept = accept
        try:
            bound = await self._listen(host, port)
        except ServeError:
            await runner.cleanup()
            self._stop_services()
            raise
        self._runner = runner
        self._bound = (host, bound)
        return bound

    async def start_tls(self, port: int, context: ssl.SSLContext) -> int:
        """Once started, serve HTTPS too on `port`, 0 for a free one, and tell the port. Raises ServeError."""
        assert self._bound is not None  # noqa: S101  The contract.
        self._secure_port = await self._listen(self._bound[0], port, context)
        return self._secure_port

    async def _listen(self, host: str, port: int, context: ssl.SSLContext | None = None) -> int:
        assert self._accept is not None  # noqa: S101  `start` has set it.
        loop = asyncio.get_running_loop()
        try:
            listener = await loop.create_server(
                self._accept, host, port, ssl=context, ssl_handshake_timeout=READ_TIMEOUT if context else None
            )
        except OSError as error:
            key = "onvif.port" if context is None else "onvif.tls.https_port"
            raise ServeError(
                f"Camera {self.identity.name}: ONVIF cannot listen on {host}:{port} ({error.strerror})",
                mend=f"Choose another {key} or onvif.bind, give the host the camera's address, or stop what uses it",
            ) from error
        self._listeners.append(listener)
        return int(listener.sockets[0].getsockname()[1])

    def _ports(self) -> dict[str, int]:
        found = {"HTTP": self._bound[1] if self._bound else None, "HTTPS": self._secure_port}
        return {name: port for name, port in found.items() if port is not None}

    async def stop(self) -> None:
        """End all connections and free the port."""
        await self._reboot.stop()
        # Before the connections are waited for, so that nobody waits for events any more.
        self._stop_services()
        runner, listeners = self._runner, self._listeners
        self._runner = self._bound = self._secure_port = None
        self._listeners = []
        if runner is not None:
            for listener in listeners:
                listener.close()
            for front in tuple(self._waiting):
                front.close()
            await runner.cleanup()
            for listener in listeners:
                await listener.wait_closed()

    async def _soap(self, request: web.Request) -> web.Response:
        if (request.content_length or 0) > BODY_LIMIT:
            raise web.HTTPRequestEntityTooLarge(BODY_LIMIT, request.content_length or 0)
        try:
            async with asyncio.timeout(READ_TIMEOUT):
                data = await request.read()
        except TimeoutError:
            response = web.Response(status=408)
            response.force_close()
            return response
        except RuntimeError:
            # How aiohttp tells a reader that the client hung up before the request's turn came.
            if request.transport is not None:
                raise
            return web.Response(status=400)
        try:
            asked = read(data)
        except Fault as fault:
            envelope = Envelope("1.1") if request.content_type == "text/xml" else Envelope("1.2")
            return _response(envelope.fault(fault))
        return await self._answer(request, asked)

    async def _answer(self, request: web.Request, asked: Request) -> web.Response:
        user = None
        try:
            if not self._dispatcher.is_open(asked):
                user = self._auth.user(_attempt(request, asked))
            return _response(await self._dispatcher.answer(asked, self._call(request, user, asked)))
        except Fault as fault:
            return _response(_refusal(asked, fault))
        except GarimError as error:
            _log.error("request failed", camera=self.identity.name, error=str(error))
            failed = Fault("Receiver", ("Action",), "The device could not do this; its log says why")
            return _response(_refusal(asked, failed))
        except Denied as denied:
            refusal = Fault("Sender", ("NotAuthorized",), denied.reason)
            return _denied(denied, Envelope(asked.version).fault(refusal, _status(denied, 400)))

    async def _still(self, request: web.Request) -> web.Response:
        try:
            self._auth.user(_attempt(request, None))
        except Denied as denied:
            return _denied(denied, Reply(_status(denied, 401), "text/plain", denied.reason.encode()))
        streams = [each.name for each in self._camera.renditions()]
        stream = request.match_info.get("stream", streams[0])
        if stream not in streams:
            return web.Response(status=404, text="There is no such stream")
        picture = await self._camera.snapshot(stream)
        headers = {"Cache-Control": "no-store"}
        if picture is None:
            headers["Retry-After"] = str(RETRY_SNAPSHOT)
            return web.Response(status=503, text="There is no masked picture yet", headers=headers)
        return web.Response(body=picture, content_type="image/jpeg", headers=headers)

    def _call(self, request: web.Request, user: str | None, asked: Request) -> Call:
        """Where the client believes us to be. Its Host header is used only when it is a plain host and port."""
        transport = request.transport
        name = transport.get_extra_info("sockname") if transport else None
        local, port = (str(name[0]), int(name[1])) if name else ("127.0.0.1", 80)
        local = local.removeprefix("::ffff:").partition("%")[0]
        host, told = _told(request.headers.get("Host", ""))
        if self._host:
            host, told = self._host, port
        host = host or (f"[{local}]" if ":" in local else local)

        def connected() -> bool:
            return request.transport is not None and not request.transport.is_closing()

        return Call(
            f"{host}:{told or port}",
            host,
            local,
            user,
            request.path,
            asked,
            self._accounts.level(user) if user is not None else None,
            request.scheme,
            (request.remote or "").removeprefix("::ffff:").partition("%")[0],
            connected,
            int(name[1]) if name else 0,
        )


def _refusal(asked: Request, fault: Fault) -> Reply:
    envelope = Envelope(asked.version)
    if asked.message_id:
        envelope.relate(asked.message_id, FAULT_ACTION)
    return envelope.fault(fault)


def _told(header: str) -> tuple[str, int]:
    """Host (IPv6 in brackets) and port of a Host header; empty and 0 for what it does not tell or tells wrongly."""
    found = _HOST.fullmatch(header)
    if found is None:
        return "", 0
    port = int(found["port"] or 0)
    if found["six"]:
        try:
            return f"[{ipaddress.IPv6Address(found['six'])}]", port if port < 65536 else 0
        except ValueError:
            return "", 0
    return found["name"], port if port < 65536 else 0


def _attempt(request: web.Request, asked: Request | None) -> Attempt:
    return Attempt(
        address=request.remote or "",
        method=request.method,
        target=request.raw_path,
        authorization=request.headers.get("Authorization"),
        security=asked.security if asked else None,
    )


def _status(denied: Denied, otherwise: int) -> int:
    if denied.retry_after:
        return 429
    return 401 if denied.challenges else otherwise


def _response(reply: Reply) -> web.Response:
    return web.Response(status=reply.status, body=reply.data, headers={"Content-Type": reply.content_type})


def _denied(denied: Denied, reply: Reply) -> web.Response:
    response = _response(reply)
    for challenge in denied.challenges:
        response.headers.add("WWW-Authenticate", challenge)
    if denied.retry_after:
        response.headers["Retry-After"] = str(denied.retry_after)
    return response


async def _go_on(request: web.Request) -> None:
    """Answer the header Expect; aiohttp's own way fails at one that is no UTF-8."""
    if request.headers.get("Expect", "").lower() != "100-continue":
        raise web.HTTPExpectationFailed
    if request.version >= HttpVersion11:
        await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        request.writer.output_size = 0


async def _anonymous(_request: web.Request, response: web.StreamResponse) -> None:
    """Name neither the web server nor its version."""
    response.headers["Server"] = "Garim"
