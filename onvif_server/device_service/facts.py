"""What the Device service tells of its device, and what it may ask of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from onvif_server.accounts import Accounts
from onvif_server.identity import Identity
from onvif_server.presence import Presence
from onvif_server.store import Store
from onvif_server.zone import Zone
from vcam.base.clock import Clock

MANUFACTURER = "Garim"
MODEL = "Garim virtual camera"


@dataclass(frozen=True, slots=True)
class Facts:
    """One virtual device.

    `zone` is the host's, `rtsp_url` tells the main stream's URL for those who reach us by a host. `ports` are
    those of our web server, by HTTP and HTTPS; one that is not served is absent. `reboot` has the device leave the
    network and come back soon; `reset` has it forget what clients have set, the names on the network too when its
    argument is true.
    """

    identity: Identity
    version: str
    zone: Zone
    presence: Presence
    accounts: Accounts
    store: Store
    clock: Clock
    rtsp_url: Callable[[str], str]
    ports: Callable[[], Mapping[str, int]]
    reboot: Callable[[], None]
    reset: Callable[[bool], Awaitable[None]]
