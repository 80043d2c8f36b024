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
    +-- CustodyError       what is asked of the originals or of their record cannot be done as things are
    |   +-- Forbidden      this person may not do this, or not in this state
    +-- WorkerError        a camera's process has died or has broken its protocol
    +-- PackageError       a file cannot be had out of the package that carries it

A message says what happened and to what; `mend` says what to do about it. Neither ever holds a
credential: URLs go through `redact`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from vcam.base.redaction import redact as redact  # noqa: PLC0414 - for those who write messages


class GarimError(Exception):
    """Something went wrong that a person can mend."""

    def __init__(self, what: str, *, mend: str = "") -> None:
        self.what = redact(what)
        self.mend = redact(mend)
        super().__init__(f"{self.what}. {self.mend}" if self.mend else self.what)


@dataclass(frozen=True, slots=True)
class Mistake:
    """One mistake in a settings file.

    `line` counts from 1, 0 when the mistake belongs to no line. `key` is dotted, like `camera[0].source.url`, and
    empty for the file as a whole. `value` is as the file has it, shortened, and hidden where it may be a secret.
    """

    line: int
    key: str
    value: str
    what: str
    mend: str

    def __str__(self) -> str:
        where = f"line {self.line}: " if self.line else ""
        key = f"{self.key} = {self.value}: " if self.value else f"{self.key}: " if self.key else ""
        return f"{where}{key}{self.what}. {self.mend}"


class ConfigError(GarimError):
    """A setting is wrong or missing. One that comes from a settings file lists every mistake in it."""

    def __init__(self, what: str, *, mend: str = "", mistakes: Sequence[Mistake] = ()) -> None:
        super().__init__(what, mend=mend)
        self.mistakes = tuple(mistakes)


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


class CustodyError(GarimError):
    """What is asked of the originals, or of the record about them, cannot be done as things are."""


class Forbidden(CustodyError):
    """This person may not do this, or not to something in this state. The rule is named."""


class WorkerError(GarimError):
    """A camera's process has died or has broken its protocol."""


class PackageError(GarimError):
    """A file cannot be had out of the package that carries it."""
