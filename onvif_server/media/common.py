"""What both versions of the Media service write and read alike, as zeep's values."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from onvif_server.dispatch import Call
from onvif_server.media.encoder import Encoder, Values, asked
from onvif_server.media.event_filter import asked_filter, filter_element
from onvif_server.media.live import Group, Media
from onvif_server.media.metadata import Metadata
from onvif_server.media.multicast import Multicast
from onvif_server.media.osd import (
    CORNERS,
    DATE_FORMATS,
    MOST,
    SIZES,
    TEXT_TYPES,
    TIME_FORMATS,
    Osd,
    OsdValues,
)
from onvif_server.media.state import State, checked_source
from onvif_server.media.tokens import SOURCE_CONFIGURATION, VIDEO_SOURCE, Kind
from onvif_server.soap import PREFIXES, Fault, invalid
from onvif_server.wsdl import raw

Written = dict[str, object]

SESSION_TIMEOUT = timedelta(seconds=60)
"""After which an RTSP session ends of which nothing is heard."""

_TT = PREFIXES["tt"]
_TYPE_NAMES = {kind: name for name, kind in TEXT_TYPES.items()}


def bounds(value: tuple[int, int]) -> Written:
    """tt:IntRange and its like."""
    return {"Min": value[0], "Max": value[1]}


def group(value: Group) -> Written:
    """tt:MulticastConfiguration."""
    address, port, ttl, started = value
    return {
        "Address": {"Type": "IPv4", "IPv4Address": address},
        "Port": port,
        "TTL": ttl,
        "AutoStart": started,
    }


def read_group(value: Any) -> Multicast | None:
    """What a client asks of tt:MulticastConfiguration; AutoStart is not for it to set. Raises Fault."""
    if value is None:
        return None
    if value.Address.Type != "IPv4":
        raise invalid("Multicast goes by IPv4", "ConfigModify")
    return Multicast(value.Address.IPv4Address or "0.0.0.0", value.Port, value.TTL)  # noqa: S104  "not chosen"


def source_configuration(media: Media) -> Written:
    """tt:VideoSourceConfiguration."""
    picture = media.picture()
    return {
        "token": SOURCE_CONFIGURATION,
        "Name": media.state.source_name,
        "UseCount": media.state.uses(SOURCE_CONFIGURATION),
        "SourceToken": VIDEO_SOURCE,
        "Bounds": {"x": 0, "y": 0, "width": picture.width, "height": picture.height},
    }


def source_options(media: Media) -> Written:
    """tt:VideoSourceConfigurationOptions: the whole picture and nothing else."""
    picture = media.picture()
    nought = {"Min": 0, "Max": 0}
    return {
        "MaximumNumberOfProfiles": media.state.most_profiles,
        "BoundsRange": {
            "XRange": nought,
            "YRange": nought,
            "WidthRange": {"Min": picture.width, "Max": picture.width},
            "HeightRange": {"Min": picture.height, "Max": picture.height},
        },
        "VideoSourceTokensAvailable": [VIDEO_SOURCE],
    }


async def set_source(media: Media, value: Any) -> None:
    """Take over tt:VideoSourceConfiguration. Raises Fault."""
    checked_source(value.token)
    picture, bounds = media.picture(), value.Bounds
    if value.SourceToken != VIDEO_SOURCE:
        raise invalid(f"There is no video source {value.SourceToken!r}", "ConfigModify")
    if (bounds.x, bounds.y, bounds.width, bounds.height) != (0, 0, *picture.size):
        raise invalid("The bounds are those of the whole picture", "ConfigModify")
    await media.change(lambda state: state.naming_source(value.Name))


def metadata_configuration(media: Media) -> Written:
    """tt:MetadataConfiguration."""
    metadata = media.metadata
    written: Written = {
        "token": metadata.token,
        "Name": metadata.name,
        "UseCount": media.state.uses(metadata.token),
        "Analytics": metadata.analytics,
        "Multicast": group(media.metadata_multicast()),
        "SessionTimeout": SESSION_TIMEOUT,
    }
    if media.other("PTZ"):
        written["PTZStatus"] = {"Status": metadata.status, "Position": metadata.position}
    if metadata.events:
        chosen = metadata.filter
        written["Events"] = {"Filter": raw(filter_element(chosen))} if chosen else {}
    return written


def metadata_options(media: Media) -> Written:
    """tt:MetadataConfigurationOptions."""
    able = media.other("PTZ") is not None
    return {
        "PTZStatusFilterOptions": {
            "PanTiltStatusSupported": able,
            "ZoomStatusSupported": able,
            "PanTiltPositionSupported": able,
            "ZoomPositionSupported": able,
        }
    }


async def set_metadata(media: Media, call: Call, value: Any) -> None:
    """Take over tt:MetadataConfiguration. Raises Fault."""
    media.known("Metadata", value.token)
    # An element that asks for all events is empty, and so absent for zeep.
    request = call.request.content if call.request is not None else None
    events = request.find(f".//{{{_TT}}}Events") if request is not None else None
    wanted = asked_filter(events)
    media.check_filter(wanted)
    ptz = value.PTZStatus
    status, position = (bool(ptz.Status), bool(ptz.Position)) if ptz is not None else (False, False)
    if (status or position) and not media.other("PTZ"):
        raise invalid("This device has no PTZ status to tell", "ConfigModify")
    asked = Metadata(
        name=value.Name,
        analytics=bool(value.Analytics),
        events=events is not None,
        filter=wanted,
        status=status,
        position=position,
        multicast=read_group(value.Multicast),
    )
    await media.change(lambda state: state.telling(asked))


def osd(value: Osd) -> Written:
    """tt:OSDConfiguration."""
    overlay = value.overlay
    text: Written = {"Type": _TYPE_NAMES[overlay.kind], "FontSize": overlay.size, "IsPersistentText": True}
    if overlay.kind in {"date", "date_and_time"}:
        text["DateFormat"] = overlay.date_format
    if overlay.kind in {"time", "date_and_time"}:
        text["TimeFormat"] = overlay.time_format
    if overlay.text:
        text["PlainText"] = overlay.text
    position: Written = {"Type": value.position}
    if value.position == "Custom":
        position["Pos"] = {"x": overlay.x, "y": overlay.y}
    return {
        "token": value.token,
        "VideoSourceConfigurationToken": SOURCE_CONFIGURATION,
        "Type": "Text",
        "Position": position,
        "TextString": text,
    }


def osd_options() -> Written:
    """tt:OSDConfigurationOptions."""
    return {
        "MaximumNumberOfOSDs": {
            "Total": MOST,
            **dict.fromkeys(("PlainText", "Date", "Time", "DateAndTime"), MOST),
        },
        "Type": ["Text"],
        "PositionOption": [*CORNERS, "Custom"],
        "TextOption": {
            "Type": list(TEXT_TYPES),
            "FontSizeRange": {"Min": SIZES[0], "Max": SIZES[1]},
            "DateFormat": list(DATE_FORMATS),
            "TimeFormat": list(TIME_FORMATS),
        },
    }


def read_osd(value: Any) -> OsdValues:
    """What a client asks of tt:OSDConfiguration. Raises Fault."""
    token = value.VideoSourceConfigurationToken
    checked_source(getattr(token, "_value_1", token))
    text = value.TextString
    if value.Type != "Text" or text is None:
        raise invalid("Text can be drawn and nothing else", "ConfigModify")
    place = value.Position.Pos
    return OsdValues(
        position=value.Position.Type,
        place=None if place is None or place.x is None or place.y is None else (place.x, place.y),
        text_type=text.Type,
        text=text.PlainText,
        date_format=text.DateFormat,
        time_format=text.TimeFormat,
        size=text.FontSize,
    )


async def create_osd(media: Media, value: Any) -> str:
    """Draw one more text, and give its token. Raises Fault."""
    wanted = read_osd(value)
    before = {each.token for each in media.state.osds}
    after = await media.change(lambda state: state.drawing(wanted)[0])
    return next(each.token for each in after.osds if each.token not in before)


def osds(media: Media, token: str | None, source: str | None) -> list[Written]:
    """The texts, or the one of a token. Raises Fault for tokens that nothing has."""
    if source:
        checked_source(source)
    return [osd(media.state.osd(token))] if token else [osd(each) for each in media.state.osds]


async def set_encoder(
    media: Media, encoder: Encoder, name: str, wanted: Values, group: Multicast | None
) -> None:
    """Encode a stream as a client wants it. Raises Fault."""

    def change(state: State) -> State:
        before = media.rendition(encoder.stream)
        after = asked(wanted, before, media.video(encoder.stream), media.picture())
        return state.encoding(encoder.token, name, after if after != before else None, group)

    await media.change(change)


def other_configuration(media: Media, kind: Kind) -> Written | None:
    """The configuration of another service with the count of profiles that have it."""
    configuration = media.other(kind)
    if configuration is None:
        return None
    return {**configuration, "UseCount": media.state.uses(str(configuration["token"]))}


async def set_multicast(media: Media, profile: str, on: bool) -> None:
    """Start or stop the multicast of a profile. Raises Fault."""
    if on:
        held = media.state.profile(profile).configurations
        if "VideoEncoder" not in held and "Metadata" not in held:
            raise Fault(
                "Receiver",
                ("Action", "IncompleteConfiguration"),
                f"The profile {profile!r} has nothing to stream",
            )
    await media.change(lambda state: state.multicasting(profile, on))
