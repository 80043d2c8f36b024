"""A device's media state in its store: what clients have changed, as JSON."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from pydantic import TypeAdapter, ValidationError

from onvif_server.media.encoder import Encoder
from onvif_server.media.event_filter import filter_element
from onvif_server.media.metadata import Metadata
from onvif_server.media.osd import MOST, Osd
from onvif_server.media.picture import Picture
from onvif_server.media.profile import Name, Profile
from onvif_server.media.state import State
from onvif_server.media.tokens import KINDS, METADATA_CONFIGURATION, SOURCE_CONFIGURATION, encoder_token
from vcam.base.errors import ConfigError
from vcam.base.rendition import Rendition

SECTION = "media"
"""Name of the section of the store."""


@dataclass(frozen=True, slots=True)
class _Kept:
    """Profiles and encoders are only those that differ from what a device has at first."""

    profiles: tuple[Profile, ...]
    encoders: tuple[Encoder, ...]
    metadata: Metadata
    source_name: Name
    osds: tuple[Osd, ...]
    picture: Picture | None


_ADAPTER = TypeAdapter(_Kept)


def keep(state: State) -> Any:
    """`state` as plain values for a store."""
    first = State.first(state.device, state.streams)
    kept = _Kept(
        tuple(each for each in state.profiles if each not in first.profiles),
        tuple(each for each in state.encoders if each not in first.encoders),
        state.metadata,
        state.source_name,
        state.osds,
        state.picture,
    )
    return _ADAPTER.dump_python(kept, mode="json")


def recall(read: Any, device: uuid.UUID, streams: Sequence[str]) -> State:
    """The state that `keep` made plain values of; the first state for None.

    What belongs to streams that the camera no longer has is left out. Raises ConfigError for values that `keep`
    cannot have made.
    """
    first = State.first(device, streams)
    if read is None:
        return first
    try:
        kept = _ADAPTER.validate_python(read)
        _check(kept)
    except ValidationError as error:
        place = ".".join(str(part) for part in error.errors()[0]["loc"])
        raise _unreadable(f"{place} is wrong") from error
    except ValueError as error:
        raise _unreadable(str(error)) from error
    changed = {each.stream: each for each in kept.encoders}
    return replace(
        first,
        profiles=_profiles(kept, first),
        encoders=tuple(changed.get(each.stream, each) for each in first.encoders),
        metadata=kept.metadata,
        source_name=kept.source_name,
        osds=kept.osds,
        picture=kept.picture,
    )


def _profiles(kept: _Kept, first: State) -> tuple[Profile, ...]:
    """The fixed profiles and those of clients, without configurations of streams that are gone."""
    encoders = {encoder_token(stream) for stream in first.streams}

    def fitted(profile: Profile) -> Profile:
        there = {
            kind: token
            for kind, token in profile.configurations.items()
            if kind != "VideoEncoder" or token in encoders
        }
        return replace(profile, configurations=there)

    changed = {each.token: fitted(each) for each in kept.profiles}
    fixed = tuple(
        replace(changed.pop(each.token, each), token=each.token, fixed=True) for each in first.profiles
    )
    created = [each for each in changed.values() if not each.fixed]
    return (*fixed, *created[: first.most_profiles - len(fixed)])


def _check(kept: _Kept) -> None:
    """Raises ValueError for what the types alone do not rule out."""
    for profile in kept.profiles:
        _check_profile(profile)
    if len({each.token for each in kept.profiles}) < len(kept.profiles):
        raise ValueError("two profiles have one token")
    if len(kept.osds) > MOST or len({each.token for each in kept.osds}) < len(kept.osds):
        raise ValueError("there are too many texts, or two have one token")
    if kept.metadata.filter:
        filter_element(kept.metadata.filter)
    for encoder in kept.encoders:
        if encoder.rendition is not None and not _possible(encoder.rendition, encoder.stream):
            raise ValueError(f"the encoding of {encoder.stream} is out of range")


def _check_profile(profile: Profile) -> None:
    held = profile.configurations
    if held and "VideoSource" not in held:
        raise ValueError(f"profile {profile.token} has no video source")
    if list(held) != [kind for kind in KINDS if kind in held]:
        raise ValueError(f"profile {profile.token} has its configurations out of order")
    if held.get("VideoSource", SOURCE_CONFIGURATION) != SOURCE_CONFIGURATION:
        raise ValueError(f"profile {profile.token} has another video source")
    if held.get("Metadata", METADATA_CONFIGURATION) != METADATA_CONFIGURATION:
        raise ValueError(f"profile {profile.token} has other metadata")


def _possible(rendition: Rendition, stream: str) -> bool:
    numbers = (rendition.width, rendition.height, rendition.bit_rate, rendition.gop)
    return (
        rendition.name == stream
        and min(numbers) >= 0
        and 0 <= rendition.fps < float("inf")
        and 1 <= rendition.quality <= 100
    )


def _unreadable(what: str) -> ConfigError:
    return ConfigError(
        f"What clients have set of the streams cannot be read: {what}",
        mend="Restore the device's file under site.state/onvif, or remove it: the device then has its first settings",
    )
