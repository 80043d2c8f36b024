from __future__ import annotations

from pathlib import Path

import pytest

from models.train.pictures import load
from vcam.base.errors import WeightsError


def test_pictures_come_at_three_sizes(drawn_folder: Path) -> None:
    pictures = load(drawn_folder)
    assert len(pictures) == 12
    assert sum(picture.complete for picture in pictures) == 6
    for picture in pictures:
        assert [level.shape for level in picture.levels] == [(320, 480, 3), (160, 240, 3), (80, 120, 3)]
        assert picture.boxes.shape == (1, 4)


@pytest.mark.parametrize("labels", [None, "{", "{}"])
def test_a_folder_without_labels_is_refused(tmp_path: Path, labels: str | None) -> None:
    if labels is not None:
        (tmp_path / "labels.json").write_text(labels, encoding="utf-8")
    with pytest.raises(WeightsError, match="--data"):
        load(tmp_path)
