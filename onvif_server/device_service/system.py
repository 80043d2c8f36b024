"""A device as a machine: what it is, its clock, reboot and reset."""

# ruff: noqa: ARG002, N802, N803  Methods bear the names of the WSDL, and take what all of them take.

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from onvif_server.device_service.facts import MANUFACTURER, MODEL, Facts
from onvif_server.dispatch import Call
from onvif_server.soap import Fault, invalid
from onvif_server.store import kept
from onvif_server.zone import Zone, posix_zone

TOLERANCE = 10.0
"""Seconds by which a time that a client sets may differ from ours and still count as the same."""

_SECTION = "time zone"


@dataclass(frozen=True, slots=True)
class _Zone:
    """The time zone that a client has set, and whether its rules for daylight saving time hold."""

    posix: str = ""
    saving: bool = True


def _moment(time: datetime) -> dict[str, dict[str, int]]:
    return {
        "Time": {"Hour": time.hour, "Minute": time.minute, "Second": time.second},
        "Date": {"Year": time.year, "Month": time.month, "Day": time.day},
    }


def _time(value: Any) -> datetime:
    """The moment that a tt:DateTime names. Raises Fault."""
    try:
        date, time = value.Date, value.Time
        # A leap second is the last one before the next minute.
        return datetime(
            date.Year, date.Month, date.Day, time.Hour, time.Minute, min(time.Second, 59), tzinfo=UTC
        )
    except (AttributeError, TypeError, ValueError, OverflowError):
        raise invalid("The date or time is none", "InvalidDateTime") from None


class SystemOperations:
    """Operations on the machine."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts

    async def GetDeviceInformation(self, call: Call) -> dict[str, object]:
        return {
            "Manufacturer": MANUFACTURER,
            "Model": MODEL,
            "FirmwareVersion": self._facts.version,
            "SerialNumber": self._facts.identity.serial,
            "HardwareId": MODEL,
        }

    async def GetSystemDateAndTime(self, call: Call) -> dict[str, object]:
        now = self._now()
        zone = self._zone()
        local = now.astimezone(zone.info)
        return {
            "SystemDateAndTime": {
                "DateTimeType": "NTP",
                "DaylightSavings": bool(local.dst()),
                "TimeZone": {"TZ": zone.posix},
                "UTCDateTime": _moment(now),
                "LocalDateTime": _moment(local),
            }
        }

    async def SetSystemDateAndTime(
        self, call: Call, DateTimeType: str, DaylightSavings: bool, TimeZone: Any, UTCDateTime: Any
    ) -> dict[str, object]:
        """Set the time zone; the time itself is the host's, which all cameras and recordings share.

        A client that sets the time that it is, as NVRs do to keep cameras in step, succeeds; another time is refused,
        and the device goes on as synchronised (DateTimeType NTP), which is what it was told when asked.
        """
        zone = None
        if TimeZone is not None:
            zone = _Zone((TimeZone.TZ or "").strip(), bool(DaylightSavings))
            try:
                posix_zone(zone.posix, zone.saving)
            except ValueError:
                raise invalid("The time zone is not one of IEEE 1003.1", "InvalidTimeZone") from None
        if DateTimeType == "Manual":
            if UTCDateTime is None:
                raise invalid("Setting the time needs UTCDateTime", "InvalidDateTime")
            if abs((_time(UTCDateTime) - self._now()).total_seconds()) > TOLERANCE:
                reason = "The time is that of the host that runs Garim; set the host's clock"
                raise Fault("Sender", ("OperationProhibited",), reason)
        if zone is not None:
            self._facts.store.write(_SECTION, asdict(zone))
        return {}

    async def SystemReboot(self, call: Call) -> dict[str, object]:
        self._facts.reboot()
        return {"Message": "Garim restarts this camera"}

    async def SetSystemFactoryDefault(self, call: Call, FactoryDefault: str) -> dict[str, object]:
        """Forget what clients have set. Identity and the settings' user stay; Soft keeps the host name."""
        await self._facts.reset(FactoryDefault == "Hard")
        self._facts.reboot()
        return {}

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self._facts.clock.utc() // 1_000_000, UTC)

    def _zone(self) -> Zone:
        zone = kept(self._facts.store, _SECTION, _Zone, _Zone())
        return posix_zone(zone.posix, zone.saving) if zone.posix else self._facts.zone
