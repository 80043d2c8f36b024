"""A virtual device on the loopback, with a still picture that is really a JPEG."""

from __future__ import annotations

import asyncio
import importlib.util
import sys
import tempfile
import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import requests
import zeep
from zeep.wsdl import Document
from zeep.wsse import username

from onvif_server import VirtualDevice, camera_identity
from onvif_server.accounts import Accounts
from onvif_server.front import Tunnel
from onvif_server.notice import Notices
from onvif_server.physical import Physical
from onvif_server.schemas import schema_file
from onvif_server.soap import Envelope, Reply
from onvif_server.store import Store
from onvif_server.wsdl import ANALYTICS, DEVICE, DEVICEIO, EVENTS, FILES, IMAGING, MEDIA, MEDIA2, PTZ
from tests.onvif_server.schema import reply_problems
from tests.support.camera import StandInCamera
from vcam.base.clock import Clock, ManualClock
from vcam.base.ports import Witness
from vcam.base.rendition import Rendition

BINDINGS = {
    DEVICE: "DeviceBinding",
    MEDIA: "MediaBinding",
    MEDIA2: "Media2Binding",
    EVENTS: "EventBinding",
    PTZ: "PTZBinding",
    IMAGING: "ImagingBinding",
    DEVICEIO: "DeviceIOBinding",
    ANALYTICS: "AnalyticsEngineBinding",
}
"""The binding of each service that most of its operations belong to."""
USER = "operator"
PASSWORD = "correct horse battery staple"
NOW = 1_767_225_600_000_000
"""2026-01-01T00:00:00Z"""


@dataclass
class Running:
    """A started device and what it is made of."""

    device: VirtualDevice
    clock: Clock
    camera: StandInCamera
    notices: Notices
    store: Store
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


def make(
    name: str = "front",
    clock: Clock | None = None,
    streams: tuple[Rendition, ...] = (Rendition("main"),),
    *,
    physical: Physical | None = None,
    tunnel: Tunnel | None = None,
    witness: Witness | None = None,
) -> Running:
    """A device that is not started."""
    ticking: Clock = clock or ManualClock(utc=NOW, monotonic=1000.0)
    camera, notices = StandInCamera(name, streams=streams), Notices()
    store = Store(Path(tempfile.mkdtemp(prefix="garim-device-")) / "device.json")
    device = VirtualDevice(
        camera_identity(uuid.UUID(int=7), name),
        title="Front door",
        site_name="City hall",
        camera=camera,
        accounts=Accounts(store, USER, PASSWORD),
        store=store,
        notices=notices,
        clock=ticking,
        physical=physical,
        tunnel=tunnel,
        witness=witness,
    )
    return Running(device, ticking, camera, notices, store)


@pytest.fixture(autouse=True)
def valid_replies(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Every reply that is made while a test runs is valid by ONVIF's schemas; gives what is not, as it comes."""
    wrong: list[str] = []
    reply = Envelope.reply

    def checked(envelope: Envelope, status: int = 200) -> Reply:
        made = reply(envelope, status)
        wrong.extend(reply_problems(made.data))
        return made

    monkeypatch.setattr(Envelope, "reply", checked)
    yield wrong
    assert not wrong


@pytest.fixture
def build() -> Callable[..., Running]:
    """Makes devices that are not started."""
    return make


@pytest.fixture
def camera_streams() -> tuple[Rendition, ...]:
    """The streams of the camera behind `running`; a test may have others."""
    return (Rendition("main"),)


@pytest.fixture
async def running(camera_streams: tuple[Rendition, ...]) -> AsyncIterator[Running]:
    """A started device."""
    made = make(streams=camera_streams)
    made.port = await made.device.start("127.0.0.1", 0)
    yield made
    await made.device.stop()


@cache
def _document(namespace: str) -> Any:
    """A service's WSDL as zeep reads it for clients."""
    transport: Any = zeep.Transport
    path = str(schema_file(FILES[namespace]).resolve())
    with requests.Session() as session:
        return Document(
            path, transport(session=session), settings=zeep.Settings(strict=True, forbid_external=True)
        )


class Client:
    """zeep's own client, which parses replies strictly by ONVIF's schemas."""

    def __init__(self, running: Running, namespace: str) -> None:
        created = datetime.fromtimestamp(NOW / 1e6, UTC)
        token: Any = username.UsernameToken
        transport: Any = zeep.Transport
        client: Any = zeep.Client
        self._session = requests.Session()
        self._client = client(
            _document(namespace),
            wsse=token(USER, PASSWORD, use_digest=True, created=created),
            transport=transport(session=self._session),
            settings=zeep.Settings(strict=True, forbid_external=True),
        )
        self._service = self._client.create_service(
            f"{{{namespace}}}{BINDINGS[namespace]}", f"{running.url}/any/path"
        )

    async def __call__(self, operation: str, **arguments: object) -> Any:
        """The parsed reply; raises zeep's Fault."""
        return await asyncio.to_thread(self._service[operation], **arguments)

    def close(self) -> None:
        self._session.close()


@pytest.fixture
def client(running: Running) -> Iterator[Callable[[str], Client]]:
    """Makes clients of a service by its namespace."""
    made: list[Client] = []

    def of(namespace: str) -> Client:
        made.append(Client(running, namespace))
        return made[-1]

    yield of
    for each in made:
        each.close()


@pytest.fixture(scope="session")
def client_named() -> Callable[[str], Any]:
    """Gives clients that others wrote by name, installed on first use; skips the test where that cannot be."""
    path = Path(__file__).parents[1] / "clients" / "clients.py"
    spec = importlib.util.spec_from_file_location("onvif_clients", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)

    def install(name: str) -> Any:
        try:
            return module.install(name)
        except module.Absent as error:
            pytest.skip(f"{name}: {error}")

    return install
