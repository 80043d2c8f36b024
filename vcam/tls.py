"""Which certificate each virtual camera, and the console, shows over TLS."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from urllib.parse import urlsplit

from onvif_server.certificate import GivenPair, OwnPair, Secure
from onvif_server.interfaces import interfaces
from vcam.base.clock import Clock
from vcam.base.doors import ANY
from vcam.base.settings import CameraSettings, Settings


def secured(camera: CameraSettings, settings: Settings, clock: Clock) -> Secure | None:
    """TLS for `camera`, with the certificate of the settings or one of its own; None where TLS is off.

    Raises ConfigError for a certificate that is no good.
    """
    tls = settings.onvif.tls
    if not tls.enabled:
        return None
    if tls.certificate is not None and tls.key is not None:
        return Secure(GivenPair(tls.certificate, tls.key))
    return Secure(OwnPair(settings.site.state / "tls", camera.name, list(_hosts(camera, settings)), clock))


def console_secured(settings: Settings, clock: Clock) -> Secure | None:
    """TLS for the console, in the same way; None where it does not speak TLS itself."""
    console = settings.console
    if not console.tls:
        return None
    if console.certificate is not None and console.key is not None:
        return Secure(GivenPair(console.certificate, console.key))
    known = [urlsplit(console.url).hostname or ""] if console.url else []
    bound = [each.address for each in interfaces()] if console.bind in ANY else [console.bind]
    hosts = [name for name in (*known, *bound, socket.gethostname()) if name and name.isascii()]
    return Secure(OwnPair(settings.site.state / "tls", "console", hosts, clock))


def _hosts(camera: CameraSettings, settings: Settings) -> Iterator[str]:
    """Addresses and names by which clients may know this camera."""
    if camera.address is not None:
        yield camera.address
        return
    onvif = settings.onvif
    if onvif.bind in ANY:
        yield from (each.address for each in interfaces())
    else:
        yield onvif.bind
    for name in (onvif.host, socket.gethostname()):
        if name and name.isascii():
            yield name
