"""Discovery over real multicast between network namespaces, asked by searchers that others wrote."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from onvif_server import Discovery
from onvif_server.discovery import Memory, facing
from onvif_server.identity import camera_identity
from onvif_server.interfaces import Interface
from vcam.base.clock import ManualClock
from vcam.base.errors import ServeError

HERE = Path(__file__).parent
ETH = Interface("eth0", 2, "10.0.0.1", 24)
ALIAS = Interface("eth0", 2, "10.0.1.1", 24)
OTHER = Interface("eth1", 3, "10.0.2.1", 24)
FRONT = camera_identity(uuid.UUID(int=7), "front")


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True)


@dataclass
class Net:
    """A host with two interfaces, and a client behind each: 10.91.0.2 and 10.91.1.2. Clients are numbered."""

    host: str
    clients: tuple[str, str]

    def start(self, name: str, *command: str) -> subprocess.Popen[str]:
        """A process in a namespace, once it has said that it is ready."""
        process = subprocess.Popen(
            ["ip", "netns", "exec", name, sys.executable, *command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        return process


@pytest.fixture(scope="module")
def net() -> Iterator[Net]:
    """Network namespaces joined by pairs of virtual Ethernet interfaces."""
    if os.geteuid() != 0 or shutil.which("ip") is None:
        pytest.skip("making network namespaces needs root and the command ip")
    made = Net(f"gh{os.getpid()}", (f"ga{os.getpid()}", f"gb{os.getpid()}"))
    names = (made.host, *made.clients)
    try:
        for name in names:
            try:
                _ip("netns", "add", name)
            except subprocess.CalledProcessError:
                pytest.skip("network namespaces cannot be made here")
            _ip("-n", name, "link", "set", "lo", "up")
        for number, client in enumerate(made.clients):
            inner, outer = f"in{number}", f"out{number}"
            _ip("-n", made.host, "link", "add", outer, "type", "veth", "peer", "name", inner, "netns", client)
            for name, link, last in ((made.host, outer, 1), (client, inner, 2)):
                _ip("-n", name, "addr", "add", f"10.91.{number}.{last}/24", "dev", link)
                _ip("-n", name, "link", "set", link, "up")
            _ip("-n", client, "route", "add", "224.0.0.0/4", "dev", inner)
        _ip("-n", made.host, "addr", "add", "10.91.0.9/24", "dev", "out0")
        yield made
    finally:
        for name in names:
            subprocess.run(["ip", "netns", "del", name], check=False, capture_output=True)


@pytest.fixture
def cameras(net: Net) -> Iterator[Net]:
    """Two cameras told apart by their ports, and one with an address of its own."""
    script = str(HERE / "announce.py")
    process = net.start(net.host, script, "front=0.0.0.0:8081", "back=0.0.0.0:8082", "side=10.91.0.9:8083")
    yield net
    process.communicate()
    assert process.returncode == 0


@pytest.mark.parametrize("name", ["npm-onvif", "zoneminder", "wsdiscovery"])
@pytest.mark.parametrize("number", [0, 1])
def test_searchers_find_every_camera_where_they_can_reach_it(
    cameras: Net, client_named: Callable[[str], Any], name: str, number: int
) -> None:
    client = client_named(name)
    where = cameras.clients[number]
    wanted = {f"http://10.91.{number}.1:{port}/onvif/device_service" for port in (8081, 8082)}
    if number == 0:
        wanted.add("http://10.91.0.9:8083/onvif/device_service")
    found: set[str] = set()
    for _ in range(3):  # a datagram may be lost, and a probe listens for a moment only: people search again
        done = client.start(["ip", "netns", "exec", where, *client.find, f"in{number}"])
        found |= set(re.findall(r"http://[\d.]+:\d+/onvif/device_service", done.stdout))
        if found >= wanted:
            break
    assert found == wanted, done.stderr
    if name == "wsdiscovery":
        assert FRONT.endpoint in done.stdout
        assert "onvif://www.onvif.org/name/front" in done.stdout


def test_cameras_say_hello_and_bye_from_their_own_address(net: Net) -> None:
    listener = net.start(net.clients[0], str(HERE / "listen.py"), "10.91.0.2")
    camera = net.start(net.host, str(HERE / "announce.py"), "front=0.0.0.0:8081", "side=10.91.0.9:8083")
    assert listener.stdout is not None
    wanted = {
        f"{address} {kind} http://{address}:{port}/onvif/device_service"
        for address, port in (("10.91.0.1", 8081), ("10.91.0.9", 8083))
        for kind in ("Hello", "Bye")
    }
    seen: set[str] = set()
    while not {line for line in wanted if "Hello" in line} <= seen:
        seen.add(listener.stdout.readline().strip())
    camera.communicate()
    while not wanted <= seen:
        seen.add(listener.stdout.readline().strip())
    listener.kill()
    listener.communicate()
    assert seen == wanted


def test_a_camera_that_is_not_discoverable_is_silent(net: Net, client_named: Callable[[str], Any]) -> None:
    listener = net.start(net.clients[0], str(HERE / "listen.py"), "10.91.0.2")
    camera = net.start(net.host, str(HERE / "announce.py"), "front=0.0.0.0:8081")
    lines = listener.stdout
    assert lines is not None
    assert camera.stdin is not None
    xaddr = "http://10.91.0.1:8081/onvif/device_service"

    def wait_for(kind: str) -> None:
        while lines.readline().strip() != f"10.91.0.1 {kind} {xaddr}":
            pass

    def search() -> str:
        client = client_named("wsdiscovery")
        found: str = client.start(["ip", "netns", "exec", net.clients[0], *client.find, "in0"]).stdout
        return found

    wait_for("Hello")
    for mode, kind, found in (("NonDiscoverable", "Bye", False), ("Discoverable", "Hello", True)):
        camera.stdin.write(f"{mode}\n")
        camera.stdin.flush()
        wait_for(kind)
        assert (xaddr in search()) is found
    camera.communicate()
    listener.kill()
    listener.communicate()


def test_the_address_that_faces_the_client_is_told() -> None:
    present = [ETH, ALIAS, OTHER]
    assert facing("10.0.0.5", 2, present) == ETH
    assert facing("10.0.1.5", 2, present) == ALIAS
    assert facing("192.0.2.5", 2, present) == ETH
    assert facing("10.0.0.5", 3, present) == OTHER
    assert facing("10.0.0.5", 9, present) is None


def test_each_device_answers_a_message_once() -> None:
    memory = Memory(ManualClock())
    assert memory.first("10.0.0.5", "urn:uuid:1", "a")
    assert not memory.first("10.0.0.5", "urn:uuid:1", "a")
    assert memory.first("10.0.0.5", "urn:uuid:1", "b")
    assert memory.first("10.0.0.6", "urn:uuid:1", "a")
    assert memory.first("10.0.0.5", "urn:uuid:2", "a")


def test_a_program_that_searches_with_one_message_id_for_ever_is_answered_each_time() -> None:
    clock = ManualClock()
    memory = Memory(clock)
    for _ in range(3):
        assert memory.first("10.0.0.5", "urn:uuid:1", "a")
        clock.advance(1.2)
        assert not memory.first("10.0.0.5", "urn:uuid:1", "a")
        clock.advance(5)


def test_floods_are_not_answered() -> None:
    clock = ManualClock()
    memory = Memory(clock)
    assert sum(memory.admit("10.0.0.5") for _ in range(1000)) < 100
    assert memory.admit("10.0.0.6")
    clock.advance(6)
    assert memory.admit("10.0.0.5")


async def test_an_interface_that_is_not_here_is_named() -> None:
    with pytest.raises(ServeError, match=r"192\.0\.2\.77"):
        await Discovery([], "192.0.2.77").start()
