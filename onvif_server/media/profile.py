"""Media profiles: named sets of configurations."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Annotated

from pydantic import Field

from onvif_server.media.tokens import (
    ANALYTICS_CONFIGURATION,
    KINDS,
    METADATA_CONFIGURATION,
    PTZ_CONFIGURATION,
    SOURCE_CONFIGURATION,
    Kind,
    encoder_token,
)
from onvif_server.soap import Fault

Name = Annotated[str, Field(max_length=64)]
"""tt:Name."""
Token = Annotated[str, Field(min_length=1, max_length=64)]
"""tt:ReferenceToken."""


@dataclass(frozen=True, slots=True)
class Profile:
    """One media profile. `configurations` are tokens by kind; all kinds need the VideoSource.

    A `fixed` one cannot be deleted. `multicast` says that its streams go out without RTSP, until they are stopped.
    """

    token: Token
    name: Name
    fixed: bool = False
    configurations: Mapping[Kind, Token] = field(default_factory=dict)
    multicast: bool = False

    def adding(self, configurations: Mapping[Kind, str]) -> Profile:
        """This profile with `configurations` too, in place of others of their kinds. Raises Fault."""
        return self._holding({**self.configurations, **configurations})

    def removing(self, kinds: Collection[Kind]) -> Profile:
        """This profile without configurations of `kinds`. Raises Fault."""
        kept = {kind: token for kind, token in self.configurations.items() if kind not in kinds}
        return self._holding(kept)

    def _holding(self, configurations: Mapping[Kind, str]) -> Profile:
        if configurations and "VideoSource" not in configurations:
            held = next(kind for kind in KINDS if kind in configurations)
            raise Fault(
                "Receiver",
                ("Action", "ConfigurationConflict"),
                f"A {held} configuration needs a VideoSource configuration in its profile",
            )
        ordered = {kind: configurations[kind] for kind in KINDS if kind in configurations}
        return replace(self, configurations=ordered)


def fixed_profile(stream: str) -> Profile:
    """The profile that a stream has from the beginning: all that the device has, encoded as that stream."""
    return Profile(
        stream,
        stream,
        fixed=True,
        configurations={
            "VideoSource": SOURCE_CONFIGURATION,
            "VideoEncoder": encoder_token(stream),
            "Metadata": METADATA_CONFIGURATION,
            "Analytics": ANALYTICS_CONFIGURATION,
            "PTZ": PTZ_CONFIGURATION,
        },
    )
