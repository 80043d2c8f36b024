"""The review that a command is given: folders of `garim review`, or an officer's word."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from vcam.base.errors import ConfigError

if TYPE_CHECKING:
    from vcam.export.review import Review

Reviewed = Annotated[
    list[Path] | None,
    typer.Option("--review", metavar="FOLDER", help="An approved review; again for more cameras."),
]
ReviewedBy = Annotated[
    str,
    typer.Option(
        "--reviewed-by", metavar="PERSON", help="Instead, the officer who looked and had nothing to change."
    ),
]


def reviews(folders: list[Path] | None, by: str, time: int) -> Review:
    """The review, `time` (us UTC) being now. Raises ConfigError, CustodyError."""
    from vcam.export.review import Looked, Reviews
    from vcam.review.folder import Folder

    if bool(folders) == bool(by):
        raise ConfigError(
            "Masked footage leaves after a review", mend="Give --review FOLDER, or --reviewed-by PERSON"
        )
    if not folders:
        return Looked(by, time)
    found = [Folder(folder).review for folder in folders]
    if len({review.camera for review in found}) != len(found):
        raise ConfigError("Two reviews are of one camera", mend="Give one review for each camera")
    return Reviews({review.camera: review for review in found})
