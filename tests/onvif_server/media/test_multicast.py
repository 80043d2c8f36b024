"""Groups: the device's own, and those that clients choose."""

from __future__ import annotations

import ipaddress
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onvif_server.media.multicast import Multicast, checked_group, own_group
from onvif_server.soap import Fault

OWN = Multicast("239.192.1.2", 40000)


@given(st.uuids(), st.sampled_from(["main", "sub", "jpeg", "metadata"]))
def test_a_devices_own_groups_stay_within_the_organization(device: uuid.UUID, stream: str) -> None:
    group = own_group(device, stream)
    assert ipaddress.IPv4Address(group.address) in ipaddress.IPv4Network("239.192.0.0/14")
    assert group.port % 2 == 0
    assert checked_group(group, OWN) == group
    assert own_group(device, stream) == group


def test_devices_and_streams_have_groups_of_their_own() -> None:
    groups = {own_group(uuid.UUID(int=n), stream) for n in range(50) for stream in ("main", "sub")}
    assert len({(group.address, group.port) for group in groups}) == 100


@pytest.mark.parametrize(
    "asked", [Multicast("0.0.0.0", 0, 0), Multicast("0.0.0.0", 5004), Multicast("239.1.1.1", 0)]
)
def test_what_is_left_open_is_the_devices_choice(asked: Multicast) -> None:
    group = checked_group(asked, OWN)
    assert (group.address, group.port) == (OWN.address, OWN.port)
    assert group.ttl > 0


@pytest.mark.parametrize(
    "asked",
    [
        Multicast("192.0.2.1", 5004),
        Multicast("224.0.0.1", 5004),
        Multicast("ff02::1", 5004),
        Multicast("", 5004),
        Multicast("239.1.1.1", 5005),
        Multicast("239.1.1.1", 80),
        Multicast("239.1.1.1", 65534),
        Multicast("239.1.1.1", -2),
        Multicast("239.1.1.1", 5004, 256),
        Multicast("239.1.1.1", 5004, -1),
    ],
)
def test_what_is_no_group_is_refused(asked: Multicast) -> None:
    with pytest.raises(Fault) as caught:
        checked_group(asked, OWN)
    assert caught.value.subcodes == ("InvalidArgVal", "ConfigModify")
