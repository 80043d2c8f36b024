"""A review's folder: the video, its regions, and changes that are followed through it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.support.clips import HEIGHT, RATE, WIDTH, encode, scene
from vcam.base.errors import CustodyError, NotVideo
from vcam.review.folder import REGIONS, REVIEW, VIDEO, Folder, beginning
from vcam.review.footage import followed, form, lumas
from vcam.review.points import Why

SHORT = 20


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two seconds in which something rough, 160 x 160, moves right by 6 pixels a picture before a still wall."""
    path = tmp_path_factory.mktemp("clip") / VIDEO
    encode((each for each, _ in zip(scene(), range(SHORT), strict=False)), path, crf=18)
    return path


def lines(count: int = SHORT) -> Iterator[dict[str, object]]:
    """Regions in which a track ends in the middle of the picture."""
    for number in range(count):
        regions = [[300, 100, 340, 150, 3, "face"]] if number < 9 else []
        yield {"frame": number, "time": number / RATE, "regions": regions}


@pytest.fixture
def folder(video: Path, tmp_path: Path) -> Folder:
    (tmp_path / VIDEO).write_bytes(video.read_bytes())
    return Folder.begin(tmp_path, "gate", lines())


def test_it_knows_its_video_and_where_to_look(folder: Folder) -> None:
    review = folder.review
    assert (review.camera, review.width, review.height, review.frames) == ("gate", WIDTH, HEIGHT, SHORT)
    assert review.source == review.video
    assert [(each.why, each.track) for each in folder.points()] == [(Why.LOST, 3)]


@pytest.mark.parametrize("count", [SHORT - 1, SHORT + 1, 0])
def test_regions_of_another_video_are_refused(video: Path, tmp_path: Path, count: int) -> None:
    (tmp_path / VIDEO).write_bytes(video.read_bytes())
    with pytest.raises(CustodyError, match="its regions are of"):
        Folder.begin(tmp_path, "gate", lines(count))


def test_a_box_is_followed_both_ways_and_kept(folder: Folder) -> None:
    at = 8
    pictures = folder.add(at / RATE, (48.0, 100.0, 208.0, 260.0), "somebody", back=0.5, ahead=0.7)
    assert pictures == 5 + 1 + 7
    found = Folder(folder.path).review.added
    assert sorted(found) == list(range(3, 16))
    for number, (region,) in found.items():
        left = 6 * number
        assert max(abs(region.x1 - left), abs(region.x2 - left - 160), abs(region.y1 - 100)) < 8
        assert region.x1 <= left + 2
        assert region.x2 >= left + 158


def test_approval_is_of_this_video_and_ends_with_a_change(folder: Folder) -> None:
    folder.approve("officer-1", 5)
    assert Folder(folder.path).review.reviewer == "officer-1"
    folder.add(0.0, (10.0, 10.0, 60.0, 60.0), "a poster", back=0, ahead=0)
    assert Folder(folder.path).review.reviewer == ""
    with (folder.path / VIDEO).open("ab") as file:
        file.write(b"\0\0\0\x08free")
    for change in (
        lambda: folder.approve("officer-1", 5),
        lambda: folder.add(0.0, (10.0, 10.0, 60.0, 60.0), "a poster", back=0, ahead=0),
    ):
        with pytest.raises(CustodyError, match="has changed"):
            change()
    assert Folder(folder.path).review.reviewer == ""


def test_what_recorded_masks_is_not_removed(folder: Folder) -> None:
    with pytest.raises(CustodyError, match="cannot be shown"):
        folder.remove(3, "a poster")
    with pytest.raises(CustodyError, match="no track 9"):
        folder.remove(9, "a poster")


def test_a_folder_that_cannot_be_begun_is_gone(tmp_path: Path) -> None:
    path = tmp_path / "new" / "review"

    def begin() -> None:
        with beginning(path):
            (path / VIDEO).write_text("no video")
            Folder.begin(path, "gate", lines())

    with pytest.raises(NotVideo):
        begin()
    assert not path.exists()
    with beginning(path):
        pass
    with pytest.raises(CustodyError, match="cannot be made"), beginning(path):
        pass
    assert path.is_dir()
    with pytest.raises(CustodyError, match=REVIEW):
        Folder(path)
    assert not (path / REGIONS).exists()


def test_pictures_are_found_by_their_time(video: Path) -> None:
    shape = form(video)
    assert shape.times == pytest.approx([n / RATE for n in range(SHORT)])
    assert [shape.at(time) for time in (0, 0.05, 0.1, 1.85, 1.9, 2.5)] == [0, 0, 1, 18, 19, 19]
    for time in (-0.1, 3.0, float("nan")):
        with pytest.raises(CustodyError, match="no picture at"):
            shape.at(time)
    assert [seconds for _, seconds in lumas(video)] == pytest.approx(shape.times)
    assert all(luma.shape == (HEIGHT, WIDTH) and luma.dtype == np.uint8 for luma, _ in lumas(video))
    with pytest.raises(CustodyError, match="no picture 99"):
        followed(video, 99, (0.0, 0.0, 9.0, 9.0), back=0, ahead=0)
