"""Who looked through masked pictures before they leave, and what they changed."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Protocol

from recorder.audit.entry import Action, Entry
from vcam.base.canonical import Json, canonical
from vcam.base.errors import CustodyError
from vcam.base.media import Region
from vcam.review.review import Review as OneReview

Added = Mapping[int, tuple[Region, ...]]
"""What is masked besides, by the picture's number from 0."""


class Review(Protocol):
    """A finished review, for the manifest and the register."""

    @property
    def reviewer(self) -> str:
        """Name of the officer who looked."""

    @property
    def time(self) -> int:
        """When it was finished, us UTC."""

    @property
    def changes(self) -> int:
        """Regions that were added or removed."""

    @property
    def sha256(self) -> str:
        """SHA-256 of the changes, in hexadecimal; empty when there are none."""


@dataclass(frozen=True, slots=True)
class Looked:
    """An officer's word to have looked through the footage and changed nothing."""

    reviewer: str
    time: int
    changes: int = 0
    sha256: str = ""


class Reviews:
    """Finished reviews, one for each camera of what leaves, with the changes that they ask for.

    Raises CustodyError when there is none, or one that nobody has approved.
    """

    def __init__(self, reviews: Mapping[str, OneReview]) -> None:
        if not reviews:
            raise CustodyError("There is no review", mend="Begin one with 'garim review start'")
        for camera, review in reviews.items():
            if not review.reviewer:
                raise CustodyError(
                    f"The review of {camera} is not approved yet", mend="Approve it with 'garim review approve'"
                )
        reviewers = {review.reviewer for review in reviews.values()}
        if len(reviewers) != 1:
            raise CustodyError(
                "The cameras were reviewed by several people", mend="Let one person approve all of the reviews"
            )
        self._reviews = dict(reviews)
        self._reviewer = reviewers.pop()

    @property
    def reviewer(self) -> str:
        """Who looked."""
        return self._reviewer

    @property
    def time(self) -> int:
        """When the last of them was finished, us UTC."""
        return max(review.reviewed for review in self._reviews.values())

    @property
    def changes(self) -> int:
        """Regions that were added or removed."""
        return sum(len(review.changes) for review in self._reviews.values())

    @property
    def sha256(self) -> str:
        """Of the review, or of the list of several by camera."""
        digests = {camera: review.sha256 for camera, review in self._reviews.items()}
        if len(digests) == 1:
            return next(iter(digests.values()))
        return hashlib.sha256(canonical(digests)).hexdigest()

    def of(self, camera: str, source: str) -> OneReview:
        """The camera's review. Raises CustodyError when there is none of what has the SHA-256 `source`."""
        self.check(self._reviews.keys() | {camera})
        review = self._reviews[camera]
        review.demand(source)
        return review

    def why(self) -> dict[str, list[str]]:
        """Reasons of the changes, by camera, for the record."""
        return {
            camera: [f"{change.change}: {change.reason}" for change in review.changes]
            for camera, review in self._reviews.items()
            if review.changes
        }

    def check(self, cameras: Collection[str]) -> None:
        """Raise CustodyError unless there is a review of each of `cameras`, and of no other."""
        for camera in cameras:
            if camera not in self._reviews:
                raise CustodyError(
                    f"Nothing of {camera} was reviewed", mend="Review each camera: 'garim review start'"
                )
        if others := sorted(set(self._reviews) - set(cameras)):
            raise CustodyError(
                f"The review is of {', '.join(others)}, of which nothing leaves",
                mend="Give reviews of the cameras that leave",
            )

    def removed(self, camera: str) -> tuple[frozenset[int], str]:
        """Tracks of the camera that are left clear since they mask nobody, and the list that they are from."""
        review = self._reviews.get(camera)
        return (frozenset(), "") if review is None else (frozenset(review.removed), review.listing)

    def counts(self) -> tuple[int, int]:
        """How many additions and how many removals there are."""
        changes = [change.change for review in self._reviews.values() for change in review.changes]
        return changes.count("added"), changes.count("removed")


def entry(review: Review, export: str, by: str, time: int, *, request: str = "", origin: str = "") -> Entry:
    """What the log says of the review of an export."""
    added, removed = review.counts() if isinstance(review, Reviews) else (0, 0)
    told: dict[str, Json] = {"reviewer": review.reviewer, "added": added, "removed": removed, "changed": 0}
    if request:
        told["request"] = request
    if isinstance(review, Reviews):
        told["reasons"] = [f"{camera}: {each}" for camera, reasons in review.why().items() for each in reasons]
    return Entry(time, by, Action.EXPORT_REVIEWED, f"export/{export}", told, origin)


def added(review: Review | None, camera: str, source: str) -> Added:
    """What is masked besides in the camera's pictures, made from what has the SHA-256 `source`."""
    return review.of(camera, source).added if isinstance(review, Reviews) else {}
