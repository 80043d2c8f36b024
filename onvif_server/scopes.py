"""Scopes: what a device says of itself to those who search, and how a search is matched (WS-Discovery 5.1)."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote, unquote, urlsplit

_ROOT = "onvif://www.onvif.org"
_RULES = "http://schemas.xmlsoap.org/ws/2005/04/discovery/"
RFC3986 = f"{_RULES}rfc3986"
"""The rule that holds when a search names none: compare segment by segment."""
STRCMP0 = f"{_RULES}strcmp0"
"""The rule by which scopes are equal letter by letter."""
PROFILES: tuple[str, ...] = ("Streaming", "T")
"""The profiles of ONVIF whose every operation is served, by the names that their scopes bear."""


def fixed_scopes(hardware: str) -> tuple[str, ...]:
    """Scopes of a virtual device that no client changes. Profiles are named only when all they ask for is there."""
    return (
        f"{_ROOT}/type/video_encoder",
        f"{_ROOT}/type/Network_Video_Transmitter",
        *(f"{_ROOT}/Profile/{name}" for name in PROFILES),
        f"{_ROOT}/hardware/{quote(hardware, safe='')}",
    )


def first_scopes(title: str, location: str) -> tuple[str, ...]:
    """Scopes of a virtual device that clients may change, as they are until one does."""
    return (
        f"{_ROOT}/name/{quote(title, safe='')}",
        f"{_ROOT}/location/{quote(location, safe='')}",
    )


def _segments(uri: str) -> tuple[str, str, list[str]] | None:
    try:
        parts = urlsplit(uri)
    except ValueError:
        return None
    path = [unquote(segment) for segment in parts.path.split("/")]
    while path and not path[-1]:
        path.pop()
    return parts.scheme.lower(), parts.netloc.lower(), path


def _prefix(wanted: str, scope: str) -> bool:
    """RFC 3986 rule: scheme and authority equal in any case, path equal or a prefix in whole segments."""
    left, right = _segments(wanted), _segments(scope)
    if left is None or right is None or left[:2] != right[:2]:
        return False
    if any(segment in {".", ".."} for segment in left[2]):
        return False
    return right[2][: len(left[2])] == left[2]


def match(wanted: Sequence[str], scopes: Sequence[str], rule: str = RFC3986) -> bool:
    """Whether each scope that is wanted matches one of the device's; false for a rule that is not known."""
    if rule == RFC3986:
        return all(any(_prefix(want, scope) for scope in scopes) for want in wanted)
    if rule == STRCMP0:
        return all(want in scopes for want in wanted)
    return False
