"""The Transport header (RFC 2326, 12.39)."""

from __future__ import annotations

import re
from dataclasses import dataclass

_RANGE = re.compile(r"(\d{1,5})(?:-(\d{1,5}))?")
_OFFERS_LIMIT = 16


@dataclass(frozen=True, slots=True)
class Offer:
    """One way of carrying RTP that a client would accept.

    `interleaved` are channels of the RTSP connection and `client_port` UDP ports, of RTP and of RTCP.
    """

    tcp: bool
    multicast: bool = False
    interleaved: tuple[int, int] | None = None
    client_port: tuple[int, int] | None = None
    destination: str | None = None
    record: bool = False


def parse(header: str) -> list[Offer]:
    """The offers of a Transport header, the preferred first; those that cannot be read are left out."""
    offers = (_offer(text) for text in header.split(",")[:_OFFERS_LIMIT])
    return [offer for offer in offers if offer is not None]


def _offer(text: str) -> Offer | None:
    protocol, *parameters = (part.strip() for part in text.split(";"))
    if protocol.upper() not in {"RTP/AVP", "RTP/AVP/UDP", "RTP/AVP/TCP"}:
        return None
    values: dict[str, str] = {}
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        values[name.strip().lower()] = value.strip().strip('"')
    try:
        interleaved = _pair(values.get("interleaved"), 0, 255)
        client_port = _pair(values.get("client_port"), 1024, 65_535)
    except ValueError:
        return None
    return Offer(
        tcp=protocol.upper() == "RTP/AVP/TCP",
        multicast="multicast" in values,
        interleaved=interleaved,
        client_port=client_port,
        destination=values.get("destination"),
        record=values.get("mode", "play").upper() not in {"PLAY", ""},
    )


def _pair(text: str | None, least: int, most: int) -> tuple[int, int] | None:
    """`a-b` or `a` (then b follows a). Raises ValueError when malformed or out of range."""
    if text is None:
        return None
    found = _RANGE.fullmatch(text)
    if found is None:
        raise ValueError(text)
    first = int(found[1])
    second = int(found[2]) if found[2] else first + 1
    if first == second or not (least <= first <= most and least <= second <= most):
        raise ValueError(text)
    return first, second
