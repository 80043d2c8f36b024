"""Physical cameras on the loopback: our own virtual device before stand-ins, and one that answers as it is told."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from aiohttp import web

from onvif_server import VirtualDevice, camera_identity
from onvif_server.accounts import Accounts
from onvif_server.notice import Notices
from onvif_server.store import Store
from onvif_server.wsdl import types
from tests.support import ports
from tests.support.camera import StandInCamera
from tests.support.physical import StandInPhysical
from vcam.base.clock import ManualClock, SystemClock
from vcam.base.settings import SourceSettings
from vcam.physical.camera import PhysicalCamera
from vcam.physical.client import Client

USER = "operator"
PASSWORD = "a password of the camera"
ENVELOPE = (
    '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" '
    'xmlns:tds="http://www.onvif.org/ver10/device/wsdl" xmlns:trt="http://www.onvif.org/ver10/media/wsdl" '
    'xmlns:tt="http://www.onvif.org/ver10/schema" xmlns:ter="http://www.onvif.org/ver10/error">'
    "<s:Body>{}</s:Body></s:Envelope>"
)


@dataclass
class Served:
    """A camera that speaks ONVIF as it should. Its clock is its own."""

    physical: StandInPhysical
    clock: ManualClock
    port: int

    def settings(self, **more: object) -> SourceSettings:
        """How Garim would be told of it."""
        told = {"url": f"onvif://127.0.0.1:{self.port}", "user": USER, "password": {"env": "GATE_PASSWORD"}}
        return SourceSettings.model_validate({**told, **more})

    def camera(self, **more: object) -> PhysicalCamera:
        return PhysicalCamera(self.settings(**more), "gate", types(), SystemClock())


@pytest.fixture
async def served(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> AsyncIterator[Served]:
    monkeypatch.setenv("GATE_PASSWORD", PASSWORD)
    store = Store(tmp_path / "device.json")
    # Nine hours fast, as a camera is that takes its local time for UTC.
    clock = ManualClock(utc=SystemClock().utc() + 9 * 3600 * 1_000_000)
    physical = StandInPhysical()
    device = VirtualDevice(
        camera_identity(uuid.UUID(int=7), "gate"),
        title="Gate",
        site_name="City hall",
        camera=StandInCamera("gate"),
        accounts=Accounts(store, USER, PASSWORD),
        store=store,
        notices=Notices(),
        clock=clock,
        physical=physical,
    )
    port = await device.start("127.0.0.1", 0)
    yield Served(physical, clock, port)
    await device.stop()


@dataclass
class Odd:
    """A camera that answers each operation with what `replies` holds: an HTTP status and a body.

    A text is put into an envelope, bytes go out as they are. An operation that is not named gets a fault.
    """

    port: int = 0
    replies: dict[str, tuple[int, str | bytes]] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)
    """Path and body of each request."""

    async def answer(self, request: web.Request) -> web.Response:
        body = await request.text()
        self.asked.append((request.path, body))
        operation = body.rpartition("Body>")[0].rpartition("Body")[2]
        for name, (status, content) in self.replies.items():
            if f":{name}" in operation or f"<{name}" in operation:
                data = ENVELOPE.format(content).encode() if isinstance(content, str) else content
                return web.Response(status=status, body=data)
        fault = "<s:Fault><s:Code><s:Value>s:Receiver</s:Value></s:Code></s:Fault>"
        return web.Response(status=500, text=ENVELOPE.format(fault))


@asynccontextmanager
async def odd_camera() -> AsyncIterator[Odd]:
    """Serves one."""
    made = Odd()
    application = web.Application()
    application.router.add_post("/{path:.*}", made.answer)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    made.port = runner.addresses[0][1]
    try:
        yield made
    finally:
        await runner.cleanup()


@pytest.fixture
async def odd() -> AsyncIterator[Odd]:
    async with odd_camera() as made:
        yield made


Connect = Callable[..., Client]


@pytest.fixture
async def client() -> AsyncIterator[Connect]:
    """Makes clients of the camera at a port; they are closed in the end."""
    async with AsyncExitStack() as stack:
        made: list[Client] = []

        def at(port: int, password: str | None = PASSWORD, timeout: float = 5.0) -> Client:
            credentials = None if password is None else (USER, password)
            one = Client("127.0.0.1", port, credentials, types=types(), clock=SystemClock(), timeout=timeout)
            made.append(one)
            return one

        yield at
        for one in made:
            stack.push_async_exit(one)


@pytest.fixture
def free_ports() -> list[int]:
    """Three ports that nobody used a moment ago."""
    return ports.free_ports(3)


def profile(token: str, encoding: str, width: int, height: int) -> str:
    """A profile of Media 1."""
    return (
        f'<trt:Profiles token="{token}"><tt:VideoEncoderConfiguration><tt:Encoding>{encoding}</tt:Encoding>'
        f"<tt:Resolution><tt:Width>{width}</tt:Width><tt:Height>{height}</tt:Height></tt:Resolution>"
        "</tt:VideoEncoderConfiguration></trt:Profiles>"
    )


def real(odd: Odd, *profiles: str, rtsp: int, model: str = "Eye 4") -> None:
    """Let `odd` be a camera of a maker, whose streams are at port `rtsp`."""
    odd.replies["GetServices"] = (
        200,
        "<tds:GetServicesResponse><tds:Service><tds:Namespace>http://www.onvif.org/ver10/media/wsdl"
        "</tds:Namespace><tds:XAddr>/onvif/media</tds:XAddr></tds:Service></tds:GetServicesResponse>",
    )
    odd.replies["GetDeviceInformation"] = (
        200,
        "<tds:GetDeviceInformationResponse><tds:Manufacturer>Zeiss\n</tds:Manufacturer>"
        f"<tds:Model>{model}</tds:Model></tds:GetDeviceInformationResponse>",
    )
    odd.replies["GetProfiles"] = (
        200,
        f"<trt:GetProfilesResponse>{''.join(profiles)}</trt:GetProfilesResponse>",
    )
    odd.replies["GetStreamUri"] = (
        200,
        f"<trt:GetStreamUriResponse><trt:MediaUri><tt:Uri>rtsp://0.0.0.0:{rtsp}/live</tt:Uri></trt:MediaUri>"
        "</trt:GetStreamUriResponse>",
    )
