"""The steps to interfaces of cameras, judged without a network; namespaces judge them in `test_own_address`."""

from __future__ import annotations

import uuid
from ipaddress import IPv4Interface

import pytest

from vcam.base.errors import ServeError
from vcam.base.ids import camera_mac
from vcam.network.host import Host, Link, Route, Rule
from vcam.network.macvlan import Step, Wish, plan, removal

FRONT = Wish("front", uuid.UUID(int=1), "192.0.2.21")
ETH0 = Link("eth0", "02:00:00:00:00:01", addresses=(IPv4Interface("192.0.2.5/24"),))
ETH1 = Link("eth1", "02:00:00:00:00:02", addresses=(IPv4Interface("198.51.100.5/24"),))
LO = Link("lo", addresses=(IPv4Interface("127.0.0.1/8"),))
GATEWAY = Route("default", "eth0", "192.0.2.1", "main")


def host(*links: Link, rules: tuple[Rule, ...] = (), routes: tuple[Route, ...] = (GATEWAY,)) -> Host:
    return Host({link.name: link for link in (LO, ETH0, ETH1, *links)}, frozenset(rules), frozenset(routes))


def lines(found: list[Step]) -> list[str]:
    return [" ".join(step.command) for step in found]


def test_an_interface_hangs_on_the_one_in_the_network_of_its_address() -> None:
    found = lines(plan([FRONT], host()))
    mac = camera_mac(FRONT.identity)
    assert f"ip link add link eth0 name {FRONT.link} address {mac} type macvlan mode bridge" in found
    assert f"ip address add 192.0.2.21/24 broadcast + dev {FRONT.link} noprefixroute" in found
    assert [line for line in found if "default via 192.0.2.1" in line]
    assert len(FRONT.link) <= 15


def test_the_parent_can_be_named() -> None:
    wish = Wish("front", uuid.UUID(int=1), "198.51.100.21")
    assert f"ip link add link eth1 name {wish.link}" in lines(plan([wish], host(), "eth1"))[2]
    with pytest.raises(ServeError, match=r"198\.51\.100\.21 is in no network of eth0"):
        plan([wish], host(), "eth0")
    with pytest.raises(ServeError, match="no interface eth7"):
        plan([wish], host(), "eth7")


@pytest.mark.parametrize(
    ("address", "text"),
    [("192.0.2.5", "is an address of eth0 already"), ("203.0.113.9", "is in no network of this host")],
)
def test_addresses_that_cannot_be_are_named_with_the_camera(address: str, text: str) -> None:
    with pytest.raises(ServeError, match=f"Camera front: {address} {text}"):
        plan([Wish("front", uuid.UUID(int=1), address)], host())


def test_an_interface_of_another_mac_or_parent_is_made_anew() -> None:
    for link in (
        Link(FRONT.link, "02:00:00:00:00:99", "eth0", "Garim camera front"),
        Link(FRONT.link, camera_mac(FRONT.identity), "eth1", "Garim camera front"),
    ):
        steps = plan([FRONT], host(link))
        assert ("ip", "link", "delete", "dev", FRONT.link) in [step.command for step in steps]
        assert not any(step.done for step in steps if "add" in step.command)


def test_foreign_interfaces_and_rules_are_left_alone() -> None:
    foreign = Link("garim0", "02:00:00:00:00:98", "eth0", alias="something else")
    other = Rule("192.0.2.77", 100)
    ours = Rule("192.0.2.21", FRONT.table)
    (step,) = removal(host(foreign, rules=(other, ours)))
    assert step.command == ("ip", "rule", "delete", "from", "192.0.2.21", "table", str(FRONT.table))
