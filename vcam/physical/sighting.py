"""What a camera that was found is, and whether Garim can use it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from urllib.parse import urlsplit

from onvif_server.device_service import MANUFACTURER, MODEL
from onvif_server.physical import Declined, Unavailable
from onvif_server.wsdl import DEVICE, Types
from vcam.base.clock import Clock
from vcam.base.errors import NotVideo
from vcam.physical import reply
from vcam.physical.client import Client, Refused
from vcam.physical.media import Profile, profiles, stream_uri
from vcam.physical.media import shown as main_profile
from vcam.physical.search import Candidate, shown
from vcam.source.failure import camera_place
from vcam.source.onvif import at_host

CODECS = {"H264": "H.264", "H265": "H.265", "HEVC": "H.265", "JPEG": "MJPEG"}
"""Codecs that Garim reads, as ONVIF writes them, and as people do."""
RTSP_PORT = 554


@dataclass(frozen=True, slots=True)
class Sighting:
    """A camera on the network. `problem` says why Garim cannot use it; empty when it can."""

    candidate: Candidate
    vendor: str
    model: str
    profiles: tuple[Profile, ...] = ()
    problem: str = ""

    @property
    def address(self) -> str:
        """Host, and port where it is not 80."""
        port = self.candidate.port
        return self.candidate.host if port == 80 else f"{self.candidate.host}:{port}"

    @property
    def url(self) -> str:
        """For source.url."""
        return f"onvif://{self.address}"

    @property
    def streams(self) -> str:
        """Codec and size of each profile with video, the one that Garim takes first."""
        ordered = sorted((one for one in self.profiles if one.codec), key=lambda one: one.rank, reverse=True)
        return ", ".join(
            f"{CODECS.get(one.codec.upper(), shown(one.codec))} {one.width}x{one.height}" for one in ordered
        )


def is_ours(candidate: Candidate) -> bool:
    """Whether it is a virtual camera of Garim, of this or another host."""
    return candidate.scope("hardware") == MODEL


async def look(
    candidate: Candidate,
    credentials: tuple[str, str] | None,
    *,
    types: Types,
    clock: Clock,
    timeout: float,
) -> Sighting | None:
    """Ask a camera what it is; None for a virtual one of ours. `timeout` in seconds holds for each question."""
    if is_ours(candidate):
        return None
    vendor, model = candidate.scope("name"), candidate.scope("hardware")
    seen: tuple[Profile, ...] = ()
    client = Client(candidate.host, candidate.port, credentials, types=types, clock=clock, timeout=timeout)
    async with client:
        try:
            await client.connect()
            told = await client.ask(DEVICE, "GetDeviceInformation", {})
            vendor = shown(reply.text(told, "Manufacturer")) or vendor
            model = shown(reply.text(told, "Model")) or model
            if vendor == MANUFACTURER:
                return None
            seen = tuple(await profiles(client))
            problem = await _problem(client, candidate, list(seen), timeout)
        except Refused:
            problem = "refuses these credentials" if credentials else "wants a user name and password"
        except Declined:
            problem = "declines to tell its streams"
        except Unavailable:
            problem = "does not speak ONVIF as it should, or not in time"
    return Sighting(candidate, vendor, model, seen, problem)


async def _problem(client: Client, candidate: Candidate, seen: list[Profile], timeout: float) -> str:
    """Why Garim cannot use it; empty when it can. Raises Unavailable or Declined."""
    main = main_profile(seen)
    if main is None:
        return "has no profile with video"
    if main.codec.upper() not in CODECS:
        return f"sends {shown(main.codec)}, not H.264, H.265 or MJPEG"
    place = camera_place("found", f"onvif://{candidate.host}", named=False)
    try:
        parts = urlsplit(at_host(await stream_uri(client, main), candidate.host, place))
        port = parts.port or RTSP_PORT
    except (NotVideo, ValueError):
        return "names no RTSP stream"
    if parts.scheme == "rtsp" and not await _listens(parts.hostname or candidate.host, port, timeout):
        return "does not answer by RTSP"
    return ""


async def _listens(host: str, port: int, timeout: float) -> bool:
    try:
        async with asyncio.timeout(timeout):
            _, writer = await asyncio.open_connection(host, port)
    except (OSError, TimeoutError):
        return False
    writer.close()
    return True
