"""Who may call which operation: the default access policy of ONVIF Core, by access class and user level."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, auto
from typing import Literal

from lxml import etree

from onvif_server.wsdl import ANALYTICS, DEVICE, DEVICEIO, EVENTS, IMAGING, MEDIA, MEDIA2, PTZ, WSNT

Level = Literal["Administrator", "Operator", "User"]
"""tt:UserLevel of those who can log in."""


class Access(Enum):
    """What an operation does, as far as rights go.

    PRE_AUTH needs no credentials; READ_SYSTEM reads settings, READ_SYSTEM_SENSITIVE those that help an attacker,
    READ_SYSTEM_SECRET secret ones; WRITE_SYSTEM changes settings, UNRECOVERABLE what cannot be undone; READ_MEDIA
    reads media, their settings and events; ACTUATE changes those, or moves something.
    """

    PRE_AUTH = auto()
    READ_SYSTEM = auto()
    READ_SYSTEM_SENSITIVE = auto()
    READ_SYSTEM_SECRET = auto()
    WRITE_SYSTEM = auto()
    UNRECOVERABLE = auto()
    READ_MEDIA = auto()
    ACTUATE = auto()


_BY_USERS = frozenset({Access.PRE_AUTH, Access.READ_SYSTEM, Access.READ_MEDIA})
_BY_OPERATORS = _BY_USERS | {Access.READ_SYSTEM_SENSITIVE, Access.ACTUATE}
_ALLOWED: Mapping[Level, frozenset[Access]] = {
    "User": _BY_USERS,
    "Operator": _BY_OPERATORS,
    "Administrator": frozenset(Access),
}

_DEVICE = {
    Access.PRE_AUTH: """GetWsdlUrl GetServices GetServiceCapabilities GetCapabilities GetHostname
        GetSystemDateAndTime GetEndpointReference""",
    Access.READ_SYSTEM: """GetDeviceInformation GetScopes GetDiscoveryMode GetRemoteDiscoveryMode GetDPAddresses
        GetDNS GetNTP GetDynamicDNS GetNetworkInterfaces GetNetworkProtocols GetNetworkDefaultGateway
        GetZeroConfiguration GetGeoLocation""",
    Access.READ_MEDIA: "GetRelayOutputs",
    Access.ACTUATE: "SetRelayOutputSettings SetRelayOutputState SendAuxiliaryCommand",
    Access.READ_SYSTEM_SECRET: """GetUsers GetRemoteUser GetAccessPolicy GetSystemLog GetSystemSupportInformation
        GetSystemUris GetSystemBackup""",
    Access.WRITE_SYSTEM: """SetSystemDateAndTime SetScopes AddScopes RemoveScopes SetDiscoveryMode
        SetRemoteDiscoveryMode SetDPAddresses SetHostname SetHostnameFromDHCP SetDNS SetNTP SetDynamicDNS
        SetNetworkInterfaces SetNetworkProtocols SetNetworkDefaultGateway SetZeroConfiguration CreateUsers DeleteUsers
        SetUser SetRemoteUser SetAccessPolicy SetGeoLocation DeleteGeoLocation""",
    Access.UNRECOVERABLE: """SystemReboot SetSystemFactoryDefault UpgradeSystemFirmware StartFirmwareUpgrade
        RestoreSystem StartSystemRestore""",
}
"""The Device service's operations; whatever is not named is for administrators."""
_CLASSES = {f"{{{DEVICE}}}{name}": access for access, names in _DEVICE.items() for name in names.split()}

_MEDIA = frozenset({MEDIA, MEDIA2, PTZ, IMAGING, DEVICEIO, ANALYTICS})
"""Services whose operations read media when they get something, and actuate otherwise."""
_READERS = {f"{{{namespace}}}SetSynchronizationPoint" for namespace in (MEDIA, MEDIA2, EVENTS)} | {
    f"{{{EVENTS}}}{name}"
    for name in ("CreatePullPointSubscription", "PullMessages", "Seek", "GetEventProperties")
}
"""Operations that read media, whatever their names say."""


def access_class(request: str) -> Access:
    """The class of the operation whose request is the element `request`, in Clark's notation."""
    name = etree.QName(request)
    if request in _CLASSES:
        return _CLASSES[request]
    if name.localname == "GetServiceCapabilities":
        return Access.PRE_AUTH
    # Subscriptions are made, kept and ended by those who may read events.
    if request in _READERS or name.namespace == WSNT:
        return Access.READ_MEDIA
    if name.namespace in _MEDIA:
        return Access.READ_MEDIA if name.localname.startswith("Get") else Access.ACTUATE
    return Access.WRITE_SYSTEM


def configures(request: str, access: Access) -> bool:
    """Whether the operation of that class sets something that lasts. Movements, which actuate too, do not."""
    name = etree.QName(request)
    if name.namespace == PTZ:
        return name.localname.startswith(("Set", "Remove"))
    return not name.localname.startswith("Get") and access in {
        Access.WRITE_SYSTEM,
        Access.UNRECOVERABLE,
        Access.ACTUATE,
    }


def may(level: Level | None, access: Access) -> bool:
    """Whether a user of `level`, None for nobody, may call operations of this class."""
    return access is Access.PRE_AUTH if level is None else access in _ALLOWED[level]
