"""The console's web server."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from aiohttp import web

from console.api import Api
from console.desk import Desk
from console.fetch import Fetch
from console.guard import Guard
from console.pages import Pages
from console.patience import LONGEST_WAIT, Patience
from console.session import Sessions
from onvif_server.lockout import Lockout
from onvif_server.weblog import WEB_LOG
from recorder.database import Database
from recorder.requests.book import Requests
from recorder.requests.links import Links
from recorder.requests.people import People
from recorder.requests.rules import Rules
from vcam.base.clock import Clock
from vcam.base.errors import ServeError
from vcam.base.settings_requests import ConsoleSettings

_BODY: Final = 64 * 1024
"""Bytes of a request's body."""
MAX_CONNECTIONS: Final = 256
"""At once. The cameras' streams are served by the same process, and need descriptors too."""


@dataclass(frozen=True, slots=True)
class Site:
    """What the console is for: the names of the cameras, the site's rules, and the folder that links lead into."""

    cameras: Collection[str]
    rules: Rules
    exports: Path | None = None


class _Full(asyncio.Protocol):
    """Ends a connection that finds no room."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - that of a stream
        transport.abort()


class Console:
    """Serves the console over `database` until it is stopped."""

    def __init__(self, settings: ConsoleSettings, site: Site, database: Database, clock: Clock) -> None:
        self._settings = settings
        self._runner: web.AppRunner | None = None
        self._listener: asyncio.Server | None = None
        self._desk = Desk(
            database=database,
            book=Requests(database, clock, site.rules),
            people=People(database, clock),
            links=Links(database, clock, site.exports),
            sessions=Sessions(database, clock, round(settings.idle * 60_000_000)),
            lockout=Lockout(clock),
            cameras=tuple(site.cameras),
        )

    @property
    def application(self) -> web.Application:
        """A new aiohttp application."""
        return self._application(Patience())

    def _application(self, patience: Patience) -> web.Application:
        guard = Guard(self._desk, secure=self._settings.secure, proxy=self._settings.proxy)
        application = web.Application(
            client_max_size=_BODY, middlewares=[patience.middleware, guard.middleware]
        )
        application.on_response_prepare.append(guard.headers)
        application.add_routes(Fetch(self._desk, secure=self._settings.secure).routes())
        application.add_routes(Api(self._desk, guard).routes())
        application.add_routes(Pages(self._desk, guard).routes())
        return application

    async def start(self, context: ssl.SSLContext | None = None) -> str:
        """Serve, over TLS with a `context`; the address for people. Raises ServeError."""
        settings = self._settings
        patience = Patience()
        runner = web.AppRunner(
            self._application(patience),
            access_log=None,
            logger=WEB_LOG,
            handle_signals=False,
            shutdown_timeout=1.0,
            keepalive_timeout=LONGEST_WAIT,
        )
        await runner.setup()
        server = runner.server
        assert server is not None  # noqa: S101 - the runner has been set up

        def accept() -> asyncio.BaseProtocol:
            if len(server.connections) >= MAX_CONNECTIONS:
                return _Full()
            return patience.watched(server())

        try:
            listener = await asyncio.get_running_loop().create_server(
                accept,
                settings.bind,
                settings.port,
                ssl=context,
                ssl_handshake_timeout=LONGEST_WAIT if context else None,
            )
        except OSError as error:
            await runner.cleanup()
            raise ServeError(
                f"The console cannot listen on {settings.bind}:{settings.port} ({error.strerror})",
                mend="Choose another console.port or console.bind, or stop what uses it",
            ) from error
        self._runner = runner
        self._listener = listener
        port = listener.sockets[0].getsockname()[1]
        host = f"[{settings.bind}]" if ":" in settings.bind else settings.bind
        return settings.url or f"{'https' if context else 'http'}://{host}:{port}"

    async def stop(self) -> None:
        """End all connections and free the port."""
        if self._listener is not None:
            self._listener.close()
            self._listener = None
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None
