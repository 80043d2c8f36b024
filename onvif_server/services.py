"""The services that a virtual device has: which namespace is answered by what, at which address, able to do what."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field

from onvif_server.accounts import Accounts
from onvif_server.analytics import AnalyticsService, configuration
from onvif_server.analytics.service import CAPABILITIES as ANALYTICS_CAPABILITIES
from onvif_server.analytics.service import LEGACY as ANALYTICS_LEGACY
from onvif_server.analytics.service import PATH as ANALYTICS_PATH
from onvif_server.camera import Camera
from onvif_server.deviceio_service import RELAY_TOPIC, DeviceIoService, DeviceRelays
from onvif_server.events.filter import read_filter
from onvif_server.events.service import CAPABILITIES as EVENT_CAPABILITIES
from onvif_server.events.service import LEGACY as EVENT_LEGACY
from onvif_server.events.service import PATH as EVENT_PATH
from onvif_server.events.service import EventService
from onvif_server.identity import Identity
from onvif_server.imaging_service import CAPABILITIES as IMAGING_CAPABILITIES
from onvif_server.imaging_service import ImagingService
from onvif_server.media import VIDEO_SOURCE, Media, Media2Service, MediaService, media1, media2
from onvif_server.notice import Notices
from onvif_server.physical import NothingPhysical, Physical
from onvif_server.ptz_service import CAPABILITIES as PTZ_CAPABILITIES
from onvif_server.ptz_service import REAIMED_TOPIC, PtzService
from onvif_server.store import Store
from onvif_server.topic import MEDIA_TOPICS
from onvif_server.wsdl import ANALYTICS, DEVICEIO, EVENTS, IMAGING, MEDIA, MEDIA2, PTZ
from vcam.base.clock import Clock
from vcam.base.ports import NoWitness, Witness

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
    media: Media
    physical: Physical = field(default_factory=NothingPhysical)
    witness: Witness = field(default_factory=NoWitness)


async def _nothing() -> None:
    """How a service starts that has nothing to begin."""


@dataclass(frozen=True, slots=True)
class Service:
    """One service.

    `handler` has a method for each operation, or is a tuple of objects that have them; `device` are objects
    that answer operations of the Device service which this service stands behind. `path` serves the address
    that clients are told; dispatch does not look at it. `capabilities` are what GetServiceCapabilities tells.
    `category` is the element of GetCapabilities that stands for it, "Extension/..." for one further in, empty
    where there is none; `legacy` are its fields beside XAddr. One that is not `present` is not told of, and
    declines. `start` is awaited before the device serves, `stop` ends what it does when nobody asks; after a
    factory reset the old services have stopped, and others, made anew from the emptied store, start.
    """

    namespace: str
    path: str
    handler: object
    capabilities: Callable[[], Values]
    version: tuple[int, int]
    category: str = ""
    legacy: Callable[[], Values] = field(default=dict)
    device: tuple[object, ...] = ()
    present: Callable[[], bool] = lambda: True
    start: Callable[[], Awaitable[None]] = _nothing
    stop: Callable[[], None] = lambda: None


def services(parts: Parts) -> tuple[Service, ...]:
    """All services but Device, which tells of them."""
    parts.notices.declare(*MEDIA_TOPICS)
    parts.media.offer("Analytics", configuration)
    accounts = parts.accounts
    events = EventService(parts.notices, parts.clock, lambda user: accounts.password(user) is not None)
    parts.media.judge_filters(
        lambda wanted: read_filter(wanted, [each.path for each in parts.notices.topics], parts.clock.utc())
    )
    return (
        Service(
            MEDIA,
            "/onvif/media_service",
            MediaService(parts.media),
            lambda: media1.capabilities(parts.media),
            (2, 42),
            "Media",
            lambda: {"StreamingCapabilities": media1.streaming()},
            start=parts.media.start,
        ),
        Service(
            MEDIA2,
            "/onvif/media2_service",
            Media2Service(parts.media),
            lambda: media2.capabilities(parts.media),
            (26, 6),
        ),
        Service(
            EVENTS,
            EVENT_PATH,
            events,
            lambda: EVENT_CAPABILITIES,
            (25, 12),
            "Events",
            lambda: EVENT_LEGACY,
            start=events.start,
            stop=events.stop,
        ),
        Service(
            ANALYTICS,
            ANALYTICS_PATH,
            AnalyticsService(parts.clock),
            lambda: ANALYTICS_CAPABILITIES,
            (25, 12),
            "Analytics",
            lambda: ANALYTICS_LEGACY,
        ),
        *_physical(parts),
    )


def _physical(parts: Parts) -> Iterator[Service]:
    """What the physical camera is passed through by."""
    media, physical = parts.media, parts.physical
    parts.notices.declare(REAIMED_TOPIC, RELAY_TOPIC)
    ptz = PtzService(
        physical,
        lambda: media.holding("PTZ"),
        parts.store,
        parts.notices,
        parts.clock,
        witness=parts.witness,
    )
    media.offer("PTZ", ptz.configuration)
    yield Service(
        PTZ,
        "/onvif/ptz_service",
        ptz,
        lambda: PTZ_CAPABILITIES,
        (25, 12),
        "PTZ",
        present=lambda: ptz.present,
    )
    imaging = ImagingService(physical, VIDEO_SOURCE)
    yield Service(IMAGING, "/onvif/imaging_service", imaging, lambda: IMAGING_CAPABILITIES, (25, 12), "Imaging")
    connectors = DeviceIoService(physical, VIDEO_SOURCE, parts.notices, parts.clock)
    yield Service(
        DEVICEIO,
        "/onvif/deviceio_service",
        connectors,
        connectors.capabilities,
        (25, 12),
        "Extension/DeviceIO",
        connectors.legacy,
        device=(DeviceRelays(connectors),),
    )
