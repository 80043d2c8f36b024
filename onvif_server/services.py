"""The services that a virtual device has: which namespace is answered by what, at which address, able to do what."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from onvif_server.accounts import Accounts
from onvif_server.camera import Camera
from onvif_server.events.service import CAPABILITIES as EVENT_CAPABILITIES
from onvif_server.events.service import LEGACY as EVENT_LEGACY
from onvif_server.events.service import PATH as EVENT_PATH
from onvif_server.events.service import EventService
from onvif_server.identity import Identity
from onvif_server.media import Media, Media2Service, MediaService, media1, media2
from onvif_server.notice import Notices
from onvif_server.store import Store
from onvif_server.topic import MEDIA_TOPICS
from onvif_server.wsdl import EVENTS, MEDIA, MEDIA2
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
    media: Media


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
    events = EventService(parts.notices, parts.clock)
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
            (2, 61),
            "Events",
            lambda: EVENT_LEGACY,
            start=events.start,
            stop=events.stop,
        ),
    )
