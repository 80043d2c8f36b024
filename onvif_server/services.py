"""The services that a virtual device has: which namespace is answered by what, at which address, able to do what."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from onvif_server.accounts import Accounts
from onvif_server.camera import Camera
from onvif_server.deviceio_service import DeviceIoService
from onvif_server.identity import Identity
from onvif_server.imaging_service import CAPABILITIES as IMAGING_CAPABILITIES
from onvif_server.imaging_service import ImagingService
from onvif_server.media_service import CAPABILITIES as MEDIA_CAPABILITIES
from onvif_server.media_service import STREAMING, VIDEO_SOURCE, MediaService
from onvif_server.notice import Notices
from onvif_server.physical import NothingPhysical, Physical
from onvif_server.ptz_service import CAPABILITIES as PTZ_CAPABILITIES
from onvif_server.ptz_service import PtzService
from onvif_server.store import Store
from onvif_server.wsdl import DEVICEIO, IMAGING, MEDIA, PTZ
from vcam.base.clock import Clock

Values = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Parts:
    """What services are made from."""

    identity: Identity
    camera: Camera
    accounts: Accounts
    store: Store
    notices: Notices
    clock: Clock
    physical: Physical = field(default_factory=NothingPhysical)


@dataclass(frozen=True, slots=True)
class Service:
    """One service.

    `handler` has a method for each operation. `path` serves the address that clients are told; dispatch does not
    look at it. `capabilities` are what GetServiceCapabilities tells. `category` is the element of GetCapabilities
    that stands for it, "Extension/..." for one further in, empty where there is none; `legacy` are its fields beside
    XAddr. One that is not `present` is not told of, and declines.
    """

    namespace: str
    path: str
    handler: object
    capabilities: Callable[[], Values]
    version: tuple[int, int]
    category: str = ""
    legacy: Callable[[], Values] = field(default=dict)
    present: Callable[[], bool] = lambda: True


def services(parts: Parts) -> tuple[Service, ...]:
    """All services but Device, which tells of them."""
    ptz = PtzService(parts.physical, lambda: _aimed(parts.camera), parts.store, parts.notices, parts.clock)
    connectors = DeviceIoService(parts.physical, VIDEO_SOURCE, parts.notices, parts.clock)
    return (
        Service(
            MEDIA,
            "/onvif/media_service",
            MediaService(parts.camera),
            lambda: MEDIA_CAPABILITIES,
            (2, 42),
            "Media",
            lambda: {"StreamingCapabilities": STREAMING},
        ),
        Service(
            PTZ,
            "/onvif/ptz_service",
            ptz,
            lambda: PTZ_CAPABILITIES,
            (2, 42),
            "PTZ",
            present=lambda: ptz.present,
        ),
        Service(
            IMAGING,
            "/onvif/imaging_service",
            ImagingService(parts.physical, VIDEO_SOURCE),
            lambda: IMAGING_CAPABILITIES,
            (2, 42),
            "Imaging",
        ),
        Service(
            DEVICEIO,
            "/onvif/deviceio_service",
            connectors,
            connectors.capabilities,
            (2, 42),
            "Extension/DeviceIO",
            connectors.legacy,
        ),
    )


def _aimed(camera: Camera) -> dict[str, bool]:
    """Every stream has a profile by which the camera is turned."""
    return {rendition.name: True for rendition in camera.renditions()}
