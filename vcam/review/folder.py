"""A review in progress: a folder with the masked video, its regions and the review itself."""

from __future__ import annotations

import contextlib
import hashlib
import json
import shutil
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from vcam.base.errors import CustodyError
from vcam.review.footage import followed, form
from vcam.review.line import read
from vcam.review.points import Point, points
from vcam.review.review import Review, added, removed
from vcam.track.box import Box

VIDEO = "video.mp4"
REGIONS = "regions.jsonl"
REVIEW = "review.json"


@contextlib.contextmanager
def beginning(path: Path) -> Iterator[None]:
    """The new folder `path` for a review, gone again when it cannot be begun. Raises CustodyError."""
    try:
        path.mkdir(mode=0o700, parents=True)
    except OSError as error:
        raise CustodyError(
            f"{path} cannot be made ({error.strerror})", mend="Name a folder that is not there yet"
        ) from error
    try:
        yield
    except BaseException:
        shutil.rmtree(path, ignore_errors=True)
        raise


class Folder:
    """Opened by `Folder.begin` or by its path. Raises CustodyError when it holds no review."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.review = Review.load(path / REVIEW)

    @classmethod
    def begin(
        cls,
        path: Path,
        camera: str,
        regions: Iterable[Mapping[str, Any]],
        *,
        source: str = "",
        listing: str = "",
    ) -> Folder:
        """Begin the review of `path`/video.mp4, whose regions are given picture by picture.

        `source` is the SHA-256 of what the video is made from, where that is not the video itself; `listing` names
        the list that its tracks are from.

        Raises CustodyError when the regions are not those of the video, SourceError when it is none.
        """
        video = path / VIDEO
        shape = form(video)
        with (path / REGIONS).open("w", encoding="utf-8") as file:
            count = 0
            for line in regions:
                file.write(json.dumps(line) + "\n")
                count += 1
        if count != len(shape.times):
            raise CustodyError(
                f"The video has {len(shape.times)} pictures and its regions are of {count}",
                mend="Run 'garim check', then begin the review again",
            )
        sha256 = digest(video)
        review = Review(
            camera=camera,
            video=sha256,
            source=source or sha256,
            listing=listing,
            width=shape.width,
            height=shape.height,
            frames=count,
        )
        review.save(path / REVIEW)
        return cls(path)

    def points(self) -> list[Point]:
        """What to look at, gravest first."""
        return points(read(self.path / REGIONS), self.review.width, self.review.height)

    def add(self, time: float, box: Box, reason: str, *, back: float, ahead: float) -> int:
        """Mask `box` of the picture at `time` besides, followed `back` and `ahead` seconds; return its pictures."""
        self._check()
        shape = form(self.path / VIDEO)
        if box[2] <= 0 or box[3] <= 0 or box[0] >= shape.width or box[1] >= shape.height:
            raise CustodyError(
                "The box lies outside the picture", mend=f"It is {shape.width} x {shape.height} pixels large"
            )
        frame = shape.at(time)
        first = shape.at(max(0.0, shape.times[frame] - back))
        last = shape.at(min(shape.times[-1], shape.times[frame] + ahead))
        start, boxes = followed(self.path / VIDEO, frame, box, back=frame - first, ahead=last - frame)
        self._keep(self.review.change(added(start, boxes, reason)))
        return len(boxes)

    def remove(self, track: int, reason: str) -> None:
        """Leave a track clear. Raises CustodyError when there is no such track."""
        if not any(shown.track == track for line in read(self.path / REGIONS) for shown in line.shown):
            raise CustodyError(
                f"There is no track {track} in this video", mend="'garim review points' lists them"
            )
        self._keep(self.review.change(removed(track, reason)))

    def undo(self, number: int) -> None:
        """Take a change back."""
        self._keep(self.review.undo(number))

    def approve(self, reviewer: str, time: int) -> None:
        """`reviewer` has looked at all of it. Raises CustodyError when the video is not the one reviewed."""
        self._check()
        self._keep(self.review.approved(reviewer, time))

    def _check(self) -> None:
        if digest(self.path / VIDEO) != self.review.video:
            raise CustodyError(f"{self.path / VIDEO} has changed", mend="Begin the review again")

    def _keep(self, review: Review) -> None:
        review.save(self.path / REVIEW)
        self.review = review


def digest(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal. Raises CustodyError when it cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise CustodyError(
            f"{path} cannot be read ({error.strerror})", mend="Begin the review again"
        ) from error
