"""Finding the stream of an ONVIF camera (Device and Media services, ONVIF Core and Media specifications)."""

from __future__ import annotations

import asyncio
import ipaddress
import logging
from collections.abc import Iterable, Mapping
from threading import Event
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import aiohttp
from lxml.etree import LxmlError

from vcam.base.errors import NotVideo, SourceError, Unreachable
from vcam.source.failure import Place, refused, unanswered
from vcam.source.rtsp import with_credentials

_ENCODINGS = {"H264": 2, "H265": 2, "HEVC": 2, "MPEG4": 1, "JPEG": 0}
_STOP_POLL = 0.1


def find_stream(
    url: str, credentials: tuple[str, str] | None, place: Place, *, timeout: float, stop: Event
) -> str:
    """The RTSP URL, without credentials, of the camera's largest H.264 or H.265 profile.

    `url` is onvif://HOST[:PORT], port 80 when not given. Raises Unreachable, Refused or NotVideo, also when
    `stop` is set meanwhile.
    """
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or 80
    uri = asyncio.run(_guarded(_ask(host, port, credentials), place, timeout, stop))
    return at_host(uri, host, place)


def at_host(uri: str, host: str, place: Place) -> str:
    """`uri` with the configured `host` where the camera named one that nobody else can mean.

    Raises NotVideo when it is no RTSP address.
    """
    parts = urlsplit(with_credentials(uri.strip(), None))
    if parts.scheme not in {"rtsp", "rtsps"}:
        raise NotVideo(f"{place.who} names no RTSP stream", mend="Give the camera's RTSP address as source.url")
    if not _meant(parts.hostname or "", host):
        port = f":{parts.port}" if parts.port else ""
        parts = parts._replace(netloc=f"[{host}]{port}" if ":" in host else f"{host}{port}")
    return urlunsplit(parts)


def best_profile(profiles: Iterable[Mapping[str, Any]]) -> str | None:
    """Token of the profile with the most pixels of H.264 or H.265, else of what else encodes video."""
    ranked: list[tuple[int, int, str]] = []
    for profile in profiles:
        encoder = profile.get("VideoEncoderConfiguration")
        token = profile.get("token")
        if not encoder or not token:
            continue
        size = encoder.get("Resolution") or {}
        pixels = int(size.get("Width") or 0) * int(size.get("Height") or 0)
        ranked.append((_ENCODINGS.get(str(encoder.get("Encoding")).upper(), 1), pixels, str(token)))
    best = max(ranked, key=lambda one: one[:2], default=None)
    return best[2] if best is not None else None


def _meant(named: str, host: str) -> bool:
    """Whether an address that the camera names can be reached by others than itself."""
    if not named:
        return False
    try:
        address = ipaddress.ip_address(named)
    except ValueError:
        return True
    if address.is_unspecified or address.is_multicast or address.is_link_local:
        return named == host
    try:
        configured = ipaddress.ip_address(host)
    except ValueError:
        return not address.is_loopback
    if address.is_loopback:
        return configured.is_loopback
    return not (address.is_private and configured.is_global)


async def _guarded(asking: Any, place: Place, timeout: float, stop: Event) -> str:
    """`asking` with a limit of time, ended by `stop`, and its failures in our terms."""
    import zeep.exceptions
    from onvif.util import is_auth_error

    task = asyncio.ensure_future(asking)
    loop = asyncio.get_running_loop()
    limit = loop.time() + timeout
    while not task.done() and loop.time() < limit and not stop.is_set():
        await asyncio.wait({task}, timeout=_STOP_POLL)
    if not task.done():
        task.cancel()
        await asyncio.wait({task})
        raise unanswered(place)
    error = task.exception()
    failure: SourceError
    match error:
        case None:
            uri = task.result()
            if uri:
                return str(uri)
            failure = NotVideo(f"{place.who} has no profile with video", mend="Set one up at the camera")
        case aiohttp.ClientConnectionError() | TimeoutError():
            failure = Unreachable(f"{place.who} does not answer", mend=place.check)
        case zeep.exceptions.TransportError(status_code=401 | 403):
            failure = refused(place)
        case zeep.exceptions.Error() | LxmlError() | aiohttp.ClientError() | ValueError() | AttributeError():
            if is_auth_error(error):
                failure = refused(place)
            else:
                failure = NotVideo(
                    f"{place.who} does not speak ONVIF as it should ({type(error).__name__})",
                    mend="Check that ONVIF is switched on at the camera, or give its RTSP address as source.url",
                )
        case _:
            raise error
    raise failure


async def _ask(host: str, port: int, credentials: tuple[str, str] | None) -> str | None:
    user, password = credentials if credentials is not None else ("", "")
    camera = _camera_class()(host, port, user, password, no_cache=True, adjust_time=True)
    try:
        await camera.update_xaddrs()
        media = await camera.create_media_service()
        profiles = await media.GetProfiles()
        token = best_profile([media.to_dict(profile) for profile in profiles or []])
        if token is None:
            return None
        setup = {"Stream": "RTP-Unicast", "Transport": {"Protocol": "RTSP"}}
        answer = await media.GetStreamUri({"StreamSetup": setup, "ProfileToken": token})
        return str(answer.Uri)
    finally:
        await camera.close()


def _camera_class() -> Any:
    """onvif-zeep-async's camera. Importing it sets up the root logger, which is undone here."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    from onvif import ONVIFCamera

    root.handlers[:] = handlers
    root.setLevel(level)
    return ONVIFCamera
