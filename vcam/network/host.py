"""The host's network as the command `ip` tells it, and commands that change it."""

from __future__ import annotations

import ipaddress
import json
import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from vcam.base.errors import ServeError

SYSCTL = "sysctl"
"""First word of commands that set a parameter of the kernel; they are done by writing its file."""

_PARAMETERS = Path("/proc/sys")


@dataclass(frozen=True, slots=True)
class Link:
    """One interface. `parent` is what a macvlan in bridge mode hangs on, None for all other kinds."""

    name: str
    mac: str = ""
    parent: str | None = None
    alias: str = ""
    up: bool = True
    addresses: tuple[ipaddress.IPv4Interface, ...] = ()


@dataclass(frozen=True, slots=True)
class Rule:
    """Packets from `source` are routed by `table`."""

    source: str
    table: int


@dataclass(frozen=True, slots=True)
class Route:
    """The way to `target`, a network or "default"."""

    target: str
    link: str
    gateway: str | None
    table: int | str


@dataclass(frozen=True, slots=True)
class Host:
    """All of it at one time. `parameters` holds those of the kernel that were asked for and are there."""

    links: Mapping[str, Link] = field(default_factory=dict)
    rules: frozenset[Rule] = frozenset()
    routes: frozenset[Route] = frozenset()
    parameters: Mapping[str, str] = field(default_factory=dict)


def _ip(*words: str) -> list[dict[str, Any]]:
    """What `ip -json` says. Raises ServeError."""
    said = run(("ip", "-json", *words))
    found: list[dict[str, Any]] = json.loads(said or "[]")
    return found


def run(command: Sequence[str]) -> str:
    """Run one command; its output. Raises ServeError, naming it and what it said."""
    try:
        if command[0] == SYSCTL:
            name, _, value = command[-1].partition("=")
            (_PARAMETERS / name).write_text(value, encoding="ascii")
            return ""
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        what = "There is no command ip" if command[0] == "ip" else f"{command[-1]}: there is no such parameter"
        raise ServeError(what, mend="Install iproute2, and give the parent interface by --parent") from None
    except OSError as error:
        raise ServeError(f"'{' '.join(command)}' failed ({error.strerror})", mend="Run it as root") from None
    if done.returncode:
        said = done.stderr.strip().partition("\n")[0]
        raise ServeError(
            f"'{' '.join(command)}' failed ({said})", mend="See 'garim network plan' for all steps"
        )
    return done.stdout


def need_root() -> None:
    """Raise ServeError for those who may not change the network."""
    if os.geteuid() != 0:
        raise ServeError(
            "Changing the host's network needs root",
            mend="Run it with sudo; or let somebody who may run the commands that 'garim network plan' prints",
        )


def _link(told: Mapping[str, Any], addresses: Mapping[str, tuple[ipaddress.IPv4Interface, ...]]) -> Link:
    name, info = str(told["ifname"]), told.get("linkinfo", {})
    bridged = info.get("info_kind") == "macvlan" and info.get("info_data", {}).get("mode") == "bridge"
    return Link(
        name,
        str(told.get("address", "")),
        str(told["link"]) if bridged and "link" in told else None,
        str(told.get("ifalias", "")),
        "UP" in told.get("flags", ()),
        addresses.get(name, ()),
    )


def look() -> Host:
    """The network as it is now. Raises ServeError."""
    addresses = {
        str(each["ifname"]): tuple(
            ipaddress.IPv4Interface(f"{one['local']}/{one['prefixlen']}")
            for one in each.get("addr_info", ())
            if one.get("family") == "inet"
        )
        for each in _ip("address", "show")
    }
    links = [_link(each, addresses) for each in _ip("-details", "link", "show") if each.get("ifname")]
    rules = (Rule(str(each["src"]), _table(each)) for each in _ip("rule", "show") if _table(each) >= 0)
    routes = (
        Route(str(each["dst"]), str(each.get("dev", "")), each.get("gateway"), each.get("table", "main"))
        for each in _ip("-4", "route", "show", "table", "all")
    )
    return Host({each.name: each for each in links}, frozenset(rules), frozenset(routes), _parameters(links))


def _table(rule: Mapping[str, Any]) -> int:
    """The number of a rule's table, -1 for one that has a name."""
    text = str(rule.get("table", ""))
    return int(text) if text.isdigit() else -1


def _parameters(links: Sequence[Link]) -> dict[str, str]:
    found: dict[str, str] = {}
    for link in links:
        for folder in ("ipv4", "ipv6"):
            for key in ("arp_ignore", "arp_announce", "arp_notify", "rp_filter", "disable_ipv6"):
                path = f"net/{folder}/conf/{link.name}/{key}"
                if (_PARAMETERS / path).is_file():
                    found[path] = (_PARAMETERS / path).read_text(encoding="ascii").strip()
    return found
