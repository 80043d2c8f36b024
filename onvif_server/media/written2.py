"""Media configurations as version 2 of the service writes them (tr2:MediaProfile and what it holds)."""

from __future__ import annotations

from collections.abc import Collection

from onvif_server.media import common
from onvif_server.media.common import Written, bounds
from onvif_server.media.encoder import Encoder, Ranges
from onvif_server.media.live import Media
from onvif_server.media.profile import Profile
from onvif_server.media.tokens import Kind


def profile(media: Media, value: Profile, types: Collection[str]) -> Written:
    """tr2:MediaProfile with its configurations of some `types` (tr2:ConfigurationEnumeration)."""
    written: Written = {"token": value.token, "fixed": value.fixed, "Name": value.name}
    held = {kind: token for kind, token in value.configurations.items() if kind in types or "All" in types}
    configurations: Written = {}
    for kind, token in held.items():
        configuration = _configuration(media, kind, token)
        if configuration is not None:
            configurations[kind] = configuration
    if configurations:
        written["Configurations"] = configurations
    return written


def _configuration(media: Media, kind: Kind, token: str) -> Written | None:
    if kind == "VideoSource":
        return common.source_configuration(media)
    if kind == "VideoEncoder":
        return encoder(media, media.state.encoder(token))
    if kind == "Metadata":
        return common.metadata_configuration(media)
    return common.other_configuration(media, kind)


def encoder(media: Media, value: Encoder) -> Written:
    """tt:VideoEncoder2Configuration."""
    values = media.values(value.stream)
    written: Written = {
        "token": value.token,
        "Name": value.name,
        "UseCount": media.state.uses(value.token),
        "Encoding": values.encoding,
        "Resolution": {"Width": values.size[0], "Height": values.size[1]},
        "RateControl": {
            "ConstantBitRate": False,
            "FrameRateLimit": values.fps,
            "BitrateLimit": values.bit_rate,
        },
        "Multicast": common.group(media.multicast(value.stream)),
        "Quality": values.quality,
    }
    if values.encoding != "JPEG":
        written |= {"GovLength": values.gop, "Profile": values.profile}
    return written


def options(offer: Ranges) -> Written:
    """tt:VideoEncoder2ConfigurationOptions."""
    written: Written = {
        "Encoding": offer.encoding,
        "QualityRange": bounds(offer.quality),
        "ResolutionsAvailable": [{"Width": width, "Height": height} for width, height in offer.sizes],
        "BitrateRange": bounds(offer.bit_rate),
        "FrameRatesSupported": list(offer.rates),
        "ConstantBitRateSupported": False,
        "GuaranteedFrameRateSupported": False,
    }
    if offer.encoding != "JPEG":
        written |= {"GovLengthRange": list(offer.gop), "ProfilesSupported": [offer.profile]}
    return written
