"""A minimal valid request for every operation that a device serves, with tokens that the device itself has told."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from lxml import etree
from zeep import xsd
from zeep.xsd.elements.indicators import Choice, Indicator

from onvif_server.wsdl import DEVICE, MEDIA, Operation

PASSWORD = "a long enough password"

GIVEN: Mapping[str, Mapping[str, str]] = {
    "SetHostname": {"Name": "front-door"},
    "SetScopes": {"Scopes": "onvif://www.onvif.org/location/yard"},
    "AddScopes": {"ScopeItem": "onvif://www.onvif.org/location/yard"},
    "RemoveScopes": {"ScopeItem": "onvif://www.onvif.org/name/Front%20door"},
    "SetSystemDateAndTime": {"DateTimeType": "NTP"},
    "SetNetworkInterfaces": {"InterfaceToken": "eth0", "Enabled": "true"},
    "CreateUsers": {"Username": "guest", "Password": PASSWORD, "UserLevel": "User"},
    "SetUser": {"Username": "guest", "UserLevel": "Operator"},
    "DeleteUsers": {"Username": "guest"},
    "GetStreamUri": {"Stream": "RTP-Unicast", "Protocol": "RTSP"},
    "CreateRules": {"SimpleItem": ""},
    "ModifyRules": {"SimpleItem": ""},
    "DeleteRules": {"RuleName": "Motion"},
    "CreateAnalyticsModules": {"SimpleItem": ""},
    "ModifyAnalyticsModules": {"SimpleItem": ""},
    "DeleteAnalyticsModules": {"AnalyticsModuleName": "Objects"},
    "PullMessages": {"Timeout": "PT0S"},
    "Renew": {"TerminationTime": "PT5S"},
    "Subscribe": {"Address": "http://127.0.0.1:9/"},
    "DeleteProfile": {"ProfileToken": "profile_1", "Token": "profile_1"},
    "RemoveVideoSourceConfiguration": {"ProfileToken": "profile_1"},
    "RemoveConfiguration": {"Type": "Metadata"},
    "AddPTZConfiguration": {"ConfigurationToken": "ptz"},
    "GetVideoEncoderInstances": {"ConfigurationToken": "camera_whole"},
    "GetGuaranteedNumberOfVideoEncoderInstances": {"ConfigurationToken": "camera_whole"},
    "GetOSDOptions": {"ConfigurationToken": "camera_whole"},
    "AbsoluteMove": {"PanTilt": ""},
    "RelativeMove": {"PanTilt": ""},
    "ContinuousMove": {"PanTilt": ""},
    "SetImagingSettings": {"Brightness": "1"},
    "Move": {"Continuous": ""},
    "SetRelayOutputSettings": {"token": "relay_1"},
}
"""Values of elements by operation: of those that are required, and of those that shall be there beside them."""

_OSD = """
<OSD token="osd_1" xmlns:tt="http://www.onvif.org/ver10/schema">
  <tt:VideoSourceConfigurationToken>camera_whole</tt:VideoSourceConfigurationToken>
  <tt:Type>Text</tt:Type>
  <tt:Position><tt:Type>UpperLeft</tt:Type></tt:Position>
  <tt:TextString><tt:Type>Plain</tt:Type><tt:PlainText>Gate 4</tt:PlainText></tt:TextString>
</OSD>
"""
WRITTEN: Mapping[str, str] = {"CreateOSD": _OSD, "SetOSD": _OSD}
"""Content of requests that is written out, but for the service's own namespace."""

ECHOED = {"SetDNS": "GetDNS", "SetNTP": "GetNTP", "SetNetworkDefaultGateway": "GetNetworkDefaultGateway"}
"""Operations that accept what another tells: its reply's content is their request's."""
ECHOED_WHOLE = {"SetNetworkProtocols": "GetNetworkProtocols"}
"""The same where not only the content but the elements themselves are those of the reply."""

AFTER: Mapping[str, str] = {
    "SetUser": "CreateUsers",
    "DeleteUsers": "CreateUsers",
    "DeleteProfile": "CreateProfile",
    "RemoveVideoSourceConfiguration": "CreateProfile",
    "GetOSD": "CreateOSD",
    "SetOSD": "CreateOSD",
    "DeleteOSD": "CreateOSD",
    "PullMessages": "CreatePullPointSubscription",
    "SetSynchronizationPoint": "CreatePullPointSubscription",
    "Renew": "Subscribe",
    "Unsubscribe": "Subscribe",
    "GotoPreset": "SetPreset",
    "RemovePreset": "SetPreset",
}
"""What must have happened before an operation, in services that have that."""

TOLD = {
    "ProfileToken": "GetProfiles",
    "VideoSourceToken": "GetVideoSources",
    "OSDToken": "GetOSDs",
    "NodeToken": "GetNodes",
    "PTZConfigurationToken": "GetConfigurations",
    "PresetToken": "GetPresets",
    "RelayOutputToken": "GetRelayOutputs",
}
"""Which operation tells the token of an element."""

