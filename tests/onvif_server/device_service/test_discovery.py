"""Scopes and discovery mode as clients set them."""

from __future__ import annotations

from typing import Any

LOCATION = "onvif://www.onvif.org/location/"


async def test_what_it_says_of_itself(device: Any, running: Any) -> None:
    scopes = await device("GetScopes")
    assert tuple(scope.ScopeItem for scope in scopes) == running.device.scopes
    kinds = {scope.ScopeItem: scope.ScopeDef for scope in scopes}
    assert kinds["onvif://www.onvif.org/type/video_encoder"] == "Fixed"
    assert kinds["onvif://www.onvif.org/name/Front%20door"] == "Configurable"
    assert await device("GetEndpointReference") is not None
    assert running.device.identity.endpoint == (await device("GetEndpointReference")).GUID


async def test_scopes_are_set_added_and_removed(device: Any, running: Any) -> None:
    await device("SetScopes", Scopes=[f"{LOCATION}yard"])
    assert running.device.presence.configurable == (f"{LOCATION}yard",)
    await device("AddScopes", ScopeItem=[f"{LOCATION}yard", f"{LOCATION}roof"])
    assert running.device.presence.configurable == (f"{LOCATION}yard", f"{LOCATION}roof")
    assert await device("RemoveScopes", ScopeItem=[f"{LOCATION}yard"]) == [f"{LOCATION}yard"]
    assert running.device.scopes[-1] == f"{LOCATION}roof"


async def test_fixed_scopes_stay(refused: Any, running: Any) -> None:
    fixed = "onvif://www.onvif.org/type/video_encoder"
    before = running.device.scopes
    assert await refused("SetScopes", Scopes=[fixed]) == "OperationProhibited/ScopeOverwrite"
    assert await refused("RemoveScopes", ScopeItem=[fixed]) == "OperationProhibited/FixedScope"
    assert await refused("RemoveScopes", ScopeItem=[f"{LOCATION}moon"]) == "InvalidArgVal/NoScope"
    assert await refused("AddScopes", ScopeItem=["no scope"]) == "InvalidArgVal"
    many = [f"{LOCATION}{number}" for number in range(99)]
    assert await refused("SetScopes", Scopes=many) == "Action/TooManyScopes"
    assert running.device.scopes == before


async def test_the_discovery_mode_is_kept(device: Any, running: Any, refused: Any) -> None:
    assert await device("GetDiscoveryMode") == "Discoverable"
    await device("SetDiscoveryMode", DiscoveryMode="NonDiscoverable")
    assert await device("GetDiscoveryMode") == "NonDiscoverable"
    assert running.device.presence.discoverable is False
    assert await refused("SetDiscoveryMode", DiscoveryMode="Sometimes") == "InvalidArgVal"
