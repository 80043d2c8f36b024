"""What the recorder has kept, seen from outside: by a thief without the key, and by the key's holder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from recorder.descriptor import SegmentDescriptor
from recorder.layout import BODY, DESCRIPTOR, HEADER, VIDEO
from recorder.vault.age import AGE
from recorder.vault.scan import readable_without_key
from vcam.base.annexb import nal_units
from vcam.base.errors import VaultError


@dataclass(frozen=True, slots=True)
class Kept:
    """Finished segments, and whether the originals open without and with the key.

    `raw_readable_with_key` asks for more than decryption: every NAL unit must be one that the camera sent.
    """

    raw_segments: int
    masked_segments: int
    raw_readable_without_key: bool
    raw_readable_with_key: bool


def _path(media: Path, segment: SegmentDescriptor, suffix: str) -> Path:
    return media / f"{segment.path}{suffix}"


def segments(media: Path, since: int = 0) -> list[SegmentDescriptor]:
    """The finished segments under `media` that end after `since` (microseconds UTC), oldest first."""
    found = [SegmentDescriptor.load(path.read_bytes()) for path in media.glob(f"*/*/*/*{DESCRIPTOR}")]
    return sorted((segment for segment in found if segment.end > since), key=lambda segment: segment.start)


def original(media: Path, segment: SegmentDescriptor, identity: str) -> bytes:
    """The plaintext of an original. Raises VaultError."""
    header = _path(media, segment, HEADER).read_bytes()
    with _path(media, segment, BODY).open("rb") as body:
        return b"".join(AGE.opener(header, body, [identity]).pieces())


def same_as_camera(plain: bytes, camera: bytes) -> bool:
    """Whether `plain` holds NAL units, all of them among those of `camera`. Both are Annex B streams."""
    sent = set(nal_units(camera))
    units = list(nal_units(plain))
    return bool(units) and all(unit in sent for unit in units)


def inspect(media: Path, stored: Sequence[Path], identity: str, camera: bytes, since: int = 0) -> Kept:
    """Inspect what was recorded under `media` since an instant in microseconds UTC.

    `stored` are all files that a thief of the recorder would have, `camera` is what the camera sent (Annex B).
    """
    found = segments(media, since)
    originals = [segment for segment in found if segment.kind == "original"]
    masked = [segment for segment in found if segment.kind == "masked"]
    try:
        with_key = bool(originals) and all(
            same_as_camera(original(media, segment, identity), camera) for segment in originals
        )
    except VaultError:
        with_key = False
    return Kept(
        raw_segments=len(originals),
        masked_segments=sum(_path(media, segment, VIDEO).is_file() for segment in masked),
        raw_readable_without_key=readable_without_key(stored),
        raw_readable_with_key=with_key,
    )
