"""The metadata configuration: what the metadata track carries (tt:MetadataConfiguration)."""

from __future__ import annotations

from dataclasses import dataclass

from onvif_server.media.multicast import Multicast
from onvif_server.media.profile import Name
from onvif_server.media.tokens import METADATA_CONFIGURATION


@dataclass(frozen=True, slots=True)
class Metadata:
    """`analytics` says whether objects are told, `events` whether notifications are.

    `position` and `status` ask for those of PTZ. `multicast` is None where nobody has set it.
    """

    name: Name = "Objects and events"
    analytics: bool = True
    events: bool = True
    status: bool = False
    position: bool = False
    multicast: Multicast | None = None

    @property
    def token(self) -> str:
        return METADATA_CONFIGURATION
