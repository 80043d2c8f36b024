"""What an overlay says at a given time, in the date and time formats of ONVIF (tt:OSDTextConfiguration)."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, tzinfo

from vcam.base.rendition import Overlay

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_PARTS: dict[str, Callable[[datetime], str]] = {
    "dddd": lambda at: _DAYS[at.weekday()],
    "dd": lambda at: f"{at.day:02d}",
    "d": lambda at: str(at.day),
    "MMMM": lambda at: _MONTHS[at.month - 1],
    "MM": lambda at: f"{at.month:02d}",
    "M": lambda at: str(at.month),
    "yyyy": lambda at: f"{at.year:04d}",
    "HH": lambda at: f"{at.hour:02d}",
    "H": lambda at: str(at.hour),
    "hh": lambda at: f"{(at.hour - 1) % 12 + 1:02d}",
    "h": lambda at: str((at.hour - 1) % 12 + 1),
    "mm": lambda at: f"{at.minute:02d}",
    "ss": lambda at: f"{at.second:02d}",
    "tt": lambda at: "AM" if at.hour < 12 else "PM",
}
_FORM = re.compile("|".join(_PARTS))
LONGEST = 200
"""Characters of one line; what is longer is cut."""


def words(overlay: Overlay, time: int, zone: tzinfo | None) -> str:
    """The line that `overlay` shows at `time` (microseconds UTC) in `zone`, None for that of this machine.

    Names of days and months are English, as ONVIF writes them. What cannot be printed is left out.
    """
    said = [overlay.text]
    if overlay.kind != "plain":
        at = datetime.fromtimestamp(time // 1_000_000, UTC).astimezone(zone)
        date = _at(overlay.date_format, at) if overlay.kind != "time" else ""
        clock = _at(overlay.time_format, at) if overlay.kind != "date" else ""
        said = [date, clock, overlay.text]
    line = " ".join(part for part in said if part)
    return "".join(character for character in line if character.isprintable())[:LONGEST]


def _at(form: str, at: datetime) -> str:
    return _FORM.sub(lambda part: _PARTS[part[0]](at), form)
