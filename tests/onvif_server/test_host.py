"""What the host says of its network."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from onvif_server.host import Dns, dns, gateways


def test_resolv_conf(tmp_path: Path) -> None:
    path = tmp_path / "resolv.conf"
    path.write_text(
        "# made by hand\n; so\ndomain old.example\nsearch a.example b.example # two\n"
        "nameserver 192.0.2.53\nnameserver fe80::1%eth0\nnameserver nonsense\nnameserver\noptions ndots:2\n"
    )
    assert dns(path) == Dns(("a.example", "b.example"), ("192.0.2.53", "fe80::1"))
    assert dns(tmp_path / "absent") == Dns()


@pytest.mark.skipif(sys.byteorder != "little", reason="the table is written for little-endian machines")
def test_default_routes(tmp_path: Path) -> None:
    path = tmp_path / "route"
    path.write_text(
        "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n"
        "eth0\t00000000\t0100000A\t0003\t0\t0\t100\t00000000\t0\t0\t0\n"
        "eth1\t00000000\t0100000A\t0003\t0\t0\t200\t00000000\t0\t0\t0\n"
        "tun0\t00000000\t00000000\t0001\t0\t0\t0\t00000000\t0\t0\t0\n"
        "eth0\t0000000A\t00000000\t0001\t0\t0\t100\t00FFFFFF\t0\t0\t0\n"
    )
    assert gateways(path) == ("10.0.0.1",)
    assert gateways(tmp_path / "absent") == ()


def test_this_host_can_be_read() -> None:
    assert isinstance(dns(), Dns)
    assert all(gateway.count(".") == 3 for gateway in gateways())
