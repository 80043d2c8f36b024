"""The profiles of a physical camera, as far as others need to know them (ONVIF Media services 1 and 2)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from lxml import etree

from onvif_server.physical import Declined
from onvif_server.wsdl import MEDIA, MEDIA2
from vcam.physical import reply
from vcam.physical.client import Client

_VIDEO = {"H264": 2, "H265": 2, "HEVC": 2, "JPEG": 0}


@dataclass(frozen=True, slots=True)
class Profile:
    """One profile. Tokens are empty where it has no such configuration; `codec` as ONVIF writes it."""

    token: str
    source: str = ""
    codec: str = ""
    width: int = 0
    height: int = 0
    ptz: str = ""

    @property
    def rank(self) -> tuple[int, int]:
        """The profile that rank highest is the one whose stream is taken (see vcam.source.onvif)."""
        return (_VIDEO.get(self.codec.upper(), 1) if self.codec else -1, self.width * self.height)


async def profiles(client: Client) -> list[Profile]:
    """All profiles, of Media 2 where Media 1 has none. Raises Unavailable or Declined."""
    found: list[Profile] = []
    if MEDIA in client.services or MEDIA2 not in client.services:
        try:
            found = list(_first(await client.ask(MEDIA, "GetProfiles", {})))
        except Declined:
            if MEDIA2 not in client.services:
                raise
    if not found and MEDIA2 in client.services:
        found = list(_second(await client.ask(MEDIA2, "GetProfiles", {"Type": ["All"]})))
    return found


def _first(answer: etree._Element) -> Iterator[Profile]:
    for each in reply.children(answer, "Profiles"):
        yield from _profile(
            each,
            source="VideoSourceConfiguration",
            encoder="VideoEncoderConfiguration",
            ptz="PTZConfiguration",
        )


def _second(answer: etree._Element) -> Iterator[Profile]:
    for each in reply.children(answer, "Profiles"):
        yield from _profile(
            each,
            source="Configurations/VideoSource",
            encoder="Configurations/VideoEncoder",
            ptz="Configurations/PTZ",
        )


def _profile(element: etree._Element, *, source: str, encoder: str, ptz: str) -> Iterator[Profile]:
    token = element.get("token")
    if token:
        aimed = reply.child(element, ptz)
        yield Profile(
            token,
            reply.text(element, f"{source}/SourceToken"),
            reply.text(element, f"{encoder}/Encoding"),
            reply.number(element, f"{encoder}/Resolution/Width"),
            reply.number(element, f"{encoder}/Resolution/Height"),
            (aimed.get("token") or "") if aimed is not None else "",
        )


async def stream_uri(client: Client, profile: Profile) -> str:
    """Where the profile's stream is, as the camera tells it; empty when it tells nothing."""
    asked: Mapping[str, object]
    if MEDIA in client.services or MEDIA2 not in client.services:
        setup = {"Stream": "RTP-Unicast", "Transport": {"Protocol": "RTSP"}}
        asked = {"StreamSetup": setup, "ProfileToken": profile.token}
        answer = await client.ask(MEDIA, "GetStreamUri", asked)
        return reply.text(answer, "MediaUri/Uri")
    answer = await client.ask(MEDIA2, "GetStreamUri", {"Protocol": "RTSP", "ProfileToken": profile.token})
    return reply.text(answer, "Uri")


def shown(found: list[Profile]) -> Profile | None:
    """The profile whose stream is taken; None when there is none with video."""
    return max((one for one in found if one.codec), key=lambda one: one.rank, default=None)


def aiming(found: list[Profile], main: Profile) -> Profile:
    """The profile by which the camera that `main` shows is turned: itself if it can be, else one of its source."""
    same = (one for one in found if one.ptz and one.source == main.source)
    return main if main.ptz else next(same, main)
