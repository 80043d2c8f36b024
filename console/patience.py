"""How long the console waits for what a client sends: who connects and says little, or nothing, takes room."""

from __future__ import annotations

import asyncio
import weakref
from typing import Final

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

LONGEST_WAIT: Final = 20.0
"""Seconds for a request's head, and as many for its body; also for the next request of a connection."""


class Patience:
    """Ends connections without a request, and requests without their body. `wait` is in seconds."""

    def __init__(self, wait: float = LONGEST_WAIT) -> None:
        self._wait = wait
        self._spoken: weakref.WeakSet[asyncio.BaseTransport] = weakref.WeakSet()
        """Connections that a whole head has come by. aiohttp itself ends those that are idle after it."""

    def watched(self, protocol: web.RequestHandler) -> web.RequestHandler:
        """`protocol`, whose connection is ended when no head comes by it in time."""
        asyncio.get_running_loop().call_later(self._wait, self._end, protocol)
        return protocol

    def _end(self, protocol: web.RequestHandler) -> None:
        transport = protocol.transport
        if transport is not None and transport not in self._spoken:
            transport.abort()

    @property
    def middleware(self) -> Middleware:
        """For the application, before all others. Files are read by who wants them."""

        @web.middleware
        async def read(request: web.Request, handler: Handler) -> web.StreamResponse:
            if request.transport is not None:
                self._spoken.add(request.transport)
            if request.body_exists and not request.content_type.startswith("multipart/"):
                try:
                    async with asyncio.timeout(self._wait):
                        await request.read()
                except TimeoutError:
                    raise web.HTTPRequestTimeout(text="The request is too slow.") from None
            return await handler(request)

        return read
