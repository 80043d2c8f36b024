"""Text drawn into the picture (tt:OSDConfiguration)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from onvif_server.soap import invalid
from vcam.base.rendition import Overlay, OverlayKind

Position = Literal["UpperLeft", "UpperRight", "LowerLeft", "LowerRight", "Custom"]

MOST = 8
"""Texts at the most."""
TEXT_TYPES: dict[str, OverlayKind] = {
    "Plain": "plain",
    "Date": "date",
    "Time": "time",
    "DateAndTime": "date_and_time",
}
CORNERS: dict[str, tuple[float, float]] = {
    "UpperLeft": (-1.0, 1.0),
    "UpperRight": (1.0, 1.0),
    "LowerLeft": (-1.0, -1.0),
    "LowerRight": (1.0, -1.0),
}
DATE_FORMATS = (
    "yyyy-MM-dd",
    "yyyy/MM/dd",
    "M/d/yyyy",
    "MM/dd/yyyy",
    "dd/MM/yyyy",
    "dddd, MMMM dd, yyyy",
    "MMMM dd, yyyy",
    "dd MMMM, yyyy",
)
TIME_FORMATS = ("HH:mm:ss", "H:mm:ss", "hh:mm:ss tt", "h:mm:ss tt")
"""All that tt:OSDTextConfiguration names."""
SIZES = (10, 100)
"""Least and most font size, in thousandths of the picture's height."""
TEXT_LIMIT = 128
"""Characters of a text at the most."""


@dataclass(frozen=True, slots=True)
class Osd:
    """One text. `overlay` has its token and says what is drawn and where; `position` how the client put that."""

    overlay: Overlay
    position: Position = "Custom"

    @property
    def token(self) -> str:
        return self.overlay.token


@dataclass(frozen=True, slots=True)
class OsdValues:
    """A text as a client asks for it; None where it leaves the choice to the device."""

    position: str
    place: tuple[float, float] | None
    text_type: str
    text: str | None = None
    date_format: str | None = None
    time_format: str | None = None
    size: int | None = None


def osd(token: str, wanted: OsdValues, before: Osd | None = None) -> Osd:
    """The text that a client wants, with what it does not say as it was `before`. Raises Fault."""
    kind = TEXT_TYPES.get(wanted.text_type)
    if kind is None:
        raise _refused(f"Text of type {wanted.text_type} cannot be drawn; {', '.join(TEXT_TYPES)} can")
    position, x, y = _place(wanted)
    text = _text(wanted.text or "")
    if kind == "plain" and not text:
        raise _refused("A plain text must not be empty")
    old = before.overlay if before else Overlay(token)
    size = old.size if wanted.size is None else min(max(wanted.size, SIZES[0]), SIZES[1])
    overlay = replace(
        old,
        token=token,
        kind=kind,
        text=text,
        x=x,
        y=y,
        size=size,
        date_format=_format(wanted.date_format, DATE_FORMATS, old.date_format),
        time_format=_format(wanted.time_format, TIME_FORMATS, old.time_format),
    )
    return Osd(overlay, position)


def _place(wanted: OsdValues) -> tuple[Position, float, float]:
    if wanted.position == "Custom":
        if wanted.place is None:
            raise _refused("A custom position must say where it is")
        x, y = wanted.place
        if not (-1 <= x <= 1 and -1 <= y <= 1):
            raise _refused("A position lies between -1 and 1")
        return "Custom", x, y
    for position in ("UpperLeft", "UpperRight", "LowerLeft", "LowerRight"):
        if position == wanted.position:
            return position, *CORNERS[position]
    raise _refused(f"{wanted.position!r} is no position of a text")


def _text(text: str) -> str:
    if len(text) > TEXT_LIMIT or not text.isprintable():
        raise _refused(f"A text is one line of at most {TEXT_LIMIT} characters")
    return text


def _format(wanted: str | None, offered: tuple[str, ...], before: str) -> str:
    if not wanted:
        return before
    if wanted not in offered:
        raise _refused(f"The format {wanted!r} is not offered; {', '.join(offered)} are")
    return wanted


def _refused(reason: str) -> Exception:
    return invalid(reason, "ConfigModify")
