from __future__ import annotations

import hashlib
import stat
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.shelf import MANIFEST, Entry, Figures, Shelf
from vcam.base.errors import ConfigError, WeightsError

CONTENT = b"a network"


def entry(name: str = "plates-kr", **other: Any) -> Entry:
    return Entry.model_validate(
        {
            "name": name,
            "source": "best.onnx",
            "sha256": hashlib.sha256(CONTENT).hexdigest(),
            "licence": "AGPL-3.0",
            "kind": "plate",
            "layout": "v8",
            "output": "output0",
            "side": 640,
            "classes": [0],
            "threshold": 0.25,
            "date": datetime(2026, 3, 1, 12, 0, 5, tzinfo=UTC),
            "check": Figures(pictures=10, labels=12, found=11, area=1.5, false=0.25),
            "shipped": Figures(pictures=10, labels=12, found=9, area=1.25, false=0),
        }
        | other
    )


def test_what_is_added_is_there_for_its_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / "state" / "models"
    shelf = Shelf(folder)
    assert shelf.entries() == []
    assert not folder.exists()
    one, other = entry(), entry("persons", kind="person", size=(640, 384))
    shelf.add(one, CONTENT)
    shelf.add(other, CONTENT)
    assert Shelf(folder).entries() == [one, other]
    assert shelf.entry("persons") == other
    assert shelf.file(one).read_bytes() == CONTENT
    assert {file.name for file in folder.iterdir()} == {MANIFEST, "plates-kr.onnx", "persons.onnx"}
    for file in folder.iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    shelf.remove("plates-kr")
    assert shelf.entries() == [other]
    assert {file.name for file in folder.iterdir()} == {MANIFEST, "persons.onnx"}


_text = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Zl", "Zp")), max_size=60)


@given(licence=_text, names=st.lists(_text, max_size=3), threshold=st.floats(0.001, 0.999))
def test_any_entry_comes_back(
    tmp_path_factory: pytest.TempPathFactory, licence: str, names: list[str], threshold: float
) -> None:
    shelf = Shelf(tmp_path_factory.mktemp("shelf"))
    one = entry(licence=licence, names=names, threshold=threshold)
    shelf.add(one, CONTENT)
    assert shelf.entries() == [one]


@pytest.mark.parametrize("change", [b"another network", None])
def test_an_altered_or_absent_file_is_an_error(tmp_path: Path, change: bytes | None) -> None:
    shelf = Shelf(tmp_path)
    one = entry()
    shelf.add(one, CONTENT)
    path = tmp_path / "plates-kr.onnx"
    if change is None:
        path.unlink()
    else:
        path.write_bytes(change)
    with pytest.raises(WeightsError, match=r"altered|cannot be read") as caught:
        shelf.file(one)
    assert "import it anew" in caught.value.mend


def test_a_name_is_given_once(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    shelf.add(entry(), CONTENT)
    with pytest.raises(ConfigError, match="already"):
        shelf.add(entry(), CONTENT)


@pytest.mark.parametrize("name", ["", "../up", "Best", "a b", "-a", "x" * 41])
def test_a_name_is_no_path(tmp_path: Path, name: str) -> None:
    with pytest.raises(ConfigError, match="no name"):
        Shelf(tmp_path).vacant(name)


def test_an_unknown_name_is_told_what_there_is(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    with pytest.raises(ConfigError, match="Import it"):
        shelf.entry("none")
    shelf.add(entry(), CONTENT)
    with pytest.raises(ConfigError, match="plates-kr"):
        shelf.remove("none")


def test_another_file_than_the_checked_one_is_not_kept(tmp_path: Path) -> None:
    with pytest.raises(WeightsError):
        Shelf(tmp_path / "new").add(entry(), b"something else")
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize(
    "text",
    [
        "[[file]",
        "file = 3",
        '[[file]]\nname = "x"',
        "\xff",
        '[[file]]\nname = "../../etc"\n',
    ],
)
def test_a_wrong_manifest_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / MANIFEST).write_bytes(text.encode("latin-1"))
    with pytest.raises(WeightsError, match=r"manifest\.toml is wrong"):
        Shelf(tmp_path).entries()


def test_a_name_given_twice_is_named(tmp_path: Path) -> None:
    Shelf(tmp_path).add(entry(), CONTENT)
    path = tmp_path / MANIFEST
    path.write_text(path.read_text(encoding="utf-8") * 2, encoding="utf-8")
    with pytest.raises(WeightsError, match="twice"):
        Shelf(tmp_path).entries()


def test_a_folder_that_cannot_be_made_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "state").write_bytes(b"")
    with pytest.raises(WeightsError, match="cannot be written to"):
        Shelf(tmp_path / "state" / "models").add(entry(), CONTENT)
