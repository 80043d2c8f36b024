from __future__ import annotations

import pytest

from onvif_server.rtsp import Mount, Multicast
from vcam.base.errors import ServeError


@pytest.mark.parametrize(
    ("address", "port", "ttl", "told"),
    [
        ("192.0.2.1", 5000, 1, "192.0.2.1"),
        ("ff02::1", 5000, 1, "ff02::1"),
        ("nowhere", 5000, 1, "nowhere"),
        ("239.1.2.3", 5001, 1, "port 5001"),
        ("239.1.2.3", 80, 1, "port 80"),
        ("239.1.2.3", 65_536, 1, "port 65536"),
        ("239.1.2.3", 5000, 0, "TTL"),
        ("239.1.2.3", 5000, 256, "TTL"),
    ],
)
def test_places_that_cannot_be_are_named(address: str, port: int, ttl: int, told: str) -> None:
    with pytest.raises(ServeError, match=told):
        Multicast(address, port, ttl)


@pytest.mark.parametrize(("port", "beside"), [(5000, 5002), (65_534, 65_532)])
def test_metadata_goes_beside_the_video(port: int, beside: int) -> None:
    mount = Mount(multicast=Multicast("239.1.2.3", port, 7))
    assert mount.metadata is not None
    assert mount.metadata.multicast == Multicast("239.1.2.3", beside, 7)
    mount.change("mjpeg")
    assert mount.multicast == Multicast("239.1.2.3", port, 7)
    mount.multicast = None
    assert mount.metadata.multicast is None
