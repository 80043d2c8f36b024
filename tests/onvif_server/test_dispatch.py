"""Dispatch by the element in the body; every handler fits its operation."""

from __future__ import annotations

import inspect
from typing import Any

import pytest

from onvif_server.device_service import DeviceService
from onvif_server.dispatch import OPEN, Call, Dispatcher
from onvif_server.media import Media2Service, MediaService
from onvif_server.soap import Fault, read
from onvif_server.wsdl import DEVICE, MEDIA, MEDIA2, types

CALL = Call("127.0.0.1:80", "127.0.0.1", "127.0.0.1", "operator")


class _Echo:
    async def GetHostname(self, call: Call) -> dict[str, object]:  # noqa: N802
        return {"HostnameInformation": {"FromDHCP": False, "Name": call.user}}


def _request(inner: str, header: str = "") -> Any:
    soap = "http://www.w3.org/2003/05/soap-envelope"
    text = f'<e:Envelope xmlns:e="{soap}"><e:Header>{header}</e:Header><e:Body>{inner}</e:Body></e:Envelope>'
    return read(text.encode())


@pytest.mark.parametrize(
    ("namespace", "service"), [(DEVICE, DeviceService), (MEDIA, MediaService), (MEDIA2, Media2Service)]
)
def test_every_handler_takes_what_its_operation_gives(namespace: str, service: type) -> None:
    operations = {operation.name: operation for operation in types().operations(namespace)}
    handlers = [name for name in vars(service) if not name.startswith("_")]
    assert handlers
    for name in handlers:
        taken = list(inspect.signature(getattr(service, name)).parameters)
        assert taken == ["self", "call", *operations[name].arguments], name


def test_what_is_open_exists() -> None:
    assert {name for name in OPEN if hasattr(DeviceService, name)} == OPEN


async def test_the_element_finds_the_handler() -> None:
    dispatcher = Dispatcher(types(), {DEVICE: _Echo()})
    reply = await dispatcher.answer(_request(f'<GetHostname xmlns="{DEVICE}"/>'), CALL)
    assert reply.status == 200
    assert b"<tt:Name>operator</tt:Name>" in reply.data


async def test_a_reply_says_what_it_relates_to() -> None:
    header = '<w:MessageID xmlns:w="http://www.w3.org/2005/08/addressing">urn:uuid:17</w:MessageID>'
    dispatcher = Dispatcher(types(), {DEVICE: _Echo()})
    reply = await dispatcher.answer(_request(f'<GetHostname xmlns="{DEVICE}"/>', header), CALL)
    assert b"urn:uuid:17</wsa:RelatesTo>" in reply.data


@pytest.mark.parametrize(
    "name", [f"{{{DEVICE}}}SystemReboot", f"{{{DEVICE}}}Nothing", f"{{{MEDIA}}}GetProfiles", "{urn:x}y", "bare"]
)
async def test_what_is_absent_is_said_to_be_not_implemented(name: str) -> None:
    namespace, _, local = name.removeprefix("{").rpartition("}")
    dispatcher = Dispatcher(types(), {DEVICE: _Echo()})
    with pytest.raises(Fault, match="not implemented") as caught:
        await dispatcher.answer(_request(f'<{local} xmlns="{namespace}"/>'), CALL)
    assert caught.value.subcodes == ("ActionNotSupported",)


def test_openness_is_of_our_services_only() -> None:
    dispatcher = Dispatcher(types(), {DEVICE: _Echo()})
    assert dispatcher.is_open(_request(f'<GetHostname xmlns="{DEVICE}"/>'))
    assert not dispatcher.is_open(_request('<GetHostname xmlns="urn:x"/>'))
    assert not dispatcher.is_open(_request(f'<GetScopes xmlns="{DEVICE}"/>'))
