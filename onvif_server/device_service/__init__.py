"""The Device service (ONVIF Core, devicemgmt.wsdl): several objects with a method for each operation."""

from __future__ import annotations

from collections.abc import Sequence

from onvif_server.device_service.capabilities import PATH as PATH
from onvif_server.device_service.capabilities import CapabilityOperations
from onvif_server.device_service.capabilities import xaddr as xaddr
from onvif_server.device_service.discovery import DiscoveryOperations
from onvif_server.device_service.facts import MANUFACTURER as MANUFACTURER
from onvif_server.device_service.facts import MODEL as MODEL
from onvif_server.device_service.facts import Facts as Facts
from onvif_server.device_service.network import NetworkOperations
from onvif_server.device_service.system import SystemOperations
from onvif_server.device_service.users import UserOperations
from onvif_server.services import Service
from onvif_server.wsdl import Types


def device_service(facts: Facts, types: Types, services: Sequence[Service]) -> tuple[object, ...]:
    """The Device service of one virtual device, which tells of all the other `services`."""
    return (
        CapabilityOperations(types, services, facts.ports),
        DiscoveryOperations(facts),
        NetworkOperations(facts),
        SystemOperations(facts),
        UserOperations(facts.accounts),
    )
