"""Session descriptions (RFC 4566; RFC 2326, appendix C)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Media:
    """One track. `control` is relative to the presentation's base URL; `fmtp` is empty where there is none."""

    kind: Literal["video", "audio", "application"]
    payload_type: int
    rtpmap: str
    fmtp: str
    control: str


def describe(title: str, address: str, version: int, media: Iterable[Media]) -> str:
    """The description of a live presentation served at `address`; `version` rises as its contents change.

    Directions are the client's, as ONVIF's Streaming Specification has them: what it is sent is "recvonly".
    """
    family = "IP6" if ":" in address else "IP4"
    anywhere = "::" if family == "IP6" else "0.0.0.0"  # noqa: S104 (a placeholder; RFC 2326, C.1.7)
    clean = " ".join(title.split()) or "-"
    lines = [
        "v=0",
        f"o=- {version} {version} IN {family} {address.partition('%')[0]}",
        f"s={clean}",
        f"c=IN {family} {anywhere}",
        "t=0 0",
        "a=control:*",
        "a=range:npt=now-",
    ]
    for item in media:
        lines += [
            f"m={item.kind} 0 RTP/AVP {item.payload_type}",
            f"a=rtpmap:{item.payload_type} {item.rtpmap}",
            *([f"a=fmtp:{item.payload_type} {item.fmtp}"] if item.fmtp else []),
            f"a=control:{item.control}",
            "a=recvonly",
        ]
    return "\r\n".join([*lines, ""])
