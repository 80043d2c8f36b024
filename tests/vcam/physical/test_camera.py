"""A physical camera that comes and goes, asked by the same protocol that we answer by."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
import structlog

from onvif_server.physical import Declined, NothingPhysical, Unavailable
from onvif_server.wsdl import types
from tests.clients import clients
from tests.support.physical import SPACES, StandInIo, StandInPtz
from tests.support.portrait import write
from vcam.base.clock import SystemClock
from vcam.base.errors import SourceError
from vcam.base.settings import SourceSettings
from vcam.physical.camera import PhysicalCamera, physical_camera

from .conftest import PASSWORD, Odd, Served


async def test_everything_goes_there_and_back(served: Served) -> None:
    far = served.physical
    camera = served.camera()
    assert (camera.ptz, camera.imaging, camera.io) == (None, None, None)
    await camera.ask()
    try:
        ptz, imaging, io = camera.ptz, camera.imaging, camera.io
        assert ptz is not None
        assert imaging is not None
        assert io is not None
        assert far.ptz is not None
        assert far.imaging is not None
        assert far.io is not None
        assert ptz.node == far.ptz.node
        assert ptz.options == far.ptz.options
        assert ptz.configuration["DefaultPTZTimeout"] == timedelta(seconds=10)
        vector = {"PanTilt": {"x": 0.5, "y": -0.25}, "Zoom": {"x": 1.0}}
        speed = {"Zoom": {"x": 0.5}}
        await ptz.continuous(vector, timedelta(seconds=3))
        await ptz.absolute(vector, speed)
        await ptz.relative(vector, None)
        await ptz.stop(True, False)
        await ptz.go_home(None)
        await ptz.set_home()
        await ptz.configure({**ptz.configuration, "DefaultPTZTimeout": timedelta(seconds=5)})
        door = await ptz.set_preset("door", None)
        await ptz.set_preset("gate", door)
        await ptz.goto_preset(door, speed)
        assert far.ptz.told == [
            ("continuous", (vector, timedelta(seconds=3))),
            ("absolute", (vector, speed)),
            ("relative", (vector, None)),
            ("stop", (True, False)),
            ("go home", None),
            ("set home", None),
            ("configure", {**ptz.configuration, "DefaultPTZTimeout": timedelta(seconds=5)}),
            ("set preset", ("door", None)),
            ("set preset", ("gate", "at 10.0.0.7 number 0")),
            ("go to preset", ("at 10.0.0.7 number 0", speed)),
        ]
        (preset,) = await ptz.presets()
        assert (preset.token, preset.name, preset.position) == (door, "gate", vector)
        await ptz.remove_preset(door)
        assert await ptz.presets() == []
        assert (await ptz.status())["Position"] == vector

        assert (await imaging.settings())["IrCutFilter"] == "AUTO"
        await imaging.change({"Brightness": 20.0}, False)
        await imaging.move({"Continuous": {"Speed": 1.0}})
        await imaging.stop()
        assert far.imaging.told == [
            ("change", ({"Brightness": 20.0}, False)),
            ("move", {"Continuous": {"Speed": 1.0}}),
            ("stop", None),
        ]
        assert await imaging.status() == {"FocusStatus20": {"Position": 0.5, "MoveStatus": "IDLE"}}
        assert imaging.move_options == far.imaging.move_options

        assert (io.relay_count, io.input_count) == (2, 1)
        assert await io.relays() == far.io.kept
        assert (await io.relay_options())[0]["number"] == 1
        await io.set_relay(1, "active")
        await io.configure_relay(0, far.io.kept[1])
        assert far.io.told == [("set", (1, "active")), ("configure", (0, far.io.kept[1]))]
        assert await io.inputs() == [{"IdleState": "open"}]
    finally:
        await camera.close()


async def test_what_the_camera_declines_and_its_absence(served: Served) -> None:
    camera = served.camera()
    await camera.ask()
    ptz = camera.ptz
    assert ptz is not None
    assert served.physical.ptz is not None
    served.physical.ptz.error = Declined(("InvalidArgVal", "NoToken"))
    with pytest.raises(Declined) as caught:
        await ptz.goto_preset("7", None)
    assert "NoToken" in caught.value.subcodes or "NoProfile" in caught.value.subcodes
    await camera.close()
    with pytest.raises(Unavailable):
        await ptz.status()


async def test_it_is_asked_until_it_answers_and_again(served: Served) -> None:
    waits: list[float] = []
    found: list[bool] = []
    done = asyncio.Event()

    async def wait(seconds: float) -> None:
        waits.append(seconds)
        found.append(camera.ptz is not None)
        if len(waits) == 4:
            camera._settings = served.settings(reconnect_max=3)
        if len(waits) == 5:
            # It has come back without its motors.
            served.physical.ptz = None
        if len(waits) == 6:
            done.set()
            await asyncio.Event().wait()

    camera = PhysicalCamera(
        served.settings(url="onvif://127.0.0.1:9", reconnect_max=3), "gate", types(), SystemClock(), wait
    )
    running = asyncio.create_task(camera.run())
    await camera.known()
    await done.wait()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert waits == [1.0, 2.0, 3.0, 3.0, 600.0, 600.0]
    assert found == [False, False, False, False, True, False]
    assert camera.ptz is None


async def test_refusal_is_not_repeated_soon(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATE_PASSWORD", "another")
    waiting = asyncio.Event()
    waits: list[float] = []

    async def wait(seconds: float) -> None:
        waits.append(seconds)
        waiting.set()
        await asyncio.Event().wait()

    camera = PhysicalCamera(served.settings(), "gate", types(), SystemClock(), wait)
    with structlog.testing.capture_logs() as logs:
        running = asyncio.create_task(camera.run())
        await waiting.wait()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert waits == [600.0]
    assert PASSWORD not in str(logs)
    assert "another" not in str(logs)


async def test_a_password_that_cannot_be_read(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GATE_PASSWORD")
    with pytest.raises(SourceError, match="GATE_PASSWORD"):
        await served.camera().ask()


async def test_only_parts_that_are_there(served: Served) -> None:
    served.physical.imaging = None
    served.physical.io = StandInIo(relay_count=0, input_count=1, kept=[])
    zoom = {"ContinuousZoomVelocitySpace": SPACES["ContinuousZoomVelocitySpace"]}
    served.physical.ptz = StandInPtz(options={"Spaces": {}, "PTZTimeout": StandInPtz().options["PTZTimeout"]})
    served.physical.ptz.node = {**served.physical.ptz.node, "SupportedPTZSpaces": zoom}
    camera = served.camera()
    await camera.ask()
    assert camera.imaging is None
    assert camera.ptz is not None
    assert camera.ptz.options["Spaces"] == zoom
    assert camera.io is not None
    assert (camera.io.relay_count, camera.io.input_count) == (0, 1)
    await camera.close()


async def test_a_service_that_hangs_keeps_no_other_away(served: Served) -> None:
    assert served.physical.ptz is not None
    hanging = asyncio.Event()

    async def relays() -> dict[str, object]:
        await hanging.wait()
        return {}

    served.physical.io = StandInIo()
    served.physical.io.relays = relays  # type: ignore[assignment, method-assign]
    camera = served.camera(timeout=0.5)
    assert await camera.ask() is False
    assert camera.ptz is not None
    assert camera.io is None
    hanging.set()
    await camera.close()


async def test_a_camera_that_answers_nonsense_has_nothing(odd: Odd) -> None:
    settings = SourceSettings.model_validate({"url": f"onvif://127.0.0.1:{odd.port}"})
    camera = PhysicalCamera(settings, "gate", types(), SystemClock())
    with pytest.raises((Declined, Unavailable)):
        await camera.ask()
    services = "".join(
        f"<tds:Service><tds:Namespace>http://www.onvif.org/{name}/wsdl</tds:Namespace><tds:XAddr>/x</tds:XAddr>"
        "</tds:Service>"
        for name in ("ver10/media", "ver20/ptz", "ver20/imaging", "ver10/deviceIO")
    )
    odd.replies["GetServices"] = (200, f"<tds:GetServicesResponse>{services}</tds:GetServicesResponse>")
    odd.replies["GetProfiles"] = (
        200,
        '<trt:GetProfilesResponse><trt:Profiles token="1"><tt:VideoSourceConfiguration><tt:SourceToken>s'
        "</tt:SourceToken></tt:VideoSourceConfiguration><tt:VideoEncoderConfiguration><tt:Encoding>H264"
        "</tt:Encoding></tt:VideoEncoderConfiguration></trt:Profiles></trt:GetProfilesResponse>",
    )
    for answer in ("<x/>", b"", "<tds:GetNodesResponse><PTZNode/></tds:GetNodesResponse>"):
        for operation in ("GetConfigurations", "GetNodes", "GetOptions", "GetRelayOutputs", "GetDigitalInputs"):
            odd.replies[operation] = (200, answer)
        await camera.ask()
        assert (camera.ptz, camera.imaging, camera.io) == (None, None, None)
    await camera.close()


def test_other_sources_have_nothing_to_pass_through() -> None:
    for url in ("rtsp://192.0.2.7/", "file:a.mp4"):
        assert physical_camera(SourceSettings(url=url), "gate", SystemClock()) is None
    assert physical_camera(SourceSettings(url="onvif://192.0.2.7"), "gate", SystemClock()) is not None
    assert NothingPhysical().ptz is None


async def test_the_sloppy_stand_in_from_pypi(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, free_ports: list[int]
) -> None:
    """ipycam: undeclared prefixes, a status with gaps, no options, no imaging, no Device IO."""
    try:
        ipycam = clients.install("ipycam")
    except clients.Absent as absent:
        pytest.skip(f"ipycam cannot be installed: {absent}")
    ports = dict(zip(("onvif_port", "rtsp_port", "web_port"), free_ports, strict=True))
    config = {"username": "admin", "password": "secret", "local_ip": "127.0.0.1", "hw_accel": "cpu", **ports}
    (tmp_path / "camera.json").write_text(str(config).replace("'", '"'))
    # without a picture to send it would end soon after its start
    film = write(tmp_path / "film.mp4", [np.zeros((48, 64, 3), np.uint8)] * 25)
    command = [sys.executable, "-m", "ipycam", "--config", "camera.json", "--source", str(film), "--hw", "cpu"]
    monkeypatch.setenv("GATE_PASSWORD", "secret")
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(
            command, cwd=tmp_path, stdout=log, stderr=log, env=os.environ | ipycam.environment
        )
    told = {
        "url": f"onvif://127.0.0.1:{ports['onvif_port']}",
        "user": "admin",
        "password": {"env": "GATE_PASSWORD"},
    }
    camera = PhysicalCamera(SourceSettings.model_validate(told), "gate", types(), SystemClock())
    try:
        limit = time.monotonic() + 60
        while camera.ptz is None and time.monotonic() < limit and process.poll() is None:
            try:
                await camera.ask()
            except Unavailable:
                await asyncio.sleep(0.2)
        assert camera.ptz is not None
        assert (camera.imaging, camera.io) == (None, None)
        assert camera.ptz.node["MaximumNumberOfPresets"] == 10
        await camera.ptz.absolute({"PanTilt": {"x": 0.5, "y": 0.25}}, None)
        status = await camera.ptz.status()
        assert set(status) <= {"Position", "MoveStatus"}
        token = await camera.ptz.set_preset("door", None)
        assert token in [preset.token for preset in await camera.ptz.presets()]
        with pytest.raises((Declined, Unavailable)):
            await camera.ptz.remove_preset(token)
    finally:
        await camera.close()
        process.kill()
        process.wait()
