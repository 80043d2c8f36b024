"""Any sequence of operations leaves a state that is whole, and that survives a restart."""

from __future__ import annotations

import contextlib
import json
import uuid
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onvif_server.media.kept import keep, recall
from onvif_server.media.metadata import Metadata
from onvif_server.media.multicast import Multicast
from onvif_server.media.osd import MOST, OsdValues
from onvif_server.media.picture import Picture
from onvif_server.media.state import CREATED, State
from onvif_server.media.tokens import KINDS, METADATA_CONFIGURATION, SOURCE_CONFIGURATION, encoder_token
from onvif_server.soap import Fault
from vcam.base.rendition import Rendition

DEVICE = uuid.UUID(int=7)
STREAMS = ("main", "sub", "jpeg")
OWN = tuple(Rendition(name) for name in STREAMS)
FIRST = State.first(DEVICE, STREAMS)

Change = Callable[[State], State]

tokens = st.sampled_from([*STREAMS, "profile_1", "profile_2", "own", "absent", ""])
names = st.text("ab", max_size=70)
configurations = st.dictionaries(
    st.sampled_from(KINDS),
    st.sampled_from([encoder_token(name) for name in STREAMS]),
).map(
    lambda found: {
        kind: {"VideoSource": SOURCE_CONFIGURATION, "Metadata": METADATA_CONFIGURATION}.get(
            kind, token if kind == "VideoEncoder" else kind.lower()
        )
        for kind, token in found.items()
    }
)
groups = st.builds(
    Multicast,
    st.sampled_from(["239.1.1.1", "239.1.1.2", "0.0.0.0", "10.0.0.1"]),
    st.sampled_from([0, 5004, 5005, 6000]),
    st.integers(-1, 256),
)
renditions = st.builds(
    Rendition,
    st.just("main"),
    st.sampled_from(["h264", "h265"]),
    st.sampled_from([0, 640]),
    st.sampled_from([0, 360]),
    st.sampled_from([0.0, 12.5]),
    st.sampled_from([0, 1_000_000]),
    st.sampled_from([0, 25]),
)
osd_values = st.builds(
    OsdValues,
    st.sampled_from(["UpperLeft", "Custom", "Nowhere"]),
    st.sampled_from([None, (0.0, 0.5), (2.0, 0.0)]),
    st.sampled_from(["Plain", "Date", "Image"]),
    st.sampled_from([None, "Gate"]),
)


def _creating(name: str, token: str | None) -> Change:
    return lambda state: state.creating(name, token)[0]


def _drawing(wanted: OsdValues) -> Change:
    return lambda state: state.drawing(wanted)[0]


changes: st.SearchStrategy[Change] = st.one_of(
    st.builds(_creating, names, st.none() | st.sampled_from(["own", "main", "x" * 65])),
    st.builds(lambda token: lambda state: state.deleting(token), tokens),
    st.builds(
        lambda token, held, name: lambda state: state.adding(token, held, name), tokens, configurations, names
    ),
    st.builds(
        lambda token, kinds: lambda state: state.removing(token, kinds),
        tokens,
        st.sets(st.sampled_from(KINDS)),
    ),
    st.builds(lambda token, on: lambda state: state.multicasting(token, on), tokens, st.booleans()),
    st.builds(lambda name: lambda state: state.naming_source(name), names),
    st.builds(
        lambda name, rendition, group: lambda state: state.encoding("main_h264", name, rendition, group),
        names,
        st.none() | renditions,
        st.none() | groups,
    ),
    st.builds(
        lambda name, analytics, group: (
            lambda state: state.telling(Metadata(name, analytics=analytics, multicast=group))
        ),
        names,
        st.booleans(),
        st.none() | groups,
    ),
    st.builds(_drawing, osd_values),
    st.builds(
        lambda token, wanted: lambda state: state.redrawing(token, wanted),
        st.sampled_from(["osd_1", "osd_9"]),
        osd_values,
    ),
    st.builds(lambda token: lambda state: state.erasing(token), st.sampled_from(["osd_1", "osd_2", "absent"])),
    st.just(lambda state: replace(state, picture=Picture(704, 480, 30.0))),
)


def _run(wanted: list[Change]) -> State:
    state = FIRST
    for change in wanted:
        with contextlib.suppress(Fault):
            state = change(state)
    return state


def _check(state: State) -> None:
    held = [each.token for each in state.profiles]
    assert held[: len(STREAMS)] == list(STREAMS)
    assert all(each.fixed == (each.token in STREAMS) for each in state.profiles)
    assert len(set(held)) == len(held) <= len(STREAMS) + CREATED
    for profile in state.profiles:
        assert not profile.configurations or "VideoSource" in profile.configurations
        assert len(profile.name) <= 64
    streams = [*STREAMS, METADATA_CONFIGURATION]
    places = {(state.group(stream).address, state.group(stream).port) for stream in streams}
    assert len(places) == len(streams)
    assert len({each.token for each in state.osds}) == len(state.osds) <= MOST
    assert [each.name for each in state.renditions(OWN)] == list(STREAMS)


@given(st.lists(changes, max_size=25))
def test_any_sequence_of_changes_leaves_a_whole_state(wanted: list[Change]) -> None:
    _check(_run(wanted))


@given(st.lists(changes, max_size=25))
def test_it_survives_a_restart(wanted: list[Change]) -> None:
    state = _run(wanted)
    read = json.loads(json.dumps(keep(state)))
    assert recall(read, DEVICE, STREAMS) == state


@given(st.lists(changes, max_size=25))
def test_it_fits_a_camera_that_has_lost_streams(wanted: list[Change]) -> None:
    state = recall(json.loads(json.dumps(keep(_run(wanted)))), DEVICE, ["main"])
    assert state.profiles[0].token == "main"
    assert [each.stream for each in state.encoders] == ["main"]
    for profile in state.profiles:
        assert profile.configurations.get("VideoEncoder", "main_h264") == "main_h264"
        assert profile.fixed == (profile.token == "main")


def test_tokens_that_nvrs_know_stay() -> None:
    main = FIRST.profile("main")
    assert main.configurations["VideoSource"] == "camera_whole"
    assert main.configurations["VideoEncoder"] == "main_h264"


def test_no_more_profiles_than_are_told_of() -> None:
    state = FIRST
    for _ in range(CREATED):
        state, profile = state.creating("one more")
        assert not profile.fixed
    assert len(state.profiles) == state.most_profiles
    with pytest.raises(Fault) as caught:
        state.creating("too many")
    assert (caught.value.code, caught.value.subcodes) == ("Receiver", ("Action", "MaxNVTProfiles"))


def test_multicast_lasts_while_a_profile_has_it_started() -> None:
    state, profile = FIRST.creating("wall")
    held = {"VideoSource": SOURCE_CONFIGURATION, "VideoEncoder": "main_h264"}
    state = state.adding(profile.token, held).multicasting(profile.token, on=True)  # type: ignore[arg-type]
    assert state.started("main_h264")
    assert not state.started("sub_encoder")
    assert not state.multicasting("main", on=True).multicasting(profile.token, on=False).started("sub_encoder")
    assert not state.deleting(profile.token).started("main_h264")


def test_two_streams_never_share_a_group() -> None:
    state = FIRST.encoding("main_h264", "m", None, Multicast("239.1.1.1", 5004))
    with pytest.raises(Fault) as caught:
        state.encoding("sub_encoder", "s", None, Multicast("239.1.1.1", 5004))
    assert caught.value.subcodes == ("Action", "ConfigurationConflict")
    assert state.encoding("sub_encoder", "s", None, Multicast("239.1.1.1", 5006)).group("sub").port == 5006
