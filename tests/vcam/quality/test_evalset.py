"""Folders of labelled footage: what is found in them, and how mistakes in them are told."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from vcam.base.errors import ConfigError
from vcam.quality.evalset import read_set


def labels(folder: Path, rows: object, *, pictures: bool = True) -> Path:
    folder.mkdir(parents=True)
    (folder / "labels.json").write_text(json.dumps(rows), encoding="utf-8")
    if pictures and isinstance(rows, dict):
        for name in rows:
            (folder / name).write_bytes(b"")
    return folder


def test_kinds_come_from_folders_names(tmp_path: Path) -> None:
    labels(tmp_path / "faces", {"a.jpg": [[0, 0, 10, 20]]})
    labels(tmp_path / "plates", {"b.jpg": [[0, 0, 40, 10, 0]]})
    found = read_set(tmp_path)
    assert [(one.name, one.kind) for one in found.pictures] == [("faces", "face"), ("plates", "plate")]
    assert [one.pictures[0].labels[0].size(one.kind) for one in found.pictures] == [20, 40]
    assert [one.name for one in read_set(tmp_path, only="plates").pictures] == ["plates"]
    assert read_set(tmp_path / "plates").pictures[0].kind == "plate"


def test_other_folders_are_told_by_option_or_note(tmp_path: Path) -> None:
    labels(tmp_path / "gate", {"a.jpg": [[0, 0, 10, 20]]})
    with pytest.raises(ConfigError, match="gate") as caught:
        read_set(tmp_path)
    assert "--kind" in caught.value.mend
    assert read_set(tmp_path, kind="plate").pictures[0].kind == "plate"
    (tmp_path / "eval.json").write_text('{"kinds": {"gate": "face"}}', encoding="utf-8")
    assert read_set(tmp_path, kind="plate").pictures[0].kind == "face"


def test_labels_to_be_ignored_count_as_area_alone(tmp_path: Path) -> None:
    labels(tmp_path / "faces", {"a.jpg": [[0, 0, 10, 20, 1], [5, 5, 15, 25, 0], [3, 3, 3.5, 9]]})
    (picture,) = read_set(tmp_path).pictures[0].pictures
    assert [one.box for one in picture.labels] == [(5, 5, 15, 25)]
    assert picture.area == 200 + 200 + 3


def test_of_a_head_the_face_in_it_is_judged(tmp_path: Path) -> None:
    labels(tmp_path / "faces", {"head_1.jpg": [[0, 0, 100, 200]], "a.jpg": [[0, 0, 100, 200]]})
    head, plain = read_set(tmp_path, heads=["head_"]).pictures[0].pictures
    assert head.labels[0].box == (20, 50, 80, 190)
    assert head.labels[0].whole == plain.labels[0].box == (0, 0, 100, 200)
    (tmp_path / "eval.json").write_text('{"heads": ["a"]}', encoding="utf-8")
    head, plain = read_set(tmp_path).pictures[0].pictures
    assert plain.labels[0].box == (20, 50, 80, 190)


def test_clips_are_chosen_by_the_beginning_of_their_names(tmp_path: Path) -> None:
    (tmp_path / "clips").mkdir()
    for name in ("gate_1.mp4", "gate_2.MKV", "hall.ts", "manifest.json"):
        (tmp_path / "clips" / name).write_bytes(b"")
    assert [clip.name for clip in read_set(tmp_path).clips] == ["gate_1.mp4", "gate_2.MKV", "hall.ts"]
    assert [clip.name for clip in read_set(tmp_path, clips=["gate", "ha"], only="clips").clips][-1] == "hall.ts"
    assert len(read_set(tmp_path / "clips", clips=["gate"]).clips) == 2
    with pytest.raises(ConfigError, match="yard") as caught:
        read_set(tmp_path, clips=["gate", "yard"])
    assert caught.value.mend


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("", "no JSON"),
        ('{"a.jpg": [[0, 0, 10', "line 1"),
        ("[]", "top"),
        ('{"a.jpg": [[0, 0, 10]]}', "a.jpg > 0"),
        ('{"a.jpg": [[0, 0, 10, "far"]]}', "a.jpg > 0"),
        ('{"a.jpg": [[0, 0, 10, NaN]]}', "a.jpg > 0"),
        ('{"a.jpg": [0, 0, 10, 10]}', "a.jpg > 0"),
        ('{"a.jpg": [[10, 0, 0, 10]]}', "inside out"),
        ("{}", "labels no picture"),
        ('{"absent.jpg": [[0, 0, 10, 10]]}', "absent.jpg"),
    ],
)
def test_broken_labels_are_told_with_their_place(tmp_path: Path, text: str, where: str) -> None:
    folder = tmp_path / "faces"
    folder.mkdir()
    (folder / "labels.json").write_text(text, encoding="utf-8")
    (folder / "a.jpg").write_bytes(b"")
    with pytest.raises(ConfigError) as caught:
        read_set(tmp_path)
    assert "labels.json" in caught.value.what
    assert where in caught.value.what
    assert caught.value.mend
    assert read_set_of_clips_fails_otherwise(tmp_path), "labels that are not asked for are not read"


def read_set_of_clips_fails_otherwise(folder: Path) -> bool:
    try:
        read_set(folder, only="clips")
    except ConfigError as error:
        return "no clips" in error.what
    return False


def test_labels_that_are_no_text_are_told(tmp_path: Path) -> None:
    folder = tmp_path / "faces"
    folder.mkdir()
    (folder / "labels.json").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigError, match="cannot be read"):
        read_set(tmp_path)


def test_notes_with_a_mistake_are_told(tmp_path: Path) -> None:
    labels(tmp_path / "faces", {"a.jpg": [[0, 0, 10, 20]]})
    (tmp_path / "eval.json").write_text('{"kinds": {"faces": "dog"}}', encoding="utf-8")
    with pytest.raises(ConfigError, match=r"eval\.json"):
        read_set(tmp_path)


@pytest.mark.parametrize("only", [None, "faces", "clips"])
def test_an_empty_folder_is_told(tmp_path: Path, only: str | None) -> None:
    with pytest.raises(ConfigError, match=tmp_path.name) as caught:
        read_set(tmp_path, only=only)  # type: ignore[arg-type]  # parametrised
    assert "labels.json" in caught.value.mend


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="nowhere"):
        read_set(tmp_path / "nowhere")
