"""The steps by which each camera with an address of its own gets an interface of its own: a macvlan with its own MAC.

Several addresses of one network on one host need care on Linux. By default every interface answers ARP requests for
every address of the host, and packets leave by the first interface that reaches the network: an NVR that tells
cameras apart by their MAC would see them all behind one. So each interface answers for its own address only
(arp_ignore), and packets from a camera's address are routed by a table of its own, out through its own interface.
Searches come by multicast from hosts which the main table reaches by the parent: with rp_filter 1 the kernel would
drop them.
"""

from __future__ import annotations

import ipaddress
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from vcam.base.errors import ServeError
from vcam.base.ids import camera_mac
from vcam.network.host import SYSCTL, Host, Link, Route, Rule

PREFIX = "garim"
"""How names of our interfaces begin; the kernel allows 15 letters."""
ALIAS = "Garim camera "
"""How their aliases begin, the camera's name follows."""

_TABLES = 0x67000000
_PRIORITY = "6700"
_PARENT = (("arp_ignore", "1"), ("arp_announce", "2"))
_OWN = (("arp_ignore", "1"), ("arp_announce", "2"), ("arp_notify", "1"), ("rp_filter", "2"))


@dataclass(frozen=True, slots=True)
class Wish:
    """One camera and the address that it shall have."""

    name: str
    identity: uuid.UUID
    address: str

    @property
    def link(self) -> str:
        """Name of its interface."""
        return f"{PREFIX}{self.identity.hex[:8]}"

    @property
    def table(self) -> int:
        """Its routing table; no two addresses of one /8 share one."""
        return _TABLES | int(ipaddress.IPv4Address(self.address)) & 0xFFFFFF


@dataclass(frozen=True, slots=True)
class Step:
    """One command. `done` says that what it would bring about is so already."""

    command: tuple[str, ...]
    done: bool = False


def plan(wishes: Sequence[Wish], host: Host, parent: str | None = None) -> list[Step]:
    """All steps in their order, those that are done already among them.

    `parent` is the interface to hang all cameras on; by default each hangs on the one whose network holds its
    address. Raises ServeError when there is none.
    """
    wanted = {wish.link for wish in wishes}
    steps = [*_unruled(host, {wish.address for wish in wishes})]
    steps += [_without(link) for link in _ours(host) if link.name not in wanted]
    placed = [(wish, *_parent(wish, host, parent)) for wish in wishes]
    for name in dict.fromkeys(link.name for _, link, _ in placed):
        steps += [_parameter(host, name, key, value) for key, value in _PARENT]
    for wish, link, network in placed:
        steps += _camera(wish, link, network, host)
    return steps


def removal(host: Host) -> list[Step]:
    """The steps that undo `plan`. The parents' ARP parameters stay: nobody knows what they were."""
    return [*_unruled(host, set()), *(_without(link) for link in _ours(host))]


def _ours(host: Host) -> list[Link]:
    return [
        link for link in host.links.values() if link.name.startswith(PREFIX) and link.alias.startswith(ALIAS)
    ]


def _without(link: Link) -> Step:
    return Step(("ip", "link", "delete", "dev", link.name))


def _unruled(host: Host, addresses: set[str]) -> Iterator[Step]:
    """Steps that end our rules for all other addresses than these; routes go with the address or the interface."""
    for rule in sorted(host.rules, key=lambda each: each.source):
        if rule.table >> 24 == _TABLES >> 24 and rule.source not in addresses:
            yield Step(("ip", "rule", "delete", "from", rule.source, "table", str(rule.table)))


def _parent(wish: Wish, host: Host, name: str | None) -> tuple[Link, ipaddress.IPv4Network]:
    address = ipaddress.IPv4Address(wish.address)
    others = [link for link in host.links.values() if link not in _ours(host)]
    holder = next((link.name for link in others if address in {each.ip for each in link.addresses}), None)
    if holder is not None:
        raise ServeError(
            f"Camera {wish.name}: {address} is an address of {holder} already",
            mend="Give the camera an address that nothing on the network has",
        )
    if name is not None and name not in host.links:
        raise ServeError(
            f"There is no interface {name}", mend="Give one of those that 'ip link' shows by --parent"
        )
    for link in others:
        if link.name in {name or link.name} and link.name != "lo":
            for each in link.addresses:
                if address in each.network and each.network.num_addresses > 1:
                    return link, each.network
    raise ServeError(
        f"Camera {wish.name}: {address} is in no network of {name or 'this host'}",
        mend="Give the camera an address in the network of the interface that it shall hang on",
    )


def _parameter(host: Host, link: str, key: str, value: str, folder: str = "ipv4") -> Step:
    path = f"net/{folder}/conf/{link}/{key}"
    return Step((SYSCTL, "-w", f"{path}={value}"), host.parameters.get(path) == value)


def _camera(wish: Wish, parent: Link, network: ipaddress.IPv4Network, host: Host) -> Iterator[Step]:
    mac, name = camera_mac(wish.identity), wish.link
    link = host.links.get(name)
    if link is not None and (link.parent, link.mac) != (parent.name, mac):
        yield _without(link)
        link = None
    at_hand = host if link is not None else Host()
    add = (
        "ip",
        "link",
        "add",
        "link",
        parent.name,
        "name",
        name,
        "address",
        mac,
        "type",
        "macvlan",
        "mode",
        "bridge",
    )
    yield Step(add, link is not None)
    alias = f"{ALIAS}{wish.name}"
    yield Step(("ip", "link", "set", "dev", name, "alias", alias), link is not None and link.alias == alias)
    for key, value in _OWN:
        yield _parameter(at_hand, name, key, value)
    if f"net/ipv6/conf/{parent.name}/disable_ipv6" in host.parameters:
        yield _parameter(at_hand, name, "disable_ipv6", "1", "ipv6")
    mine = ipaddress.IPv4Interface(f"{wish.address}/{network.prefixlen}")
    for other in link.addresses if link is not None else ():
        if other != mine:
            yield Step(("ip", "address", "delete", str(other), "dev", name))
    # Without a route of its own in the main table: the host's own packets go on leaving by the parent.
    put = ("ip", "address", "add", str(mine), "broadcast", "+", "dev", name, "noprefixroute")
    yield Step(put, link is not None and mine in link.addresses)
    yield Step(("ip", "link", "set", "dev", name, "up"), link is not None and link.up)
    yield from _routes(wish, parent, network, at_hand, host)


def _routes(
    wish: Wish, parent: Link, network: ipaddress.IPv4Network, at_hand: Host, host: Host
) -> Iterator[Step]:
    name, table = wish.link, str(wish.table)
    way = ("dev", name, "src", wish.address, "table", table)
    done = Route(str(network), name, None, table) in at_hand.routes
    yield Step(("ip", "route", "replace", str(network), *way), done)
    gateways = {
        each.gateway
        for each in host.routes
        if each.target == "default" and each.link == parent.name and each.table == "main" and each.gateway
    }
    for gateway in sorted(gateways):
        done = Route("default", name, gateway, table) in at_hand.routes
        yield Step(("ip", "route", "replace", "default", "via", gateway, *way), done)
    rule = ("ip", "rule", "add", "from", wish.address, "table", table, "priority", _PRIORITY)
    yield Step(rule, Rule(wish.address, wish.table) in host.rules)
