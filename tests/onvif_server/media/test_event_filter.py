"""The filter of the metadata's events, as clients send it and as it is told again."""

from __future__ import annotations

from typing import Any

import pytest
from lxml import etree

from onvif_server.dispatch import Call
from onvif_server.media.event_filter import asked_filter, filter_element
from onvif_server.media.kept import keep, recall
from onvif_server.soap import Fault, Request
from onvif_server.wsdl import MEDIA2

TT = "http://www.onvif.org/ver10/schema"
WSNT = "http://docs.oasis-open.org/wsn/b-2"
TOPICS = "http://www.onvif.org/ver10/topics"
CONCRETE_SET = "http://www.onvif.org/ver10/tev/topicExpression/ConcreteSet"


def _events(inner: str) -> etree._Element:
    return etree.fromstring(f'<e:Events xmlns:e="{TT}" xmlns:n="{WSNT}" xmlns:t="{TOPICS}">{inner}</e:Events>')


def _topics(*texts: str) -> str:
    inner = "".join(f'<n:TopicExpression Dialect="{CONCRETE_SET}">{text}</n:TopicExpression>' for text in texts)
    return f"<e:Filter>{inner}</e:Filter>"


def test_topics_are_told_with_our_prefix() -> None:
    text = asked_filter(_events(_topics("t:VideoSource//.|t:RuleEngine//.", " t:Media/ProfileChanged ")))
    found = filter_element(text)
    assert [each.text for each in found] == [
        "tns1:VideoSource//.|tns1:RuleEngine//.",
        "tns1:Media/ProfileChanged",
    ]
    assert all(each.nsmap["tns1"] == TOPICS and each.get("Dialect") == CONCRETE_SET for each in found)


@pytest.mark.parametrize("inner", ["", "<e:Filter/>"])
def test_no_filter_lets_everything_through(inner: str) -> None:
    assert asked_filter(_events(inner)) == ""
    assert asked_filter(None) == ""


@pytest.mark.parametrize(
    "inner",
    [
        _topics("other:VideoSource"),
        _topics("e:VideoSource"),
        _topics("t:" + "x" * 2000),
        "<e:Filter><n:MessageContent>true()</n:MessageContent></e:Filter>",
    ],
)
def test_what_cannot_be_filtered_by_is_refused(inner: str) -> None:
    with pytest.raises(Fault) as caught:
        asked_filter(_events(inner))
    assert caught.value.subcodes == ("InvalidArgVal", "ConfigModify")


def _request(told: etree._Element, events: str) -> etree._Element:
    """SetMetadataConfiguration of what was told, with other events."""
    (configuration,) = told
    text = [
        etree.tostring(_events(events) if etree.QName(each).localname == "Events" else each).decode()
        for each in configuration
    ]
    inner = f'<Configuration token="metadata">{"".join(text)}</Configuration>'
    return etree.fromstring(f'<SetMetadataConfiguration xmlns="{MEDIA2}">{inner}</SetMetadataConfiguration>')


async def test_a_filter_is_kept_and_told(build: Any, valid_replies: list[str]) -> None:
    device = build().device
    call = Call("127.0.0.1:80", "127.0.0.1", "127.0.0.1", "operator", level="Administrator")

    async def ask(content: etree._Element) -> etree._Element:
        request = Request("1.2", content)
        circumstances = Call(call.authority, call.host, call.local, call.user, "", request, level=call.level)
        reply = await device._dispatcher.answer(request, circumstances)
        return etree.fromstring(reply.data)[-1][0]

    get = f"{{{MEDIA2}}}GetMetadataConfigurations"
    await ask(_request(await ask(etree.Element(get)), _topics("t:Media//.")))
    told = await ask(etree.Element(get))
    (expression,) = told.iter(f"{{{WSNT}}}TopicExpression")
    assert (expression.text, expression.nsmap["tns1"]) == ("tns1:Media//.", TOPICS)
    (kept,) = filter_element(device.media.metadata.filter)
    assert kept.text == expression.text
    state = device.media.state
    assert recall(keep(state), state.device, state.streams) == state
    with pytest.raises(Fault, match="topics") as caught:
        await ask(_request(told, _topics("t:Nothing/Like/It")))
    assert caught.value.subcodes == ("InvalidArgVal", "ConfigModify")
    assert device.media.state == state
    await ask(_request(await ask(etree.Element(get)), ""))
    assert device.media.metadata.events
    assert device.media.metadata.filter == ""
