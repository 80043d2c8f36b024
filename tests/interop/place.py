"""Where a site and its clients run: two network namespaces joined by a cable, as if they were two hosts."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """Words to put before a command so that it runs on the site's or the client's host, and the site's address.

    `apart` says whether these are two hosts: then the site has ports 80 and 554, and its multicasts can be heard.
    """

    site: tuple[str, ...] = ()
    client: tuple[str, ...] = ()
    address: str = "127.0.0.1"
    interface: str = "lo"
    apart: bool = False


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True)


@contextlib.contextmanager
def place() -> Iterator[Place]:
    """Two hosts where this process may make them, else the loopback."""
    names = (f"is{os.getpid()}", f"ic{os.getpid()}")
    if os.geteuid() != 0 or shutil.which("ip") is None:
        yield Place()
        return
    try:
        try:
            _lay(*names)
        except subprocess.CalledProcessError:
            yield Place()
            return
        site, client = (("ip", "netns", "exec", name) for name in names)
        yield Place(site, client, "10.93.0.1", "eth0", apart=True)
    finally:
        for name in names:
            subprocess.run(["ip", "netns", "del", name], check=False, capture_output=True)


def _lay(site: str, client: str) -> None:
    for name in (site, client):
        _ip("netns", "add", name)
        _ip("-n", name, "link", "set", "lo", "up")
    _ip("-n", site, "link", "add", "eth0", "type", "veth", "peer", "name", "eth0", "netns", client)
    for last, name in enumerate((site, client), 1):
        _ip("-n", name, "address", "add", f"10.93.0.{last}/24", "dev", "eth0")
        _ip("-n", name, "link", "set", "eth0", "up")
    _ip("-n", client, "route", "add", "224.0.0.0/4", "dev", "eth0")
