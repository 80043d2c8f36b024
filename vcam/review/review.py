"""What a reviewer has found and changed in one video, as a file that goes with it and is on record."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Annotated, Literal, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from vcam.base.canonical import canonical
from vcam.base.errors import CustodyError
from vcam.base.media import Kind, Region
from vcam.base.partfile import write_whole, writing

_Text = Annotated[str, Field(min_length=1, max_length=500)]
_Tenths = Annotated[int, Field(ge=-(1 << 20), le=1 << 20)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Added(_Part):
    """Regions masked besides. `boxes[0]` lies in picture `first`, the next in the next; tenths of a pixel."""

    change: Literal["added"] = "added"
    first: Annotated[int, Field(ge=0)]
    boxes: Annotated[list[tuple[_Tenths, _Tenths, _Tenths, _Tenths]], Field(min_length=1)]
    reason: _Text

    @model_validator(mode="after")
    def _sound(self) -> Self:
        if any(x2 <= x1 or y2 <= y1 for x1, y1, x2, y2 in self.boxes):
            raise ValueError("a box has no area")
        return self


class Removed(_Part):
    """A track that is left clear, since what it masks is nobody and no plate."""

    change: Literal["removed"] = "removed"
    track: Annotated[int, Field(ge=1)]
    reason: _Text


_Change = TypeVar("_Change", Added, Removed)


class Review(_Part):
    """A review of the video with SHA-256 `video`, `width` x `height` pixels, `frames` pictures.

    `source` is the SHA-256 of what the video is made from: the video itself for a share. `listing` names the list of
    tracks that removals are of, empty for a share, of which nothing can be removed.
    """

    version: Literal[1] = 1
    camera: str
    video: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    source: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    listing: Annotated[str, Field(pattern=r"^([0-9a-f]{64})?$")] = ""
    width: Annotated[int, Field(gt=0)]
    height: Annotated[int, Field(gt=0)]
    frames: Annotated[int, Field(gt=0)]
    changes: list[Annotated[Added | Removed, Field(discriminator="change")]] = []
    reviewer: str = ""
    """Who has looked at all of it and answers for it; empty until then."""
    reviewed: Annotated[int, Field(ge=0)] = 0
    """When, us UTC; 0 until then."""

    @property
    def added(self) -> dict[int, tuple[Region, ...]]:
        """What is masked besides, by the picture's number from 0."""
        found: dict[int, list[Region]] = {}
        for change in self.changes:
            if isinstance(change, Added):
                for frame, box in enumerate(change.boxes, change.first):
                    x1, y1, x2, y2 = (edge / 10 for edge in box)
                    found.setdefault(frame, []).append(Region(x1, y1, x2, y2, Kind.ZONE, 0))
        return {frame: tuple(regions) for frame, regions in found.items()}

    @property
    def removed(self) -> dict[int, str]:
        """Tracks left clear, and why."""
        return {change.track: change.reason for change in self.changes if isinstance(change, Removed)}

    @property
    def sha256(self) -> str:
        """Of the file's bytes: what manifests and the log name it by."""
        return hashlib.sha256(self.dump()).hexdigest()

    def change(self, change: Added | Removed) -> Review:
        """With one change more; who had reviewed it must do so again. Raises CustodyError."""
        if isinstance(change, Added) and change.first + len(change.boxes) > self.frames:
            raise CustodyError(
                "A region is added to pictures that the video does not have",
                mend=f"It has {self.frames} pictures",
            )
        if isinstance(change, Removed) and not self.listing:
            raise CustodyError(
                "What the recording has masked cannot be shown",
                mend="Only an export from the original can leave a track clear: 'garim export --for-review'",
            )
        return self.model_copy(update={"changes": [*self.changes, change], "reviewer": "", "reviewed": 0})

    def undo(self, number: int) -> Review:
        """Without the change of that number, from 0. Raises CustodyError."""
        if not 0 <= number < len(self.changes):
            raise CustodyError(f"There is no change {number}", mend="'garim review show' lists them")
        kept = [change for at, change in enumerate(self.changes) if at != number]
        return self.model_copy(update={"changes": kept, "reviewer": "", "reviewed": 0})

    def approved(self, reviewer: str, time: int) -> Review:
        """With the word of who has looked at all of it; `time` in us UTC."""
        return self.model_copy(update={"reviewer": reviewer, "reviewed": time})

    def demand(self, source: str) -> None:
        """Raise CustodyError unless somebody has reviewed what is made from the very file with this SHA-256."""
        if source != self.source:
            raise CustodyError(
                f"The review is of other footage of {self.camera}", mend="Review this one: 'garim review start'"
            )
        if not self.reviewer:
            raise CustodyError("Nobody has approved this review yet", mend="'garim review approve' does")

    def dump(self) -> bytes:
        """As canonical JSON and a line's end."""
        return canonical(self.model_dump(mode="json")) + b"\n"

    def save(self, path: Path) -> None:
        """Write it, in place of what was there. Raises EncodeError."""
        with writing(path):
            write_whole(path, self.dump())

    @classmethod
    def load(cls, path: Path) -> Review:
        """Read it. Raises CustodyError."""
        mend = "Name a file that 'garim review' wrote"
        try:
            return cls.model_validate_json(path.read_bytes())
        except OSError as error:
            raise CustodyError(f"{path} cannot be read ({error.strerror})", mend=mend) from error
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            where = ".".join(map(str, first["loc"])) or "the whole"
            raise CustodyError(f"{path} is no review: {where}: {first['msg']}", mend=mend) from None


def added(first: int, boxes: list[tuple[float, float, float, float]], reason: str) -> Added:
    """An addition from boxes in pixels, widened to whole tenths. Raises CustodyError when it is none."""
    tenths = [
        (int(x1 * 10 // 1), int(y1 * 10 // 1), -int(-x2 * 10 // 1), -int(-y2 * 10 // 1))
        for x1, y1, x2, y2 in boxes
    ]
    return _checked(Added, first=first, boxes=tenths, reason=reason)


def removed(track: int, reason: str) -> Removed:
    """A removal. Raises CustodyError when it is none."""
    return _checked(Removed, track=track, reason=reason)


def _checked(kind: type[_Change], **values: object) -> _Change:
    try:
        return kind.model_validate(values)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"])) or "it"
        raise CustodyError(
            f"This change is not sound: {where}: {first['msg']}",
            mend="A region needs an area and a reason, a removal a track and a reason",
        ) from None
