"""The metadata configuration: what the metadata track carries (tt:MetadataConfiguration)."""

from __future__ import annotations

from dataclasses import dataclass

from onvif_server.media.multicast import Multicast
from onvif_server.media.profile import Name
from onvif_server.media.tokens import METADATA_CONFIGURATION


@dataclass(frozen=True, slots=True)
class Metadata:
    """`analytics` says whether objects are told, `events` whether notifications are.

    `filter` says which, as XML (see `onvif_server.media.event_filter`); all when it is empty. `position` and `status`
    ask for those of PTZ. `multicast` is None where nobody has set it.
    """

    name: Name = "Objects and events"
    analytics: bool = True
    events: bool = True
    filter: str = ""
    status: bool = False
    position: bool = False
    multicast: Multicast | None = None

    @property
    def token(self) -> str:
        return METADATA_CONFIGURATION
