"""`garim discover` on the loopback, with cameras that answer there."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from onvif_server import wsd
from onvif_server.interfaces import interfaces
from onvif_server.multicast import MulticastSocket
from tests.vcam.physical.conftest import Odd, odd_camera, profile, real
from vcam.cli import main

OURS = ("onvif://www.onvif.org/hardware/Garim%20virtual%20camera",)


@asynccontextmanager
async def answering(*targets: wsd.Target) -> AsyncIterator[None]:
    """Answers searches on the loopback for `targets`."""
    loopback = next(each for each in interfaces() if each.address == "127.0.0.1")
    joined = MulticastSocket(loopback)

    def readable() -> None:
        while (datagram := joined.receive(wsd.DATAGRAM_LIMIT)) is not None:
            question = wsd.read(datagram.data)
            if isinstance(question, wsd.Probe):
                for number, target in enumerate(targets):
                    joined.send(wsd.reply(question, target, wsd.Order(1, number)), datagram.peer, "127.0.0.1")

    asyncio.get_running_loop().add_reader(joined, readable)
    try:
        yield
    finally:
        asyncio.get_running_loop().remove_reader(joined)
        joined.close()


def target(port: int, *scopes: str) -> wsd.Target:
    endpoint = f"urn:uuid:{uuid.uuid4()}"
    return wsd.Target(endpoint, scopes, (f"http://127.0.0.1:{port}/onvif/device_service",))


async def discover(*arguments: str) -> int:
    command = ["discover", "--interface", "127.0.0.1", "--timeout", "1", *arguments]
    return await asyncio.to_thread(main, command)


@pytest.fixture
async def cameras() -> AsyncIterator[tuple[Odd, Odd]]:
    """One that can be used, one that wants credentials."""
    async with odd_camera() as usable, odd_camera() as shy:
        real(usable, profile("a", "H264", 1280, 720), rtsp=usable.port, model="Eye 4")
        real(shy, rtsp=shy.port)
        shy.replies["GetDeviceInformation"] = (401, b"")
        yield usable, shy


async def test_real_cameras_are_listed_and_ours_are_not(
    cameras: tuple[Odd, Odd], capsys: pytest.CaptureFixture[str]
) -> None:
    usable, shy = cameras
    dome = "onvif://www.onvif.org/hardware/Dome"
    async with answering(target(usable.port), target(shy.port, dome), target(usable.port, *OURS)):
        assert await discover() == 0
    rows = [row.split("\t") for row in capsys.readouterr().out.splitlines()]
    assert rows[0] == ["Address", "Vendor", "Model", "Profiles", "Streams", "Usable"]
    found = {row[0]: row[1:] for row in rows[1:]}
    assert found[f"127.0.0.1:{usable.port}"] == ["Zeiss", "Eye 4", "1", "H.264 1280x720", "yes"]
    assert found[f"127.0.0.1:{shy.port}"] == ["", "Dome", "0", "", "no: wants a user name and password"]
    assert len([row for row in rows if row[0].endswith(f":{usable.port}")]) == 1


async def test_the_blocks_are_settings(
    cameras: tuple[Odd, Odd], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    usable, _ = cameras
    password = tmp_path / "camera.password"
    password.write_text("the password\n")
    async with answering(target(usable.port)):
        assert await discover("--toml", "--user", "admin", "--password-file", str(password)) == 0
    blocks = capsys.readouterr().out
    assert "the password" not in blocks
    assert all("the password" not in body for _, body in usable.asked)
    (tmp_path / "onvif.password").write_text("for NVRs\n")
    config = tmp_path / "garim.toml"
    config.write_text(f"[recorder]\nkeep_original = false\n\n{blocks}", encoding="utf-8")
    assert main(["config", "check", str(config)]) == 0
    assert f"onvif://127.0.0.1:{usable.port}" in blocks


async def test_nobody_answers(capsys: pytest.CaptureFixture[str]) -> None:
    async with answering(target(9, *OURS)):
        assert await discover("--timeout", "0.5") == 0
    assert "ONVIF switched on" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--password-file", "x"], "--password-file needs --user"),
        (["--user", "admin", "--password-file", "/nonexistent"], "/nonexistent cannot be read"),
    ],
)
def test_wrong_usage(arguments: list[str], told: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["discover", *arguments]) == 2
    assert told in capsys.readouterr().err


def test_an_interface_that_is_not_here(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["discover", "--interface", "192.0.2.9", "--timeout", "0.5"]) == 1
    assert "192.0.2.9" in capsys.readouterr().err
