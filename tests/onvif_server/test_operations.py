"""Every operation of every service is called once, and its reply is valid by ONVIF's schemas."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from lxml import etree

from onvif_server.dispatch import Call, Dispatcher
from onvif_server.soap import Fault, Request
from tests.onvif_server.samples import Samples
from tests.onvif_server.schema import reply_problems
from tests.support.physical import StandInPhysical

REFUSED: dict[str, str] = {
    "CreateRules": "FixedRules",
    "DeleteRules": "FixedRules",
    "ModifyRules": "RuleNotExistent",
    "CreateAnalyticsModules": "FixedModules",
    "DeleteAnalyticsModules": "FixedModules",
    "ModifyAnalyticsModules": "NameNotExistent",
}
"""Operations that no device can be asked for at its factory settings, and the subcode by which they are refused."""


def _samples(dispatcher: Dispatcher) -> Samples:
    async def ask(_name: str, content: etree._Element) -> etree._Element:
        own, request = "127.0.0.1", Request("1.2", content)
        call = Call(f"{own}:80", own, own, "operator", "", request, "Administrator", peer=own)
        reply = await dispatcher.answer(request, call)
        assert not reply_problems(reply.data)
        return etree.fromstring(reply.data)[-1][0]

    operations = {name: operation for name, (operation, _) in dispatcher._handlers.items()}
    return Samples(operations, ask)


async def test_every_operation_gives_a_valid_reply(build: Callable[..., Any], valid_replies: list[str]) -> None:
    wrong = {}
    names = sorted(build(physical=StandInPhysical()).device.operations)
    for name in names:
        device = build(physical=StandInPhysical()).device
        samples = _samples(device._dispatcher)
        local = etree.QName(name).localname
        try:
            reply = await samples.ask(name, await samples.of(samples.operations[name]))
            if etree.QName(reply).localname != f"{local}Response" or local in REFUSED:
                wrong[name] = f"answered by {reply.tag}"
        except Fault as fault:
            if fault.subcodes[-1:] != (REFUSED.get(local),):
                wrong[name] = f"{fault.subcodes}: {fault.reason}"
        except AssertionError:
            wrong[name] = "; ".join(valid_replies)
        valid_replies.clear()
        await device.stop()
    assert len(names) > 40
    assert not wrong


def test_a_reply_that_breaks_the_schema_is_seen() -> None:
    device = "http://www.onvif.org/ver10/device/wsdl"
    soap = "http://www.w3.org/2003/05/soap-envelope"
    right = (
        f'<e:Envelope xmlns:e="{soap}"><e:Body><SetHostnameResponse xmlns="{device}"/></e:Body></e:Envelope>'
    )
    assert reply_problems(right.encode()) == []
    wrong = right.replace("<SetHostnameResponse", "<GetHostnameResponse")
    assert "HostnameInformation" in reply_problems(wrong.encode())[0]
    assert reply_problems(right.replace("Body", "Bodi").encode())


@pytest.mark.parametrize("name", ["GetHostnameResponse", "Unknown"])
def test_replies_of_soap_11_are_seen_too(name: str) -> None:
    soap = "http://schemas.xmlsoap.org/soap/envelope/"
    body = f'<{name} xmlns="http://www.onvif.org/ver10/device/wsdl"/>'
    assert reply_problems(f'<e:Envelope xmlns:e="{soap}"><e:Body>{body}</e:Body></e:Envelope>'.encode())
