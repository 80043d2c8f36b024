"""What must hold of files before and while they are written."""

from __future__ import annotations

from pathlib import Path

import pytest

from vcam.base.errors import ConfigError, EncodeError
from vcam.base.partfile import distinct, part_of, writing


def test_a_part_lies_beside_its_file_with_the_same_ending() -> None:
    assert part_of(Path("a/out.mp4")) == Path("a/.out.part.mp4")


def test_different_files_may_be_written(tmp_path: Path) -> None:
    (tmp_path / "old.mp4").touch()
    distinct([tmp_path / "in.mp4"], [tmp_path / "out.mp4", tmp_path / "old.mp4"])


@pytest.mark.parametrize(
    ("outputs", "what"),
    [
        (["in.mp4"], "different files"),
        (["out.mp4", "./out.mp4"], "different files"),
        (["link.mp4"], "different files"),
        (["nowhere/out.mp4"], "There is no folder"),
        (["."], "is no file"),
    ],
)
def test_files_that_cannot_be_are_named(tmp_path: Path, outputs: list[str], what: str) -> None:
    (tmp_path / "in.mp4").touch()
    (tmp_path / "link.mp4").symlink_to(tmp_path / "in.mp4")
    with pytest.raises(ConfigError, match=what) as caught:
        distinct([tmp_path / "in.mp4"], [tmp_path / name for name in outputs])
    assert caught.value.mend


def test_an_error_of_the_system_names_the_file_without_its_folder(tmp_path: Path) -> None:
    path = tmp_path / "nowhere" / "out.mp4"
    with (
        pytest.raises(EncodeError, match=r"^out\.mp4 cannot be written \(No such file") as caught,
        writing(path),
    ):
        path.open("w")
    assert caught.value.mend
