from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from models import manifest
from models.manifest import ALLOWED_LICENCES, HERE, MANIFEST, read_manifest, weights
from vcam.base.errors import WeightsError

GOOD = """
[[file]]
name = "thing"
job = "a thing"
package = "some-package"
version = "1.0"
path = "some/thing.bin"
file = "thing.bin"
sha256 = "{sha}"
licence = "{licence}"
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "manifest.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_every_shipped_network_says_how_it_is_used() -> None:
    for entry in read_manifest(MANIFEST).file:
        assert entry.licence in ALLOWED_LICENCES
        assert entry.note
        if entry.file.endswith(".onnx"):
            assert entry.input is not None
            assert 0 < entry.threshold(640) < 1
            card = (HERE / "cards" / entry.card).read_text(encoding="utf-8")
            assert entry.licence in card
            for heading in ("## Origin", "## Licence", "## Input", "## Recall", "## Limits"):
                assert heading in card


def test_the_plate_detector_alone_is_our_own() -> None:
    assert [entry.name for entry in read_manifest(MANIFEST).file if entry.own] == ["plates"]


@pytest.mark.parametrize("licence", ["AGPL-3.0", "CC-BY-NC-4.0", "unknown", ""])
def test_other_licences_are_refused(tmp_path: Path, licence: str) -> None:
    path = write(tmp_path, GOOD.format(sha="0" * 64, licence=licence))
    with pytest.raises(WeightsError, match="licence"):
        read_manifest(path)


@pytest.mark.parametrize(
    "text",
    [
        "[[file",
        GOOD.format(sha="xyz", licence="MIT"),
        GOOD.format(sha="0" * 64, licence="MIT") + "colour = 3\n",
        GOOD.format(sha="0" * 64, licence="MIT") * 2,
        GOOD.format(sha="0" * 64, licence="MIT").replace("1.0", ">=1 --index-url=evil"),
    ],
)
def test_a_wrong_manifest_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(WeightsError):
        read_manifest(write(tmp_path, text))


def test_an_absent_manifest_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="cannot be read"):
        read_manifest(tmp_path / "none.toml")


def test_weights_are_checked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = b"weights"
    text = GOOD.format(sha=hashlib.sha256(content).hexdigest(), licence="MIT")
    listed = read_manifest(write(tmp_path, text))
    monkeypatch.setattr(manifest, "shipped", lambda: listed)
    with pytest.raises(WeightsError, match=r"absent.*make install"):
        weights("thing", tmp_path)
    (tmp_path / "thing.bin").write_bytes(b"other weights")
    with pytest.raises(WeightsError, match=r"altered.*make install"):
        weights("thing", tmp_path)
    (tmp_path / "thing.bin").write_bytes(content)
    assert weights("thing", tmp_path) == tmp_path / "thing.bin"
    with pytest.raises(WeightsError, match="no file called"):
        weights("another", tmp_path)


def test_our_own_files_come_with_the_code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = b"our own"
    sha = hashlib.sha256(content).hexdigest()
    lines = GOOD.format(sha=sha, licence="Apache-2.0").splitlines(keepends=True)
    carried = ("package", "version", "path")
    text = "".join(line for line in lines if not line.startswith(carried)) + "own = true\n"
    listed = read_manifest(write(tmp_path, text))
    assert listed.entry("thing").origin == "our own"
    monkeypatch.setattr(manifest, "shipped", lambda: listed)
    monkeypatch.setattr(manifest, "OWN", tmp_path)
    with pytest.raises(WeightsError, match=r"absent.*Reinstall"):
        weights("thing", tmp_path / "fetched")
    (tmp_path / "thing.bin").write_bytes(content)
    assert weights("thing", tmp_path / "fetched") == tmp_path / "thing.bin"


@pytest.mark.parametrize("absent", ["package", "version", "path"])
def test_a_file_must_come_from_somewhere(tmp_path: Path, absent: str) -> None:
    lines = GOOD.format(sha="0" * 64, licence="MIT").splitlines(keepends=True)
    with pytest.raises(WeightsError, match="either our own or"):
        read_manifest(write(tmp_path, "".join(line for line in lines if not line.startswith(absent))))
    with pytest.raises(WeightsError, match="either our own or"):
        read_manifest(write(tmp_path, GOOD.format(sha="0" * 64, licence="MIT") + "own = true\n"))


def test_a_threshold_must_be_given(tmp_path: Path) -> None:
    text = GOOD.format(sha="0" * 64, licence="MIT")
    entry = read_manifest(write(tmp_path, text + "thresholds = { 640 = 0.5 }\n")).entry("thing")
    assert entry.threshold(640) == 0.5
    with pytest.raises(WeightsError, match="threshold"):
        entry.threshold(1280)
