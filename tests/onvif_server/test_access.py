"""The default access policy: whatever is not known to be harmless is for administrators."""

from __future__ import annotations

import pytest
from lxml import etree

from onvif_server.access import _CLASSES, Access, access_class, may
from onvif_server.wsdl import (
    ANALYTICS,
    DEVICE,
    DEVICEIO,
    EVENTS,
    FILES,
    IMAGING,
    MEDIA,
    MEDIA2,
    PTZ,
    WSNT,
    types,
)

ALL = sorted({operation.request for namespace in FILES for operation in types().operations(namespace)})
SUBSCRIBES = {
    "CreatePullPointSubscription",
    "PullMessages",
    "Seek",
    "SetSynchronizationPoint",
}


def test_the_table_names_operations_of_the_standard() -> None:
    assert set(_CLASSES) <= set(ALL)


@pytest.mark.parametrize(
    ("namespace", "name", "access"),
    [
        (DEVICE, "GetSystemDateAndTime", Access.PRE_AUTH),
        (PTZ, "GetServiceCapabilities", Access.PRE_AUTH),
        (DEVICE, "GetScopes", Access.READ_SYSTEM),
        (DEVICE, "GetUsers", Access.READ_SYSTEM_SECRET),
        (DEVICE, "SetScopes", Access.WRITE_SYSTEM),
        (DEVICE, "SystemReboot", Access.UNRECOVERABLE),
        (DEVICE, "SetRelayOutputState", Access.ACTUATE),
        (DEVICE, "SetCertificatesStatus", Access.WRITE_SYSTEM),
        (MEDIA, "GetProfiles", Access.READ_MEDIA),
        (MEDIA, "CreateProfile", Access.ACTUATE),
        (MEDIA2, "SetVideoEncoderConfiguration", Access.ACTUATE),
        (MEDIA2, "SetSynchronizationPoint", Access.READ_MEDIA),
        (EVENTS, "PullMessages", Access.READ_MEDIA),
        (EVENTS, "AddEventBroker", Access.WRITE_SYSTEM),
        (EVENTS, "GetEventBrokers", Access.WRITE_SYSTEM),
        (WSNT, "Unsubscribe", Access.READ_MEDIA),
        (PTZ, "GetStatus", Access.READ_MEDIA),
        (PTZ, "ContinuousMove", Access.ACTUATE),
        (IMAGING, "SetImagingSettings", Access.ACTUATE),
        (DEVICEIO, "GetDigitalInputs", Access.READ_MEDIA),
        (ANALYTICS, "CreateRules", Access.ACTUATE),
    ],
)
def test_classes(namespace: str, name: str, access: Access) -> None:
    assert access_class(f"{{{namespace}}}{name}") is access


def test_what_is_not_known_is_for_administrators() -> None:
    for name in ("{urn:x}GetEverything", f"{{{DEVICE}}}GetSecretNobodyKnows"):
        assert [may(level, access_class(name)) for level in ("User", "Operator", "Administrator")] == [
            False,
            False,
            True,
        ]


@pytest.mark.parametrize("request_name", ALL)
def test_users_change_nothing(request_name: str) -> None:
    name = etree.QName(request_name)
    access = access_class(request_name)
    if may("User", access):
        reads = name.localname.startswith("Get") or name.localname in SUBSCRIBES
        assert reads or name.namespace == WSNT
    if may(None, access):
        assert name.localname.startswith("Get")


def test_each_level_may_what_the_one_below_may() -> None:
    for access in Access:
        allowed = [may(level, access) for level in (None, "User", "Operator", "Administrator")]
        assert allowed == sorted(allowed)
        assert allowed[-1]
