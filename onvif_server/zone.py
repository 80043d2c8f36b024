"""The host's time zone, as ONVIF wants it: POSIX 1003.1 text such as KST-9."""

from __future__ import annotations

import os
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
