"""The addresses of this host, compared with what the kernel uses."""

from __future__ import annotations

import ipaddress
import socket

from onvif_server.interfaces import Interface, interfaces


def test_the_loopback_is_among_them() -> None:
    (found,) = [each for each in interfaces() if each.address == "127.0.0.1"]
    assert found.index == socket.if_nametoindex(found.name)
    assert found.network == ipaddress.IPv4Network("127.0.0.0/8")


def test_each_can_be_bound() -> None:
    for interface in interfaces():
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.bind((interface.address, 0))


def test_the_network_of_an_address() -> None:
    assert str(Interface("eth0", 2, "192.0.2.77", 26).network) == "192.0.2.64/26"
