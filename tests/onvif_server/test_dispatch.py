"""Dispatch by the element in the body; every handler fits its operation."""

from __future__ import annotations

import inspect
from dataclasses import replace
from typing import Any

import pytest

from onvif_server.access import Level
from onvif_server.dispatch import Call, Dispatcher
from onvif_server.soap import Fault, read
from onvif_server.wsdl import DEVICE, DEVICEIO, MEDIA, types

CALL = Call("127.0.0.1:80", "127.0.0.1", "127.0.0.1", "operator", level="Operator")


class _Echo:
    async def GetHostname(self, call: Call) -> dict[str, object]:  # noqa: N802
        return {"HostnameInformation": {"FromDHCP": False, "Name": call.user}}


def _request(inner: str, header: str = "") -> Any:
    soap = "http://www.w3.org/2003/05/soap-envelope"
    text = f'<e:Envelope xmlns:e="{soap}"><e:Header>{header}</e:Header><e:Body>{inner}</e:Body></e:Envelope>'
    return read(text.encode())


def test_every_handler_takes_what_its_operation_gives(build: Any) -> None:
    dispatcher = build().device._dispatcher
    assert len(dispatcher.operations) > 40
    for name, (operation, handler) in dispatcher._handlers.items():
        assert list(inspect.signature(handler).parameters) == ["call", *operation.arguments], name


def test_every_public_method_answers_an_operation(build: Any) -> None:
    handlers = [handler for _, handler in build().device._dispatcher._handlers.values()]
    for service in {id(handler.__self__): handler.__self__ for handler in handlers}.values():
        public = {name for name, _ in inspect.getmembers(service, inspect.ismethod) if name[0].isupper()}
        assert public == {each.__name__ for each in handlers if each.__self__ is service}


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


async def test_several_objects_serve_one_service() -> None:
    class Other:
        async def GetNTP(self, call: Call) -> dict[str, object]:  # noqa: N802
            return {"NTPInformation": {"FromDHCP": False}}

    dispatcher = Dispatcher(types(), {DEVICE: (Other(), _Echo())})
    assert dispatcher.operations == {f"{{{DEVICE}}}GetNTP", f"{{{DEVICE}}}GetHostname"}
    assert (await dispatcher.answer(_request(f'<GetNTP xmlns="{DEVICE}"/>'), CALL)).status == 200


async def test_a_request_may_bear_the_namespace_of_another_service() -> None:
    class Outputs:
        async def GetRelayOutputs(self, call: Call) -> dict[str, object]:  # noqa: N802
            return {"RelayOutputs": []}

    dispatcher = Dispatcher(types(), {DEVICE: _Echo(), DEVICEIO: Outputs()})
    assert (await dispatcher.answer(_request(f'<GetRelayOutputs xmlns="{DEVICE}"/>'), CALL)).status == 200


@pytest.mark.parametrize("level", [None, "User", "Operator", "Administrator"])
async def test_what_a_user_may_not_call_is_not_called(level: Level | None) -> None:
    called = []

    class Machine:
        async def SystemReboot(self, call: Call) -> dict[str, object]:  # noqa: N802
            called.append(call.level)
            return {"Message": "x"}

    dispatcher = Dispatcher(types(), {DEVICE: Machine()})
    answer = dispatcher.answer(_request(f'<SystemReboot xmlns="{DEVICE}"/>'), replace(CALL, level=level))
    if level == "Administrator":
        assert (await answer).status == 200
        assert called == [level]
        return
    with pytest.raises(Fault, match="SystemReboot") as caught:
        await answer
    assert (caught.value.subcodes, called) == (("NotAuthorized",), [])
