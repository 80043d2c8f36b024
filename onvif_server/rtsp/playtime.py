"""The Range header of a live stream (RFC 2326, 3.6 and 12.29)."""

from __future__ import annotations

import re

_FROM = re.compile(r"npt\s*=\s*(now|\d{1,9}(?:\.\d{0,9})?|\d{1,6}:\d{1,2}:\d{1,2}(?:\.\d{0,9})?)?\s*-")


def is_live(header: str) -> bool:
    """Whether PLAY can be granted with this range; an absent one is empty.

    Clients in the field ask for "npt=0.000-" or go on from where they paused, and mean now. An end, another unit and
    a time at which to begin cannot be granted.
    """
    return not header or _FROM.fullmatch(header.strip()) is not None
