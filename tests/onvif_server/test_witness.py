"""What clients do at a virtual device is told to whoever keeps the record."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import requests
from requests.auth import HTTPDigestAuth
from requests.utils import parse_dict_header
from zeep.exceptions import Fault

from onvif_server.access import access_class, configures
from onvif_server.digest import DigestAuthority
from onvif_server.physical import Declined, Unavailable
from onvif_server.ptz_service import REAIMED
from onvif_server.rtsp.gate import Gate
from onvif_server.rtsp.refusal import Refusal
from onvif_server.rtsp.server import RtspServer
from onvif_server.wsdl import DEVICE, EVENTS, IMAGING, MEDIA, PTZ, types
from tests.support.physical import StandInPhysical
from vcam.base.clock import ManualClock

HOST = "127.0.0.1"


class Notes:
    """A witness that remembers what it was told."""

    def __init__(self) -> None:
        self.told: list[tuple[object, ...]] = []

    def logged_in(self, user: str, peer: str, door: str) -> None:
        self.told.append(("logged in", user, peer, door))

    def refused(self, peer: str, door: str) -> None:
        self.told.append(("refused", peer, door))

    def reaimed(self, user: str | None, peer: str, profile: str, operation: str) -> None:
        self.told.append(("re-aimed", user, peer, profile, operation))

    def configured(self, user: str | None, peer: str, operation: str) -> None:
        self.told.append(("configured", user, peer, operation))

    def keys(self, trouble: str) -> None:
        self.told.append(("keys", trouble))


@pytest.fixture
def notes() -> Notes:
    return Notes()


@pytest.fixture
def physical() -> StandInPhysical:
    return StandInPhysical()


@pytest.fixture
async def running(build: Any, notes: Notes, physical: StandInPhysical) -> AsyncIterator[Any]:
    made = build(physical=physical, witness=notes)
    made.port = await made.device.start(HOST, 0)
    yield made
    await made.device.stop()


async def test_movements_are_told_with_who_asked(client: Any, notes: Notes, running: Any) -> None:
    ptz = client(PTZ)
    await ptz("GetNodes")
    await ptz("AbsoluteMove", ProfileToken="main", Position={"PanTilt": {"x": 0.1, "y": 0}})
    await ptz("Stop", ProfileToken="main")
    deeds = [each for each in notes.told if each[0] != "logged in"]
    assert deeds == [("re-aimed", "operator", HOST, "main", "AbsoluteMove")]


async def test_a_movement_whose_answer_is_lost_is_told_and_one_that_is_declined_is_not(
    client: Any, notes: Notes, running: Any, physical: StandInPhysical
) -> None:
    ptz = client(PTZ)
    assert physical.ptz is not None
    heard: list[str] = []
    running.notices.listen(lambda notice: heard.append(notice.topic))
    for error in (Declined(), Unavailable()):
        physical.ptz.error = error
        with pytest.raises(Fault):
            await ptz("ContinuousMove", ProfileToken="main", Velocity={"Zoom": {"x": 1}})
    deeds = [each for each in notes.told if each[0] != "logged in"]
    assert deeds == [("re-aimed", "operator", HOST, "main", "ContinuousMove")]
    assert heard == [REAIMED]


async def test_what_is_set_is_told_and_what_is_refused_is_not(client: Any, notes: Notes, running: Any) -> None:
    device, ptz = client(DEVICE), client(PTZ)
    await device("GetScopes")
    await device("SetDiscoveryMode", DiscoveryMode="NonDiscoverable")
    await ptz("SetHomePosition", ProfileToken="main")
    with pytest.raises(Fault):
        await device("SetNTP", FromDHCP=True)
    deeds = [each for each in notes.told if each[0] != "logged in"]
    assert [each[3] for each in deeds] == ["SetDiscoveryMode", "SetHomePosition"]


async def test_right_and_wrong_passwords_are_told(notes: Notes, running: Any) -> None:
    def get(password: str) -> int:
        auth = HTTPDigestAuth("operator", password)
        return requests.get(f"{running.url}/snapshot", auth=auth, timeout=10).status_code

    assert await asyncio.to_thread(get, "correct horse battery staple") in {200, 503}
    assert await asyncio.to_thread(get, "guess") == 401
    assert notes.told == [("logged in", "operator", HOST, "onvif"), ("refused", HOST, "onvif")]


def test_so_are_those_of_rtsp(notes: Notes) -> None:
    authority = DigestAuthority("Garim", {"nvr": "secret"}.get, ManualClock(monotonic=1000.0), lenient=True)
    server = RtspServer({}, authority, clock=ManualClock(monotonic=1000.0), witness=notes)
    gate = Gate(server._service, "192.0.2.1")
    with pytest.raises(Refusal):
        gate.admit("DESCRIBE", "rtsp://host/main", None)
    assert notes.told == []
    challenge = authority.challenges()[0]
    for password in ("guess", "secret"):
        auth = HTTPDigestAuth("nvr", password)
        auth.init_per_thread_state()
        auth._thread_local.chal = parse_dict_header(challenge.removeprefix("Digest "))
        signed = auth.build_digest_header("DESCRIBE", "rtsp://host/main")
        if password == "guess":
            with pytest.raises(Refusal):
                gate.admit("DESCRIBE", "rtsp://host/main", signed)
        else:
            gate.admit("DESCRIBE", "rtsp://host/main", signed)
    assert notes.told == [("refused", "192.0.2.1", "rtsp"), ("logged in", "nvr", "192.0.2.1", "rtsp")]


def test_whatever_only_reads_or_moves_sets_nothing() -> None:
    shared = types()
    by_name: dict[str, bool] = {}
    for namespace in (DEVICE, MEDIA, PTZ, EVENTS, IMAGING):
        for operation in shared.operations(namespace):
            by_name[operation.name] = configures(operation.request, access_class(operation.request))
    assert not [name for name, sets in by_name.items() if sets and name.startswith("Get")]
    assert not any(
        by_name[name]
        for name in ("ContinuousMove", "GotoPreset", "PullMessages", "Subscribe")
        if name in by_name
    )
    wanted = (
        "SetUser",
        "CreateUsers",
        "SetPreset",
        "RemovePreset",
        "SetConfiguration",
        "SystemReboot",
        "DeleteProfile",
    )
    assert all(by_name[name] for name in wanted)