CONFIGURATIONS = {
    "GetGuaranteedNumberOfVideoEncoderInstances": "GetVideoSourceConfigurations",
    "GetVideoEncoderInstances": "GetVideoSourceConfigurations",
    "GetOSDs": "GetVideoSourceConfigurations",
    "GetOSDOptions": "GetVideoSourceConfigurations",
    "CreateOSD": "GetVideoSourceConfigurations",
    **{
        f"{verb}{kind}": "GetVideoAnalyticsConfigurations"
        for verb in ("Get", "GetSupported", "Create", "Delete", "Modify")
        for kind in ("Rules", "AnalyticsModules")
    },
}
"""Which operation tells the ConfigurationToken of another whose name does not say it."""

Ask = Callable[[str, etree._Element], Awaitable[etree._Element]]
"""Sends a request and gives the content of the reply's body."""


@dataclass
class Samples:
    """Makes requests. `operations` are those that the device serves by their requests' names."""

    operations: Mapping[str, Operation]
    ask: Ask
    _tokens: dict[tuple[str, str], str] = field(default_factory=dict)

    async def of(self, operation: Operation) -> etree._Element:
        """A minimal valid request. Whatever must happen before it has happened."""
        namespace = etree.QName(operation.request).namespace or ""
        before = f"{{{namespace}}}{AFTER.get(operation.name)}"
        if before in self.operations:
            await self.ask(before, await self.of(self.operations[before]))
        root = etree.Element(operation.request)
        body = operation._operation.input.body
        if operation.name in WRITTEN:
            child = etree.fromstring(WRITTEN[operation.name])
            child.tag = f"{{{namespace}}}{child.tag}"
            root.append(child)
            return root
        source = ECHOED.get(operation.name) or ECHOED_WHOLE.get(operation.name)
        if source is not None:
            told = await self.ask(source, etree.Element(f"{{{namespace}}}{source}"))
            content = told[0] if operation.name in ECHOED else told
            for child in content:
                local = etree.QName(child).localname
                if local in operation.arguments:
                    child.tag = f"{{{namespace}}}{local}"
                    root.append(child)
            return root
        await self._fill(root, body.type, operation)
        return root

    async def _fill(self, parent: etree._Element, kind: Any, operation: Operation) -> None:
        given = GIVEN.get(operation.name, {})
        for attribute_name, attribute in kind.attributes:
            if getattr(attribute, "required", False):
                text = given.get(attribute_name) or await self._text(attribute_name, attribute.type, operation)
                parent.set(attribute.name, text)
        for element in _wanted(kind, given):
            child = etree.SubElement(parent, element.qname)
            if isinstance(element.type, xsd.ComplexType):
                echo = await self._current(element, operation)
                if echo is not None:
                    child.attrib.update(echo.attrib)
                    child.extend(list(echo))
                else:
                    await self._fill(child, element.type, operation)
                    if not len(child):
                        child.text = given.get(element.name)
            else:
                child.text = given.get(element.name) or await self._text(element.name, element.type, operation)

    async def _current(self, element: Any, operation: Operation) -> etree._Element | None:
        """For SetXConfiguration, the configuration as GetXConfigurations tells it."""
        found = re.fullmatch(r"Set(\w*Configuration)", operation.name)
        namespace = etree.QName(operation.request).namespace
        source = f"{{{namespace}}}Get{found[1]}s" if found else ""
        if element.name not in {"Configuration", "PTZConfiguration"} or source not in self.operations:
            return None
        told = await self.ask(source, etree.Element(source))
        return told[0] if len(told) else None

    async def _text(self, name: str, kind: Any, operation: Operation) -> str:
        if name in TOLD or name == "ConfigurationToken":
            return await self._token(name, operation)
        allowed = operation._service.speller._enumerations.get(str(kind.qname))
        if allowed:
            return min(allowed)
        for types, text in (
            ((xsd.Boolean,), "false"),
            ((xsd.Integer, xsd.Decimal, xsd.Float, xsd.Double), "1"),
            ((xsd.Duration,), "PT5S"),
            ((xsd.DateTime,), "2026-01-01T00:00:00Z"),
        ):
            if isinstance(kind, types):
                return text
        return "x"

    async def _token(self, name: str, operation: Operation) -> str:
        namespace = etree.QName(operation.request).namespace or ""
        source = TOLD.get(name) or CONFIGURATIONS.get(operation.name, "")
        verbs = r"(?:Get|Set|Add|Remove)(?:Compatible)?"
        found = re.match(verbs + r"(\w*?Configuration)s?(?:Options)?$", operation.name)
        if not source and found:
            source = f"Get{found[1]}s"
        for place in (namespace, MEDIA, DEVICE):
            request = f"{{{place}}}{source}"
            if request in self.operations:
                told = await self.ask(source, await self.of(self.operations[request]))
                tokens = [token for each in told if (token := each.get("token"))]
                if tokens:
                    return tokens[0]
        return "x"


def _wanted(kind: Any, given: Mapping[str, str]) -> list[Any]:
    """The elements of a type that are required or given, in their order; of a choice the first or the given one."""
    found: list[Any] = []

    def walk(indicator: Any) -> None:
        children = list(indicator)
        if isinstance(indicator, Choice):
            named = [each for each in children if getattr(each, "name", None) in given]
            children = named[:1] or ([] if indicator.is_optional else children[:1])
        for child in children:
            if isinstance(child, Indicator):
                walk(child)
            elif isinstance(child, xsd.Element) and (not child.is_optional or child.name in given):
                found.append(child)

    for _, nested in kind.elements_nested:
        if isinstance(nested, Indicator):
            walk(nested)
    return found
