"""The device as a machine: its clock, reboot and reset."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from zeep.exceptions import Fault

from onvif_server import reboot
from onvif_server.wsdl import DEVICE

MIDNIGHT = {"Time": {"Hour": 0, "Minute": 0, "Second": 4}, "Date": {"Year": 2026, "Month": 1, "Day": 1}}


def _set(
    kind: str = "NTP", zone: str | None = None, saving: bool = True, moment: object = None
) -> dict[str, Any]:
    time_zone = None if zone is None else {"TZ": zone}
    return {"DateTimeType": kind, "DaylightSavings": saving, "TimeZone": time_zone, "UTCDateTime": moment}


async def test_who_it_is(device: Any, running: Any) -> None:
    found = await device("GetDeviceInformation")
    assert (found.Manufacturer, found.SerialNumber) == ("Garim", running.device.identity.serial)
    assert found.FirmwareVersion


async def test_the_time_is_utc(device: Any, running: Any) -> None:
    running.clock.advance(3723)
    found = (await device("GetSystemDateAndTime")).UTCDateTime
    assert (found.Time.Hour, found.Time.Minute, found.Time.Second) == (1, 2, 3)
    assert (found.Date.Year, found.Date.Month, found.Date.Day) == (2026, 1, 1)


@pytest.mark.parametrize(
    ("zone", "saving", "local"),
    [
        ("KST-9", False, (21, 0, False)),
        ("EST5EDT,M3.2.0,M11.1.0", True, (8, 0, True)),
        ("EST5EDT,M3.2.0,M11.1.0", False, (7, 0, False)),
        ("EST5EDT", True, (8, 0, True)),
        ("<+0330>-3:30", True, (15, 30, False)),
    ],
)
async def test_a_time_zone_acts(
    device: Any, running: Any, zone: str, saving: bool, local: tuple[int, int, bool]
) -> None:
    await device("SetSystemDateAndTime", **_set(zone=zone, saving=saving))
    running.clock.advance(181 * 86400 + 12 * 3600)  # noon UTC of 1 July 2026
    found = await device("GetSystemDateAndTime")
    time = found.LocalDateTime.Time
    assert (found.UTCDateTime.Time.Hour, found.TimeZone.TZ) == (12, zone)
    assert (time.Hour, time.Minute, found.DaylightSavings) == local


async def test_setting_the_time_that_it_is_succeeds(device: Any, running: Any) -> None:
    await device("SetSystemDateAndTime", **_set("Manual", moment=MIDNIGHT))
    assert (await device("GetSystemDateAndTime")).DateTimeType == "NTP"


@pytest.mark.parametrize(
    ("arguments", "fault"),
    [
        (
            _set("Manual", moment={**MIDNIGHT, "Date": {"Year": 2027, "Month": 1, "Day": 1}}),
            "OperationProhibited",
        ),
        (_set("Manual"), "InvalidArgVal/InvalidDateTime"),
        (
            _set("Manual", moment={**MIDNIGHT, "Date": {"Year": 2026, "Month": 2, "Day": 30}}),
            "InvalidArgVal/InvalidDateTime",
        ),
        (
            _set("Manual", moment={**MIDNIGHT, "Time": {"Hour": 25, "Minute": 0, "Second": 0}}),
            "InvalidArgVal/InvalidDateTime",
        ),
        (_set(zone="Mars"), "InvalidArgVal/InvalidTimeZone"),
        (_set(zone="A" * 200 + "0"), "InvalidArgVal/InvalidTimeZone"),
        (_set(zone="EST5EDT,M3.2.0,M13.1.0"), "InvalidArgVal/InvalidTimeZone"),
        (_set("Sundial"), "InvalidArgVal"),
    ],
)
async def test_what_is_no_time_and_another_time_are_refused(
    device: Any, refused: Any, arguments: dict[str, Any], fault: str
) -> None:
    before = (await device("GetSystemDateAndTime")).TimeZone.TZ
    assert await refused("SetSystemDateAndTime", **arguments) == fault
    assert before == (await device("GetSystemDateAndTime")).TimeZone.TZ


async def test_a_reboot_leaves_and_comes_back(
    device: Any, running: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reboot, "DELAY", 0.0)
    said: list[str] = []
    back = asyncio.Event()

    def hear(kind: str) -> None:
        said.append(kind)
        if kind == "Hello":
            back.set()

    running.device.presence.listen(hear)
    assert await device("SystemReboot") == "Garim restarts this camera"
    await asyncio.wait_for(back.wait(), 10)
    assert said == ["Bye", "Hello"]


@pytest.mark.parametrize(("kind", "name"), [("Hard", False), ("Soft", True)])
async def test_a_factory_reset_forgets_what_clients_have_set(
    device: Any, running: Any, kind: str, name: bool
) -> None:
    first = running.device.scopes
    identity = (await device("GetEndpointReference")).GUID
    await device("SetHostname", Name="yard")
    await device("SetScopes", Scopes=["onvif://www.onvif.org/location/yard"])
    await device("SetSystemDateAndTime", **_set(zone="KST-9"))
    guest = {"Username": "guest", "Password": "a long password", "UserLevel": "User"}
    await device("CreateUsers", User=[guest])
    await device("SetSystemFactoryDefault", FactoryDefault=kind)
    assert running.device.scopes == first
    assert ((await device("GetHostname")).Name == "yard") is name
    assert [each.Username for each in await device("GetUsers")] == ["operator"]
    assert identity == (await device("GetEndpointReference")).GUID
    assert set(running.store._sections) == ({"hostname"} if name else set())


@pytest.mark.parametrize("operation", ["GetSystemLog", "GetZeroConfiguration"])
async def test_what_is_absent_is_not_implemented(client: Any, operation: str) -> None:
    arguments = {"LogType": "System"} if operation == "GetSystemLog" else {}
    with pytest.raises(Fault, match="not implemented") as caught:
        await client(DEVICE)(operation, **arguments)
    assert [each.localname for each in caught.value.subcodes] == ["ActionNotSupported"]
