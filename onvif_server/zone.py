"""The host's time zone, as ONVIF wants it: POSIX 1003.1 text such as KST-9."""

from __future__ import annotations

import io
import os
import re
import struct
from dataclasses import dataclass
from datetime import UTC, tzinfo
from pathlib import Path
from zoneinfo import TZPATH, ZoneInfo


@dataclass(frozen=True, slots=True)
class Zone:
    """A time zone. `posix` is its rule as text, `info` the same for calculation."""

    posix: str
    info: tzinfo


_UTC = Zone("UTC0", UTC)
_STANDARD = re.compile(r"([A-Za-z]{3,}|<[A-Za-z0-9+-]{3,}>)[+-]?[0-9]{1,2}(:[0-9]{2}){0,2}")
_SAVING = re.compile(
    _STANDARD.pattern + r"([A-Za-z]{3,}|<[A-Za-z0-9+-]{3,}>)([+-]?[0-9]{1,2}(:[0-9]{2}){0,2})?"
)
_DEFAULT_RULE = ",M3.2.0,M11.1.0"
"""When daylight saving time holds where the text does not say (as the C library has it)."""
_LONGEST = 100


def read_zone(path: Path) -> Zone:
    """The zone of a TZif file (RFC 9636): its last line is the POSIX text. UTC when it is absent or none."""
    try:
        data = path.read_bytes()
        with path.open("rb") as file:
            info = ZoneInfo.from_file(file)
        footer = data.rstrip(b"\n").rpartition(b"\n")[2].decode("ascii")
    except (OSError, ValueError, struct.error):
        return _UTC
    return Zone(footer, info) if data[4:5] >= b"2" and footer else _UTC


def host_zone() -> Zone:
    """The zone of this process: that of TZ when it names one, else the host's."""
    name = os.environ.get("TZ", "").removeprefix(":")
    if not name:
        return read_zone(Path("/etc/localtime"))
    for folder in TZPATH:
        path = Path(folder, name)
        if path.is_file():
            return read_zone(path)
    return _UTC


def posix_zone(text: str, saving: bool = True) -> Zone:
    """The zone of a text such as EST5EDT,M3.2.0,M11.1.0 (IEEE 1003.1, section 8.3).

    Without `saving` its rules for daylight saving time are passed over. Raises ValueError.
    """
    standard = _STANDARD.match(text)
    if standard is None or len(text) > _LONGEST or not text.isascii():
        raise ValueError("no POSIX time zone")
    rule = text + _DEFAULT_RULE if _SAVING.fullmatch(text) else text
    info = _read_rule(rule)
    return Zone(text, info if saving else _read_rule(standard[0]))


def _read_rule(rule: str) -> tzinfo:
    """Have zoneinfo read `rule` as the last line of a TZif file without transitions (RFC 9636)."""
    part = b"TZif2" + bytes(15) + struct.pack(">6L", 0, 0, 0, 0, 1, 1) + struct.pack(">lBBx", 0, 0, 0)
    return ZoneInfo.from_file(io.BytesIO(part + part + b"\n" + rule.encode("ascii") + b"\n"))
