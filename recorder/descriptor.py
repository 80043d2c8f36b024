"""Everything that the index knows of a segment, kept beside the segment so that the index can be rebuilt."""

from __future__ import annotations

import base64
import binascii
from pathlib import PurePosixPath
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from recorder.layout import ID, LONGEST, SegmentKind, stem
from vcam.base.errors import RecordError
from vcam.base.ids import SLUG

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Count = Annotated[int, Field(ge=0, lt=1 << 62)]


class SegmentDescriptor(BaseModel):
    """One finished segment. Times are microseconds UTC, sizes bytes, `origin` 1/90000 s."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, use_attribute_docstrings=True)

    version: Literal[1] = 1
    """Version of this form."""
    id: Annotated[str, Field(pattern=f"^{ID.pattern}$")]
    """The segment's lasting name."""
    camera: Annotated[str, Field(pattern=f"^{SLUG.pattern}$")]
    """The camera's name."""
    kind: SegmentKind
    """Encrypted original or masked copy."""
    start: Count
    """Capture of the first access unit."""
    end: Count
    """Instant at which the last access unit's display ends."""
    suite: str = ""
    """Cipher suite of an original; empty for a masked copy."""
    recipients: list[str] = []
    """Public keys that the original's header was first written to."""
    epoch: Annotated[str, Field(max_length=60)] = ""
    """The epoch whose key opens an original; empty when it is sealed to fixed recipients."""
    sha256: Sha256
    """Of the body (original) or the mp4 (masked)."""
    size: Count
    """Of the body or the mp4."""
    header_size: Count = 0
    """Of the header as first written; re-wrapping may change it."""
    plain_size: Count = 0
    """Of the original's plaintext; 0 for a masked copy."""
    side_sha256: Sha256
    """Of the table of access units (original) or the regions (masked)."""
    side_size: Count
    """Of the table of access units or the regions."""
    codec: str
    """FFmpeg's name of the codec."""
    width: Count
    """Of the picture in pixels."""
    height: Count
    """Of the picture in pixels."""
    frames: Count
    """Access units of video."""
    starts_with_key: bool
    """Whether it decodes without the segment before it."""
    origin: Annotated[int, Field(gt=-(1 << 62), lt=1 << 62)]
    """The stream's time stamp that counts as 0 in this segment."""
    parameter_sets: str = ""
    """Parameter sets in Annex B, in base64; empty when the codec has none."""

    @field_validator("parameter_sets")
    @classmethod
    def _base64(cls, value: str) -> str:
        try:
            base64.b64decode(value, validate=True)
        except binascii.Error as error:
            raise ValueError("is not base64") from error
        return value

    @model_validator(mode="after")
    def _times(self) -> Self:
        if not self.start < self.end <= self.start + LONGEST:
            raise ValueError(f"lasts {self.end - self.start} us, which no segment does")
        return self

    @property
    def path(self) -> PurePosixPath:
        """The segment's files without their suffix, relative to the media folder."""
        return stem(self.camera, self.start, self.id)

    def to_json(self) -> dict[str, Any]:
        """As JSON types."""
        return self.model_dump(mode="json")

    @classmethod
    def from_json(cls, data: object) -> SegmentDescriptor:
        """From what `to_json` gave. Raises RecordError."""
        try:
            return cls.model_validate(data)
        except ValidationError as error:
            raise _unreadable(error) from None

    def dump(self) -> bytes:
        """As the descriptor file's content."""
        return self.model_dump_json(indent=1).encode() + b"\n"

    @classmethod
    def load(cls, data: bytes) -> SegmentDescriptor:
        """From the descriptor file's content. Raises RecordError."""
        try:
            return cls.model_validate_json(data)
        except ValidationError as error:
            raise _unreadable(error) from None


def _unreadable(error: ValidationError) -> RecordError:
    first = error.errors(include_url=False, include_input=False)[0]
    where = ".".join(str(part) for part in first["loc"]) or "the whole"
    return RecordError(
        f"A segment's descriptor cannot be read: {where}: {first['msg']}",
        mend="Run 'garim check'; was it written by a newer version of Garim?",
    )
