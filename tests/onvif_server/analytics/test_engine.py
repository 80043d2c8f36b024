"""The configuration that media profiles hold, as the Media service writes it."""

from __future__ import annotations

from lxml import etree

from onvif_server.analytics import RULE_SOURCE, configuration
from onvif_server.soap import Envelope
from onvif_server.wsdl import MEDIA, types
from tests.onvif_server.schema import reply_problems

TT = {"tt": "http://www.onvif.org/ver10/schema"}


def test_the_configuration_is_valid_and_names_what_events_name() -> None:
    operations = {operation.name: operation for operation in types().operations(MEDIA)}
    envelope = Envelope("1.2")
    operations["GetVideoAnalyticsConfigurations"].render(envelope.body, {"Configurations": [configuration()]})
    data = envelope.reply().data
    assert reply_problems(data) == []
    reply = etree.fromstring(data)[0][0]
    assert reply[0].get("token") == RULE_SOURCE["VideoAnalyticsConfigurationToken"]
    rules = [rule.get("Name") for rule in reply.iter(f"{{{TT['tt']}}}Rule")]
    assert rules == [RULE_SOURCE["Rule"]]
    modules = [module.get("Type") for module in reply.iter(f"{{{TT['tt']}}}AnalyticsModule")]
    assert modules == ["garim:ObjectTracker"]
