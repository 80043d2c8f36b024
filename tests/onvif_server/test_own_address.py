"""Two cameras on one host, each with an IP and a MAC of its own, seen from another host by clients of others.

Host and client are network namespaces; the addresses are set up by `garim network plan --apply`.
"""

from __future__ import annotations

import json
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

from vcam.base.ids import camera_mac, camera_uuid

SITE = uuid.UUID(int=7)
"""The installation that `announce.py` takes."""
CAMERAS = {"front": "10.92.0.21", "back": "10.92.0.22"}
MACS = {address: camera_mac(camera_uuid(SITE, name)) for name, address in CAMERAS.items()}
CONFIG = """\
[recorder]
keep_original = false
[[camera]]
name = "front"
address = "10.92.0.21"
source = { url = "rtsp://192.0.2.10/" }
[[camera]]
name = "back"
address = "10.92.0.22"
source = { url = "rtsp://192.0.2.11/" }
[[camera]]
name = "side"
onvif_port = 8081
source = { url = "rtsp://192.0.2.12/" }
"""


@dataclass
class Net:
    """A host 10.92.0.1 and a client 10.92.0.2, and the settings of the host's cameras."""

    host: str
    client: str
    config: Path

    def run(self, where: str, *command: str) -> str:
        done = subprocess.run(
            ["ip", "netns", "exec", where, *command], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def garim(self, *words: str) -> list[str]:
        return self.run(self.host, sys.executable, "-m", "vcam.cli", "network", *words).splitlines()

    def links(self) -> set[str]:
        return {each["ifname"] for each in json.loads(self.run(self.host, "ip", "-json", "link", "show"))}


@pytest.fixture(scope="module")
def net(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Net]:
    if os.geteuid() != 0 or shutil.which("ip") is None:
        pytest.skip("making network namespaces needs root and the command ip")
    folder = tmp_path_factory.mktemp("site")
    (folder / "state").mkdir()
    (folder / "state" / "installation").write_text(f"{SITE}\n", encoding="ascii")
    (folder / "garim.toml").write_text(CONFIG, encoding="utf-8")
    made = Net(f"oh{os.getpid()}", f"oc{os.getpid()}", folder / "garim.toml")

    def ip(*words: str) -> None:
        subprocess.run(["ip", *words], check=True, capture_output=True)

    try:
        for name in (made.host, made.client):
            try:
                ip("netns", "add", name)
            except subprocess.CalledProcessError:
                pytest.skip("network namespaces cannot be made here")
            ip("-n", name, "link", "set", "lo", "up")
        ip("-n", made.host, "link", "add", "eth0", "type", "veth", "peer", "name", "eth0", "netns", made.client)
        for last, name in ((1, made.host), (2, made.client)):
            ip("-n", name, "address", "add", f"10.92.0.{last}/24", "dev", "eth0")
            ip("-n", name, "link", "set", "eth0", "up")
        ip("-n", made.client, "route", "add", "224.0.0.0/4", "dev", "eth0")
        # The strictest that a host may be set to.
        made.run(made.host, "sh", "-c", "echo 1 > /proc/sys/net/ipv4/conf/all/rp_filter")
        yield made
    finally:
        for name in (made.host, made.client):
            subprocess.run(["ip", "netns", "del", name], check=False, capture_output=True)


@pytest.fixture(scope="module")
def addresses(net: Net) -> list[str]:
    """The cameras' addresses are set up; what the command has printed."""
    before = net.links()
    planned = net.garim("plan", "--config", str(net.config))
    assert net.links() == before, "a plan is no deed"
    done = net.garim("plan", "--apply", "--config", str(net.config))
    assert done == planned
    return done


@pytest.fixture(scope="module")
def cameras(net: Net, addresses: list[str]) -> Iterator[None]:
    """Cameras that serve at those addresses and one that has a port of the host."""
    script = Path(__file__).parent / "announce.py"
    places = [*(f"{name}={address}:80" for name, address in CAMERAS.items()), "side=0.0.0.0:8081"]
    command = ["ip", "netns", "exec", net.host, sys.executable, str(script), *places]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        yield
        process.communicate()


def test_doing_it_again_does_nothing(net: Net, addresses: list[str]) -> None:
    again = net.garim("plan", "--apply", "--config", str(net.config))
    assert all(line.startswith("# ") for line in again)
    assert again[-1] == "# There is nothing to do."
    assert [line.removeprefix("# ") for line in again[:-1]] == addresses


@pytest.mark.usefixtures("cameras")
@pytest.mark.parametrize("name", ["zoneminder", "wsdiscovery", "npm-onvif"])
def test_searchers_find_each_camera_at_its_own_address(
    net: Net, client_named: Callable[[str], Any], name: str
) -> None:
    client = client_named(name)
    wanted = {f"http://{address}:80/onvif/device_service" for address in CAMERAS.values()}
    wanted.add("http://10.92.0.1:8081/onvif/device_service")
    found: set[str] = set()
    for _ in range(3):  # a datagram may be lost, and a probe listens for a moment only: people search again
        done = client.start(["ip", "netns", "exec", net.client, *client.find, "eth0"])
        found |= set(re.findall(r"http://[\d.]+(?::\d+)?/onvif/device_service", done.stdout))
        if found >= wanted:
            break
    assert found == wanted, done.stderr


@pytest.mark.usefixtures("cameras")
@pytest.mark.parametrize("name", ["onvif-zeep", "onvif-zeep-async"])
@pytest.mark.parametrize("address", CAMERAS.values())
def test_clients_add_each_camera_where_it_is(
    net: Net, client_named: Callable[[str], Any], name: str, address: str
) -> None:
    client = client_named(name)
    done = client.start(
        ["ip", "netns", "exec", net.client, *client.command, address, "80", "operator"], ONVIF_PASSWORD="secret"
    )
    told = json.loads(done.stdout.splitlines()[-1])
    assert told["ok"] is True, done.stderr
    assert told["stream"].startswith(f"rtsp://{address}:")
    assert told["snapshot"].startswith(f"http://{address}:80/")
    # The MAC that the network sees is the one that ONVIF tells.
    neighbours = json.loads(net.run(net.client, "ip", "-json", "neighbour", "show"))
    assert {each["lladdr"] for each in neighbours if each["dst"] == address} == {MACS[address]}
    assert told.get("mac", MACS[address]) == MACS[address]


@pytest.mark.usefixtures("addresses")
def test_replies_leave_by_the_cameras_own_interface(net: Net) -> None:
    for address, mac in MACS.items():
        route = json.loads(net.run(net.host, "ip", "-json", "route", "get", "10.92.0.2", "from", address))[0]
        link = json.loads(net.run(net.host, "ip", "-json", "link", "show", "dev", route["dev"]))[0]
        assert link["address"] == mac
    (own,) = json.loads(net.run(net.host, "ip", "-json", "route", "get", "10.92.0.2"))
    assert own["dev"] == "eth0"


def test_they_can_be_taken_away_and_moved(net: Net, addresses: list[str]) -> None:
    moved = net.config.with_name("moved.toml")
    moved.write_text(CONFIG.replace("10.92.0.22", "10.92.0.23"), encoding="utf-8")
    net.garim("plan", "--apply", "--config", str(moved))
    told = net.run(net.host, "ip", "-4", "address", "show")
    assert "10.92.0.23/24" in told
    assert "10.92.0.22" not in told
    assert "10.92.0.22" not in net.run(net.host, "ip", "rule", "show")
    net.garim("remove")
    assert net.links() == {"lo", "eth0"}
    assert "10.92.0.2" not in net.run(net.host, "ip", "rule", "show")
    assert net.garim("remove") == ["# There is nothing to do."]
    assert net.garim("plan", "--apply", "--config", str(net.config)) == addresses_without_parent(addresses)


def addresses_without_parent(lines: list[str]) -> list[str]:
    """The parent's parameters stay as they were set."""
    return [f"# {line}" if "conf/eth0/" in line else line for line in lines]
