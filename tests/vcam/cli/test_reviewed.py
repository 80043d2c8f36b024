"""A command is given reviews or an officer's word, and one of them only."""

from __future__ import annotations

from pathlib import Path

import pytest

from vcam.base.errors import ConfigError, CustodyError
from vcam.cli.reviewed import reviews
from vcam.review.review import Review

SHA = "ab" * 32


def review(folder: Path, camera: str, by: str = "officer-1") -> Path:
    folder.mkdir()
    blank = Review(camera=camera, video=SHA, source=SHA, width=64, height=36, frames=9)
    blank.approved(by, 5).save(folder / "review.json")
    return folder


def test_reviews_of_several_cameras_are_one(tmp_path: Path) -> None:
    folders = [review(tmp_path / name, name) for name in ("gate", "yard")]
    found = reviews(folders, "", 9)
    assert (found.reviewer, found.time, found.changes) == ("officer-1", 5, 0)
    assert found.sha256 != reviews(folders[:1], "", 9).sha256
    word = reviews(None, "officer-2", 9)
    assert (word.reviewer, word.time, word.sha256) == ("officer-2", 9, "")


def test_one_of_both_is_given(tmp_path: Path) -> None:
    folder = review(tmp_path / "gate", "gate")
    for folders, by in ((None, ""), ([], ""), ([folder], "officer-1")):
        with pytest.raises(ConfigError, match="after a review"):
            reviews(folders, by, 9)
    with pytest.raises(ConfigError, match="one camera"):
        reviews([folder, folder], "", 9)
    with pytest.raises(CustodyError, match="cannot be read"):
        reviews([tmp_path], "", 9)
    with pytest.raises(CustodyError, match="not approved"):
        reviews([review(tmp_path / "open", "yard", by="")], "", 9)
