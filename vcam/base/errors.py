"""Every error that Garim raises on purpose.

    GarimError
    +-- ConfigError        a setting is wrong or missing
    +-- SourceError        a camera or file cannot be read
    |   +-- Unreachable    nobody answers at the address
    |   +-- Refused        the camera refuses the credentials
    |   +-- NotVideo       what arrives is no video that Garim can decode
    |   +-- StreamLost     a stream that ran has ended or fallen silent
    +-- DetectError        a detector cannot be loaded or has failed
    |   +-- WeightsError   a weights file is absent, altered or of an unknown licence
    +-- EncodeError        a picture cannot be encoded
    +-- ServeError         an address cannot be bound, an output cannot be opened
    +-- RecordError        a segment, the index or the media folder cannot be written or read
    |   +-- VaultError     an encrypted segment is damaged, truncated or not for this key
    +-- WorkerError        a camera's process has died or has broken its protocol

A message says what happened and to what; `mend` says what to do about it. Neither ever holds a
credential: URLs go through `redact`.
"""

from __future__ import annotations

import re

_USERINFO = re.compile(r"(?P<scheme>[a-zA-Z][a-zA-Z0-9+.-]*://)[^/@\s]*@")


def redact(text: str) -> str:
    """`text` with the user and password of every URL in it replaced by `***`."""
    return _USERINFO.sub(r"\g<scheme>***@", text)


class GarimError(Exception):
    """Something went wrong that a person can mend."""

    def __init__(self, what: str, *, mend: str = "") -> None:
        self.what = redact(what)
        self.mend = redact(mend)
        super().__init__(f"{self.what}. {self.mend}" if self.mend else self.what)


class ConfigError(GarimError):
    """A setting is wrong or missing."""


class SourceError(GarimError):
    """A camera or file cannot be read."""


class Unreachable(SourceError):
    """Nobody answers at the address."""


class Refused(SourceError):
    """The camera refuses the credentials."""


class NotVideo(SourceError):
    """What arrives is no video that Garim can decode."""


class StreamLost(SourceError):
    """A stream that ran has ended or fallen silent."""


class DetectError(GarimError):
    """A detector cannot be loaded or has failed."""


class WeightsError(DetectError):
    """A weights file is absent, altered or of an unknown licence."""


class EncodeError(GarimError):
    """A picture cannot be encoded."""


class ServeError(GarimError):
    """An address cannot be bound, or an output cannot be opened."""


class RecordError(GarimError):
    """A segment, the index or the media folder cannot be written or read."""


class VaultError(RecordError):
    """An encrypted segment is damaged, truncated or not for this key."""


class WorkerError(GarimError):
    """A camera's process has died or has broken its protocol."""
