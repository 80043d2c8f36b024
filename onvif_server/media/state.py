"""All that Media services tell and change of one device: profiles and configurations. It never changes itself."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from onvif_server.media.encoder import Encoder
from onvif_server.media.metadata import Metadata
from onvif_server.media.multicast import Multicast, checked_group, own_group
from onvif_server.media.osd import MOST as MOST_OSDS
from onvif_server.media.osd import Osd, OsdValues, osd
from onvif_server.media.picture import Picture
from onvif_server.media.profile import Profile, fixed_profile
from onvif_server.media.tokens import METADATA_CONFIGURATION, SOURCE_CONFIGURATION, Kind, encoder_token
from onvif_server.soap import Fault, invalid
from vcam.base.rendition import Overlay, Rendition

CREATED = 7
"""Profiles that clients may make, beside the fixed ones."""
_SOURCE_NAME = "Whole picture"
_TOKEN_LIMIT = 64


@dataclass(frozen=True, slots=True)
class State:
    """What one device has. Each method that changes it gives the changed state, or raises Fault.

    `streams` are the names of the camera's streams in order. `picture` is the camera's whole picture as it was last
    seen, None before.
    """

    device: uuid.UUID
    streams: tuple[str, ...]
    profiles: tuple[Profile, ...]
    encoders: tuple[Encoder, ...]
    metadata: Metadata = field(default_factory=Metadata)
    source_name: str = _SOURCE_NAME
    osds: tuple[Osd, ...] = ()
    picture: Picture | None = None

    @classmethod
    def first(cls, device: uuid.UUID, streams: Iterable[str]) -> State:
        """The state of a device of which clients have changed nothing."""
        names = tuple(streams)
        profiles = tuple(fixed_profile(name) for name in names)
        return cls(device, names, profiles, tuple(Encoder(name, f"Masked {name} stream") for name in names))

    # Profiles

    @property
    def most_profiles(self) -> int:
        return len(self.streams) + CREATED

    def profile(self, token: str) -> Profile:
        for profile in self.profiles:
            if profile.token == token:
                return profile
        raise invalid(f"There is no profile {token!r}", "NoProfile")

    def creating(self, name: str, token: str | None = None) -> tuple[State, Profile]:
        """With a new, empty profile, under the token that the client chose or one of ours."""
        if any(profile.token == token for profile in self.profiles):
            raise invalid(f"There is a profile {token!r} already", "ProfileExists")
        if token is not None and not 0 < len(token) <= _TOKEN_LIMIT:
            raise invalid(f"A token has 1 to {_TOKEN_LIMIT} characters")
        if len(self.profiles) >= self.most_profiles:
            raise Fault(
                "Receiver",
                ("Action", "MaxNVTProfiles"),
                f"There are {self.most_profiles} profiles, which is the limit",
            )
        profile = Profile(token or _free("profile", (each.token for each in self.profiles)), checked_name(name))
        return replace(self, profiles=(*self.profiles, profile)), profile

    def deleting(self, token: str) -> State:
        """Without a profile that a client has made."""
        gone = self.profile(token)
        if gone.fixed:
            raise Fault(
                "Sender", ("Action", "DeletionOfFixedProfile"), f"The profile {token!r} is fixed and stays"
            )
        return replace(self, profiles=tuple(each for each in self.profiles if each is not gone))

    def adding(self, token: str, configurations: Mapping[Kind, str], name: str | None = None) -> State:
        """With configurations, whose tokens have been checked, in a profile, and the profile's name changed."""
        before = self.profile(token)
        after = before.adding(configurations) if configurations else before
        return self._with(before, after if name is None else replace(after, name=checked_name(name)))

    def removing(self, token: str, kinds: Collection[Kind]) -> State:
        """Without configurations of some kinds in a profile."""
        before = self.profile(token)
        return self._with(before, before.removing(kinds))

    def multicasting(self, token: str, on: bool) -> State:
        """With the multicast of a profile started or stopped."""
        before = self.profile(token)
        return self._with(before, replace(before, multicast=on))

    def _with(self, before: Profile, after: Profile) -> State:
        profiles = tuple(after if each is before else each for each in self.profiles)
        return replace(self, profiles=profiles)

    def uses(self, configuration: str) -> int:
        """In how many profiles a configuration is."""
        return sum(configuration in profile.configurations.values() for profile in self.profiles)

    # Video source configuration

    def naming_source(self, name: str) -> State:
        """With the video source configuration under another name."""
        return replace(self, source_name=checked_name(name))

    # Video encoder configurations

    def encoder(self, token: str) -> Encoder:
        for encoder in self.encoders:
            if encoder.token == token:
                return encoder
        raise no_configuration(token)

    def encoding(
        self, token: str, name: str, rendition: Rendition | None, multicast: Multicast | None = None
    ) -> State:
        """With an encoder set anew; None leaves it as it is."""
        before = self.encoder(token)
        after = replace(before, name=checked_name(name))
        if rendition is not None:
            after = replace(after, rendition=rendition)
        if multicast is not None and multicast != self.group(before.stream):
            after = replace(after, multicast=self._group(multicast, before.stream))
        encoders = tuple(after if each is before else each for each in self.encoders)
        return replace(self, encoders=encoders)

    def renditions(self, own: Iterable[Rendition]) -> tuple[Rendition, ...]:
        """How the streams shall be encoded, where the camera's `own` way is used for what nobody has set."""
        chosen = {each.stream: each.rendition for each in self.encoders if each.rendition is not None}
        return tuple(chosen.get(each.name, each) for each in own)

    # Metadata configuration

    def telling(self, metadata: Metadata) -> State:
        """With another metadata configuration."""
        group = metadata.multicast
        if group is None or group == self.group(METADATA_CONFIGURATION):
            metadata = replace(metadata, multicast=self.metadata.multicast)
        else:
            metadata = replace(metadata, multicast=self._group(group, METADATA_CONFIGURATION))
        return replace(self, metadata=replace(metadata, name=checked_name(metadata.name)))

    # Multicast

    def group(self, stream: str) -> Multicast:
        """Where a stream goes by multicast; METADATA_CONFIGURATION stands for the metadata."""
        if stream == METADATA_CONFIGURATION:
            return self.metadata.multicast or own_group(self.device, stream)
        return self.encoder(encoder_token(stream)).multicast or own_group(self.device, stream)

    def started(self, configuration: str) -> bool:
        """Whether what a configuration describes goes out by multicast without RTSP."""
        return any(each.multicast and configuration in each.configurations.values() for each in self.profiles)

    def _group(self, asked: Multicast, stream: str) -> Multicast:
        group = checked_group(asked, own_group(self.device, stream))
        for other in (*self.streams, METADATA_CONFIGURATION):
            taken = self.group(other)
            if other != stream and (taken.address, taken.port) == (group.address, group.port):
                raise Fault(
                    "Receiver",
                    ("Action", "ConfigurationConflict"),
                    f"{group.address}:{group.port} is where {other} goes",
                )
        return group

    # Text in the picture

    def osd(self, token: str) -> Osd:
        for each in self.osds:
            if each.token == token:
                return each
        raise no_configuration(token)

    def drawing(self, wanted: OsdValues) -> tuple[State, Osd]:
        """With one more text."""
        if len(self.osds) >= MOST_OSDS:
            raise Fault("Receiver", ("Action", "MaxOSDs"), f"There are {MOST_OSDS} texts, which is the limit")
        new = osd(_free("osd", (each.token for each in self.osds)), wanted)
        return replace(self, osds=(*self.osds, new)), new

    def redrawing(self, token: str, wanted: OsdValues) -> State:
        """With a text changed."""
        before = self.osd(token)
        after = osd(token, wanted, before)
        return replace(self, osds=tuple(after if each is before else each for each in self.osds))

    def erasing(self, token: str) -> State:
        """Without a text."""
        gone = self.osd(token)
        return replace(self, osds=tuple(each for each in self.osds if each is not gone))

    def overlays(self) -> tuple[Overlay, ...]:
        """All texts, as the camera draws them."""
        return tuple(each.overlay for each in self.osds)


def checked_source(token: str) -> None:
    """Raises Fault unless `token` is that of the video source configuration."""
    if token != SOURCE_CONFIGURATION:
        raise no_configuration(token)


def checked_name(name: str) -> str:
    """`name`, which may have 64 characters (tt:Name). Raises Fault."""
    if len(name) > _TOKEN_LIMIT:
        raise invalid(f"A name has at most {_TOKEN_LIMIT} characters", "ConfigModify")
    return name


def no_configuration(token: str) -> Fault:
    """The fault for a configuration that is not there."""
    return invalid(f"There is no configuration {token!r}", "NoConfig")


def _free(prefix: str, taken: Iterable[str]) -> str:
    names = set(taken)
    return next(name for name in _numbered(prefix) if name not in names)


def _numbered(prefix: str) -> Iterator[str]:
    number = 1
    while True:
        yield f"{prefix}_{number}"
        number += 1
