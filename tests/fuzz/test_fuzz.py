"""A short campaign finds nothing, and would have found what is planted."""

from __future__ import annotations

from typing import Any

import pytest

from onvif_server import wsd
from onvif_server.device_service.discovery import DiscoveryOperations
from onvif_server.device_service.network import NetworkOperations
from onvif_server.rtsp import transport
from tests.fuzz.campaign import campaign
from tests.fuzz.subject import CAMERA

CASES = 2400


def _tell(_text: str) -> None:
    """Nobody listens."""


async def test_spoilt_messages_do_no_harm() -> None:
    outcome = await campaign(CASES, 4, _tell)
    assert sum(outcome.cases.values()) == CASES
    assert not outcome.findings, "\n".join(finding.text() for finding in outcome.findings)
    assert not outcome.grown, (outcome.rss, outcome.top)


async def test_a_planted_crash_is_found_at_every_door(monkeypatch: pytest.MonkeyPatch) -> None:
    names: dict[str, str] = {}
    items: list[Any] = []

    async def names_no_name(self: object, call: object, **arguments: object) -> dict[str, object]:
        return {"Scopes": names["absent"]}

    def indexes_nothing(value: str) -> list[Any]:
        return [items[len(value)]]

    def divides(question: object, target: object) -> bool:
        return bool(1 // len(items))

    monkeypatch.setattr(DiscoveryOperations, "GetScopes", names_no_name)
    monkeypatch.setattr(transport, "parse", indexes_nothing)
    monkeypatch.setattr(wsd, "asks_for", divides)
    outcome = await campaign(CASES, 4, _tell)
    found = {(finding.kind, finding.where.partition(" ")[0]) for finding in outcome.findings}
    assert {("soap", "KeyError"), ("rtsp", "IndexError"), ("discovery", "ZeroDivisionError")} <= found


async def test_a_planted_leak_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    async def tells(self: object, call: object) -> dict[str, object]:
        return {"HostnameInformation": {"FromDHCP": False, "Name": CAMERA["camera's address"]}}

    monkeypatch.setattr(NetworkOperations, "GetHostname", tells)
    outcome = await campaign(CASES // 3, 4, _tell)
    assert {finding.where for finding in outcome.findings} == {"leak of camera's address"}


async def test_planted_growth_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    kept: list[bytes] = []
    read = wsd.read

    def keeps(datagram: bytes) -> Any:
        kept.append(b"x" * 1_000_000)
        return read(datagram)

    monkeypatch.setattr(wsd, "read", keeps)
    outcome = await campaign(CASES // 3, 4, _tell)
    assert outcome.grown
