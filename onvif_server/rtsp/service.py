"""What all connections of one RTSP server share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from onvif_server.digest import DigestAuthority
from onvif_server.lockout import Lockout
from onvif_server.rtsp.group import Groups
from onvif_server.rtsp.limits import Limits
from onvif_server.rtsp.mount import Mount
from onvif_server.rtsp.session import Sessions
from vcam.base.clock import Clock
from vcam.base.ports import NoWitness, Witness


@dataclass(frozen=True, slots=True)
class Service:
    """`mounts` maps paths such as "/main" to streams; without an `authority` everybody is let in."""

    mounts: Mapping[str, Mount]
    authority: DigestAuthority | None
    lockout: Lockout
    sessions: Sessions
    groups: Groups
    limits: Limits
    clock: Clock
    witness: Witness = field(default_factory=NoWitness)
