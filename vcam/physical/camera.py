"""The physical camera behind a virtual device: asked again and again what it can do, as it comes and goes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import urlsplit

import structlog

from onvif_server.physical import Declined, ImagingUnit, IoUnit, PtzUnit, Unavailable
from onvif_server.wsdl import IMAGING, PTZ, Types, types
from vcam.base.clock import Clock
from vcam.base.errors import SourceError
from vcam.base.settings import SourceSettings
from vcam.physical.client import Client, Nonsense, Refused
from vcam.physical.imaging import Imaging
from vcam.physical.io import Io
from vcam.physical.media import aiming, profiles, shown
from vcam.physical.ptz import Ptz
from vcam.source.rtsp import read_credentials

REFRESH = 600.0
"""Seconds after which a camera is asked anew what it can do, and the wait after it refused our credentials:
cameras lock those out who try too often."""
FIRST_WAIT = 1.0
"""Seconds before a camera that did not answer is asked again; doubled each time, up to `reconnect_max`."""

_Unit = TypeVar("_Unit")
_log = structlog.get_logger()


def physical_camera(settings: SourceSettings, name: str, clock: Clock) -> PhysicalCamera | None:
    """The camera of `settings`, named `name` in the log; None when it does not speak ONVIF with us."""
    if urlsplit(settings.url).scheme.lower() != "onvif":
        return None
    return PhysicalCamera(settings, name, types(), clock)


class PhysicalCamera:
    """An `onvif_server.physical.Physical`. Nothing is known, and no part is there, until `run` has asked.

    `sleep` waits for so many seconds between questions.
    """

    ptz: PtzUnit | None = None
    imaging: ImagingUnit | None = None
    io: IoUnit | None = None

    def __init__(
        self,
        settings: SourceSettings,
        name: str,
        types: Types,
        clock: Clock,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self._settings = settings
        self._name = name
        self._types = types
        self._clock = clock
        self._sleep = sleep
        self._client: Client | None = None
        self._asked = asyncio.Event()
        self._log = _log.bind(camera=name)

    async def known(self) -> None:
        """Wait until the camera has been asked for the first time, whatever it said."""
        await self._asked.wait()

    async def run(self) -> None:
        """Keep what is known of the camera true, until cancelled."""
        wait = FIRST_WAIT
        try:
            while True:
                try:
                    whole = await self.ask()
                    wait, pause = (FIRST_WAIT, REFRESH) if whole else (self._longer(wait), wait)
                except (Refused, SourceError):
                    self._log.warning("the camera refuses to be asked what it can do")
                    pause = REFRESH
                except (Unavailable, Declined):
                    pause, wait = wait, self._longer(wait)
                finally:
                    self._asked.set()
                await self._sleep(pause)
        finally:
            await self.close()

    def _longer(self, wait: float) -> float:
        return min(wait * 2, self._settings.reconnect_max)

    async def ask(self) -> bool:
        """Learn what the camera can do, and whether that was all: some of its services may not have answered.

        Raises Unavailable, Declined or SourceError; what was known stays then.
        """
        client = self._new_client()
        await client.__aenter__()
        try:
            found = await _survey(client)
        except BaseException:
            await client.__aexit__()
            raise
        before, self._client = self._client, client
        self.ptz, self.imaging, self.io = found.ptz, found.imaging, found.io
        if before is not None:
            await before.retire()
        parts = [name for name in ("ptz", "imaging", "io") if getattr(self, name) is not None]
        self._log.debug("the camera can be passed through", parts=parts)
        return found.whole

    def _new_client(self) -> Client:
        parts = urlsplit(self._settings.url)
        return Client(
            parts.hostname or "",
            parts.port or 80,
            read_credentials(self._settings, self._name),
            types=self._types,
            clock=self._clock,
            timeout=self._settings.timeout,
        )

    async def close(self) -> None:
        """Forget all that was known; every part that was given out is unavailable from now on."""
        client, self._client = self._client, None
        self.ptz = self.imaging = self.io = None
        if client is not None:
            await client.__aexit__()


@dataclass(frozen=True, slots=True)
class _Found:
    ptz: PtzUnit | None
    imaging: ImagingUnit | None
    io: IoUnit | None
    whole: bool


async def _survey(client: Client) -> _Found:
    """What the camera has. Raises Unavailable or Declined."""
    await client.connect()
    found = await profiles(client)
    main = shown(found)
    if main is None:
        raise Nonsense
    aimed = aiming(found, main)
    silent: list[str] = []
    ptz = imaging = None
    if PTZ in client.services:
        ptz = await _if_any(Ptz.open(client, aimed.token, aimed.ptz), silent)
    if IMAGING in client.services and main.source:
        imaging = await _if_any(Imaging.open(client, main.source), silent)
    io = await _if_any(Io.open(client), silent)
    return _Found(ptz, imaging, io, not silent)


async def _if_any(opening: Awaitable[_Unit | None], silent: list[str]) -> _Unit | None:
    """What is opened; None where the camera declines, or answers what nobody understands.

    One that does not answer is noted in `silent`: it must not keep the others from being passed through.
    """
    try:
        return await opening
    except (Declined, Nonsense):
        return None
    except Refused:
        raise
    except Unavailable as error:
        silent.append(type(error).__name__)
        return None
