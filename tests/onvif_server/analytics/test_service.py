"""The Analytics service: replies are valid, and what is fixed cannot be changed."""

from __future__ import annotations

import pytest
from lxml import etree

from onvif_server.analytics import RULE_SOURCE, AnalyticsService
from onvif_server.dispatch import Call, Dispatcher
from onvif_server.metadata import OBJECT_TYPES
from onvif_server.soap import Fault, read
from onvif_server.topic import CELL_MOTION_TOPIC
from onvif_server.wsdl import ANALYTICS, types
from tests.onvif_server.schema import reply_problems
from vcam.base.clock import ManualClock

NAMES = {"tan": ANALYTICS, "tt": "http://www.onvif.org/ver10/schema"}
TOKEN = "<tan:ConfigurationToken>analytics</tan:ConfigurationToken>"


async def ask(operation: str, inner: str = "") -> etree._Element:
    """The element in the body of a valid reply. Raises Fault."""
    soap = "http://www.w3.org/2003/05/soap-envelope"
    declared = " ".join(f'xmlns:{prefix}="{namespace}"' for prefix, namespace in NAMES.items())
    body = f"<tan:{operation}>{inner}</tan:{operation}>"
    request = read(f'<e:Envelope xmlns:e="{soap}" {declared}><e:Body>{body}</e:Body></e:Envelope>'.encode())
    dispatcher = Dispatcher(types(), {ANALYTICS: AnalyticsService(ManualClock())})
    call = Call("127.0.0.1:80", "127.0.0.1", "127.0.0.1", "operator", request=request, level="Operator")
    reply = await dispatcher.answer(request, call)
    assert reply_problems(reply.data) == []
    return etree.fromstring(reply.data)[-1][0]


def config(kind: str, name: str, of: str) -> str:
    """A token and a tt:Config of ONVIF's type `of`."""
    parameters = "<tt:Parameters><tt:SimpleItem Name='a' Value='1'/></tt:Parameters>"
    return f"{TOKEN}<tan:{kind} Name='{name}' Type='tt:{of}'>{parameters}</tan:{kind}>"


def items(element: etree._Element) -> dict[str | None, str | None]:
    return {item.get("Name"): item.get("Value") for item in element.iterfind(".//tt:SimpleItem", NAMES)}


async def test_the_motion_rule_is_described_and_there() -> None:
    described = await ask("GetSupportedRules", TOKEN)
    (rule,) = described.findall("tan:SupportedRules/tt:RuleDescription", NAMES)
    assert (rule.get("Name"), rule.get("fixed"), rule.get("maxInstances")) == (
        "tt:CellMotionDetector",
        "true",
        "1",
    )
    message = rule.find("tt:Messages", NAMES)
    assert message is not None
    assert message.findtext("tt:ParentTopic", "", NAMES) == f"tns1:{CELL_MOTION_TOPIC.path}"
    source = message.iterfind("tt:Source/tt:SimpleItemDescription", NAMES)
    assert {item.get("Name") for item in source} == set(RULE_SOURCE)
    (found,) = await ask("GetRules", TOKEN)
    assert (found.get("Name"), found.get("Type")) == (RULE_SOURCE["Rule"], "tt:CellMotionDetector")
    parameters = {item.get("Name") for item in rule.iterfind("tt:Parameters/tt:SimpleItemDescription", NAMES)}
    assert set(items(found)) == parameters
    assert items(found)["ActiveCells"] == "AIA="


async def test_the_modules_are_described_and_there() -> None:
    described = await ask("GetSupportedAnalyticsModules", TOKEN)
    descriptions = described.findall("tan:SupportedAnalyticsModules/tt:AnalyticsModuleDescription", NAMES)
    found = list(await ask("GetAnalyticsModules", TOKEN))
    assert [each.get("Name") for each in descriptions] == [each.get("Type") for each in found]
    assert [each.get("Type") for each in found] == ["garim:ObjectTracker"]
    assert found[0].nsmap["garim"] == "urn:garim:analytics"


async def test_the_sample_shows_every_type_in_the_upper_left_quarter() -> None:
    for kind in ("", "<tan:Type xmlns:g='urn:garim:analytics'>g:ObjectTracker</tan:Type>"):
        (module,) = await ask("GetSupportedMetadata", kind)
        assert module.get("Type") == "garim:ObjectTracker"
        assert {each.text for each in module.iter(f"{{{NAMES['tt']}}}Type")} == set(OBJECT_TYPES.values())
        for box in module.iter(f"{{{NAMES['tt']}}}BoundingBox"):
            assert float(box.get("right", "")) <= 0 <= float(box.get("bottom", ""))


async def test_what_would_change_nothing_passes() -> None:
    rule = '<tan:Rule Name="Motion" Type="tt:CellMotionDetector"><tt:Parameters>{}</tt:Parameters></tan:Rule>'
    await ask("ModifyRules", TOKEN + rule.format('<tt:SimpleItem Name="MinCount" Value="1"/>'))
    with pytest.raises(Fault) as caught:
        await ask("ModifyRules", TOKEN + rule.format('<tt:SimpleItem Name="MinCount" Value="2"/>'))
    assert caught.value.subcodes == ("Action", "ConfigurationConflict")


@pytest.mark.parametrize(
    ("operation", "inner", "subcode"),
    [
        ("GetRules", "<tan:ConfigurationToken>x</tan:ConfigurationToken>", "NoConfig"),
        ("GetSupportedMetadata", "<tan:Type>tt:Nothing</tan:Type>", "TypeNotExistent"),
        (
            "CreateRules",
            config("Rule", "a", "LineDetector"),
            "FixedRules",
        ),
        ("DeleteRules", TOKEN + "<tan:RuleName>Motion</tan:RuleName>", "FixedRules"),
        ("DeleteRules", TOKEN + "<tan:RuleName>Other</tan:RuleName>", "RuleNotExistent"),
        (
            "ModifyRules",
            config("Rule", "Other", "LineDetector"),
            "RuleNotExistent",
        ),
        (
            "ModifyRules",
            config("Rule", "Motion", "LineDetector"),
            "TypeChangeProhibited",
        ),
        (
            "CreateAnalyticsModules",
            config("AnalyticsModule", "a", "X"),
            "FixedModules",
        ),
        (
            "DeleteAnalyticsModules",
            TOKEN + "<tan:AnalyticsModuleName>Objects</tan:AnalyticsModuleName>",
            "FixedModules",
        ),
        (
            "ModifyAnalyticsModules",
            config("AnalyticsModule", "a", "X"),
            "NameNotExistent",
        ),
    ],
)
async def test_refusals(operation: str, inner: str, subcode: str) -> None:
    with pytest.raises(Fault) as caught:
        await ask(operation, inner)
    assert caught.value.subcodes[-1] == subcode
