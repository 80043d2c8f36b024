"""A reboot as the network sees it: the device says that it leaves, starts anew, and says that it is back."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from onvif_server.presence import Presence
from vcam.base.errors import GarimError

DELAY = 0.5
"""Seconds for the reply to reach the client that asked, before anything stops."""

_log = structlog.get_logger()


class Reboot:
    """Reboots one device. `restart` starts the camera behind it anew; without it only the announcements are made."""

    def __init__(self, presence: Presence, restart: Callable[[], Awaitable[None]] | None = None) -> None:
        self._presence = presence
        self._restart = restart
        self._running: asyncio.Task[None] | None = None

    def request(self) -> None:
        """Reboot soon; once, however often this is called before it has happened."""
        if self._running is None or self._running.done():
            self._running = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Give up a reboot that has not happened yet."""
        if self._running is not None:
            self._running.cancel()
            await asyncio.gather(self._running, return_exceptions=True)

    async def _run(self) -> None:
        await asyncio.sleep(DELAY)
        self._presence.say("Bye")
        try:
            if self._restart is not None:
                await self._restart()
        except GarimError as error:
            _log.error("camera did not restart", error=str(error))
        self._presence.say("Hello")
