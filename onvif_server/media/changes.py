"""What has changed between two states, as ONVIF's Media2 specification tells it (section Events)."""

from __future__ import annotations

from onvif_server.media.state import State
from onvif_server.media.tokens import METADATA_CONFIGURATION, SOURCE_CONFIGURATION, Kind


def changed_profiles(before: State, after: State) -> list[str]:
    """Tokens of profiles that were made or deleted, or hold other configurations."""
    old, new = ({each.token: dict(each.configurations) for each in state.profiles} for state in (before, after))
    return [token for token in dict.fromkeys([*old, *new]) if old.get(token) != new.get(token)]


def changed_configurations(before: State, after: State) -> list[tuple[str, Kind]]:
    """Tokens and kinds of configurations of which a client would now read something else."""
    changed: list[tuple[str, Kind]] = []
    if before.source_name != after.source_name:
        changed.append((SOURCE_CONFIGURATION, "VideoSource"))
    for old, new in zip(before.encoders, after.encoders, strict=True):
        if old != new or before.started(old.token) != after.started(new.token):
            changed.append((new.token, "VideoEncoder"))
    told = [(each.metadata, each.started(METADATA_CONFIGURATION)) for each in (before, after)]
    if told[0] != told[1]:
        changed.append((METADATA_CONFIGURATION, "Metadata"))
    return changed
