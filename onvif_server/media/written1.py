"""Media configurations as version 1 of the service writes them (tt:Profile and what it holds)."""

from __future__ import annotations

from collections.abc import Sequence

from onvif_server.media import common
from onvif_server.media.common import Written, bounds
from onvif_server.media.encoder import Encoder, Ranges
from onvif_server.media.live import Media
from onvif_server.media.profile import Profile
from onvif_server.media.tokens import Kind

_OTHERS: dict[Kind, str] = {"Analytics": "VideoAnalyticsConfiguration", "PTZ": "PTZConfiguration"}


def profile(media: Media, value: Profile) -> Written:
    """tt:Profile."""
    held = value.configurations
    written: Written = {"token": value.token, "fixed": value.fixed, "Name": value.name}
    if "VideoSource" in held:
        written["VideoSourceConfiguration"] = common.source_configuration(media)
    if "VideoEncoder" in held:
        written["VideoEncoderConfiguration"] = encoder(media, media.state.encoder(held["VideoEncoder"]))
    for kind, field in _OTHERS.items():
        other = common.other_configuration(media, kind) if kind in held else None
        if other is not None:
            written[field] = other
    if "Metadata" in held:
        written["MetadataConfiguration"] = common.metadata_configuration(media)
    return written


def encoder(media: Media, value: Encoder) -> Written:
    """tt:VideoEncoderConfiguration, of H.264 or JPEG."""
    values = media.values(value.stream)
    written: Written = {
        "token": value.token,
        "Name": value.name,
        "UseCount": media.state.uses(value.token),
        "Encoding": values.encoding,
        "Resolution": {"Width": values.size[0], "Height": values.size[1]},
        "Quality": values.quality,
        "RateControl": {
            "FrameRateLimit": values.fps,
            "EncodingInterval": 1,
            "BitrateLimit": values.bit_rate,
        },
        "Multicast": common.group(media.multicast(value.stream)),
        "SessionTimeout": common.SESSION_TIMEOUT,
    }
    if values.encoding == "H264":
        written["H264"] = {"GovLength": values.gop, "H264Profile": values.profile}
    return written


def options(offers: Sequence[Ranges]) -> Written:
    """tt:VideoEncoderConfigurationOptions of the first offer of each encoding."""
    written: Written = {}
    extension: Written = {}
    for each in reversed(offers):
        entry: Written = {
            "ResolutionsAvailable": [{"Width": width, "Height": height} for width, height in each.sizes],
            "FrameRateRange": bounds((1, each.rates[0])),
            "EncodingIntervalRange": bounds((1, 1)),
        }
        if each.encoding == "H264":
            entry["GovLengthRange"] = bounds(each.gop)
            entry["H264ProfilesSupported"] = [each.profile]
        written[each.encoding] = entry
        extension[each.encoding] = {**entry, "BitrateRange": bounds(each.bit_rate)}
    low = min((each.quality[0] for each in offers), default=1)
    high = max((each.quality[1] for each in offers), default=1)
    return {"QualityRange": bounds((low, high)), **written, "Extension": extension}
