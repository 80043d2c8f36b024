"""Requests that are nearly right never upset a handler: each gets a reply or a fault."""

from __future__ import annotations

import copy
import random
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from lxml import etree

from onvif_server.dispatch import Call
from onvif_server.soap import Fault, Request, read
from tests.onvif_server.samples import Samples
from tests.support.physical import StandInPhysical
from vcam.base.errors import GarimError

XSI = "{http://www.w3.org/2001/XMLSchema-instance}"
CALL = Call("127.0.0.1:80", "127.0.0.1", "127.0.0.1", "operator", level="Administrator")
TEXTS = ["", " ", "x", "-1", "0", "99999999999999999999", "NaN", "1e400", "true", "PT1S", "é\u202e", "a" * 5000]
TYPES = ["tt:Profile", "tt:User", "tt:IPAddress", "xs:string", "xs:int", "tt:none", "zz:none", "tt:"]
ROUNDS = 25


def _mutate(root: etree._Element, chance: random.Random) -> None:
    """Change one thing in a request."""
    elements = list(root.iter())
    element = chance.choice(elements)
    parent = element.getparent()
    match chance.randrange(8):
        case 0 if parent is not None:
            parent.remove(element)
        case 1 if parent is not None:
            for _ in range(chance.choice([1, 40])):
                parent.append(copy.deepcopy(element))
        case 2:
            element.set(f"{XSI}type", chance.choice(TYPES))
        case 3:
            element.set(f"{XSI}nil", "true")
        case 4:
            etree.SubElement(element, chance.choice(elements).tag).text = chance.choice(TEXTS)
        case 5:
            for child in list(element):
                element.remove(child)
        case 6:
            element.set("token", chance.choice(TEXTS))
        case _:
            element.text = chance.choice(TEXTS)


def _declared(root: etree._Element) -> etree._Element:
    """The request with the prefixes of TYPES."""
    outer = etree.Element(
        "outer", nsmap={"tt": "http://www.onvif.org/ver10/schema", "xs": "http://www.w3.org/2001/XMLSchema"}
    )
    outer.append(root)
    return root


async def test_requests_that_are_nearly_right_get_a_reply_or_a_fault(build: Callable[..., Any]) -> None:
    chance = random.Random(11)
    first = build(physical=StandInPhysical()).device
    upset: dict[str, str] = {}
    for name in sorted(first.operations):
        device = build(physical=StandInPhysical()).device
        dispatcher = device._dispatcher

        async def ask(_name: str, content: etree._Element, dispatcher: Any = dispatcher) -> etree._Element:
            request = Request("1.2", content)
            reply = await dispatcher.answer(request, replace(CALL, request=request, peer=CALL.local))
            return etree.fromstring(reply.data)[-1][0]

        samples = Samples({each: operation for each, (operation, _) in dispatcher._handlers.items()}, ask)
        right = await samples.of(samples.operations[name])
        for _ in range(ROUNDS):
            wrong = _declared(copy.deepcopy(right))
            for _ in range(chance.randrange(1, 4)):
                _mutate(wrong, chance)
            text = etree.tostring(wrong).decode()
            try:
                request = Request("1.2", wrong)
                await dispatcher.answer(request, replace(CALL, request=request, peer=CALL.local))
            except (Fault, GarimError):
                continue
            except Exception as error:  # noqa: BLE001  Whatever it is, it is what this test looks for.
                upset.setdefault(name, f"{type(error).__name__}: {error} by {text[:400]}")
        await device.stop()
    assert not upset, "\n".join(f"{name}: {why}" for name, why in upset.items())


@pytest.mark.parametrize(
    ("kind", "right"), [("tt:Profile", False), ("xs:int", False), ("xs:token", True), ("tt:IPAddress", False)]
)
async def test_a_type_of_another_family_is_refused(build: Callable[..., Any], kind: str, right: bool) -> None:
    device = build().device
    text = f"""<e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope" xmlns:i="{XSI[1:-1]}"
        xmlns:tt="http://www.onvif.org/ver10/schema" xmlns:xs="http://www.w3.org/2001/XMLSchema"><e:Body>
        <SetHostname xmlns="http://www.onvif.org/ver10/device/wsdl"><Name i:type="{kind}">yard</Name></SetHostname>
        </e:Body></e:Envelope>"""
    answer = device._dispatcher.answer(read(text.encode()), CALL)
    if right:
        assert (await answer).status == 200
        return
    with pytest.raises(Fault, match="type"):
        await answer
