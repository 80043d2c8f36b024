"""What a device says of itself: kept, announced, and silent when it shall not be found."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onvif_server.presence import MAX_SCOPE, MAX_SCOPES, Presence
from onvif_server.soap import Fault
from onvif_server.store import Store
from onvif_server.wsd import DATAGRAM_LIMIT, Order, Probe, Target, reply
from vcam.base.errors import ConfigError

FIXED = ("onvif://www.onvif.org/type/video_encoder",)
FIRST = ("onvif://www.onvif.org/name/front",)
ALL: tuple[str, ...] = (*FIXED, *FIRST)
YARD = "onvif://www.onvif.org/location/yard"


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "device.json")


@pytest.fixture
def presence(store: Store) -> Presence:
    return Presence(store, FIXED, FIRST)


@pytest.fixture
def said(presence: Presence) -> list[str]:
    heard: list[str] = []
    presence.listen(heard.append)
    return heard


def test_scopes_outlive_a_restart_and_follow_the_store(presence: Presence, store: Store) -> None:
    presence.replace([YARD, YARD, f" {YARD}/a "])
    assert presence.scopes == (*FIXED, YARD, f"{YARD}/a")
    assert Presence(store, FIXED, FIRST).scopes == presence.scopes
    store.clear()
    presence.reload()
    assert presence.scopes == ALL


def test_a_change_is_announced_with_a_new_version(presence: Presence, said: list[str]) -> None:
    before = presence.version
    presence.add([YARD])
    assert (presence.version, said) == (before + 1, ["Hello"])
    presence.add([YARD, *FIXED])
    assert (presence.version, said) == (before + 1, ["Hello"])
    presence.remove([YARD])
    assert (presence.version, said) == (before + 2, ["Hello", "Hello"])


def test_who_shall_not_be_found_leaves_and_is_silent(presence: Presence, said: list[str]) -> None:
    presence.set_mode("NonDiscoverable")
    assert (presence.discoverable, said) == (False, ["Bye"])
    presence.replace([YARD])
    presence.say("Hello")
    assert said == ["Bye"]
    presence.set_mode("Discoverable")
    assert said == ["Bye", "Hello"]


def test_a_scope_that_became_fixed_is_told_once(store: Store) -> None:
    Presence(store, (), FIRST).replace([YARD, *FIXED])
    assert Presence(store, FIXED, FIRST).scopes == (*FIXED, YARD)


@pytest.mark.parametrize(
    "scope", ["", "yard", "onvif://x y", "onvif://x/<a>", "http://" + "x" * MAX_SCOPE, "onvif://앞문", "a\nb:c"]
)
def test_what_is_no_uri_is_refused(presence: Presence, said: list[str], scope: str) -> None:
    with pytest.raises(Fault, match="URI"):
        presence.replace([YARD, scope])
    assert (presence.scopes, said) == (ALL, [])


def test_the_most_scopes_fit_into_a_datagram(presence: Presence) -> None:
    longest = [f"onvif://{number:02}".ljust(MAX_SCOPE, "x") for number in range(MAX_SCOPES)]
    presence.replace(longest)
    target = Target(
        "urn:uuid:" + "0" * 36, presence.scopes, ("http://192.0.2.1:65535/onvif/device_service",) * 2
    )
    assert len(reply(Probe("urn:uuid:1", (), (), ""), target, Order(1, 1))) < DATAGRAM_LIMIT
    with pytest.raises(Fault) as caught:
        presence.add([YARD])
    assert caught.value.subcodes == ("Action", "TooManyScopes")


@pytest.mark.parametrize("value", [[], {"scopes": 3}, {"scopes": [], "mode": "Maybe", "version": 1}])
def test_a_damaged_store_is_named(store: Store, value: object) -> None:
    store.write("presence", value)
    with pytest.raises(ConfigError, match="presence"):
        Presence(store, FIXED, FIRST)


@given(st.lists(st.text(max_size=30), max_size=5))
def test_every_scope_that_is_taken_is_one_word(
    tmp_path_factory: pytest.TempPathFactory, scopes: list[str]
) -> None:
    presence = Presence(Store(tmp_path_factory.mktemp("store") / "d.json"), FIXED, FIRST)
    try:
        presence.replace(scopes)
    except Fault:
        return
    assert " ".join(presence.configurable).split() == list(presence.configurable)
