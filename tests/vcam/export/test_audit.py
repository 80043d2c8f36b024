"""What lies in the folder of exports against the register."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from recorder.audit.entry import Action
from recorder.evidence.register import Exports
from recorder.evidence.verifier.check import MANIFEST
from recorder.findings import Findings, Problem
from tests.vcam.export.conftest import Site
from tests.vcam.export.test_job import made
from vcam.base.errors import CustodyError
from vcam.export.audit import audit
from vcam.export.job import destroy
from vcam.export.recovery import recover


def found(site: Site) -> list[tuple[str, str]]:
    findings = Findings()
    audit(site.house.exports, Exports(site.house.database), findings)
    assert all(each.problem is Problem.EXPORT and not each.mended for each in findings.all)
    return [(each.path, each.what) for each in findings.all]


def test_altered_missing_and_strange_exports_are_told(site: Site) -> None:
    first, second = made(site), made(site)
    assert found(site) == []
    with (first / "export" / MANIFEST).open("ab") as file:
        file.write(b" ")
    shutil.rmtree(second)
    shutil.copytree(first, site.house.exports / "E20260101-00000000")
    told = dict(found(site))
    assert "not the one that was signed" in told[first.name]
    assert "cannot be read" in told[second.name]
    assert "does not know" in told["E20260101-00000000"]
    assert len(told) == 3


def _destroy(site: Site, name: str) -> None:
    destroy(name, site.house, by="officer-1", reason="handed over", action=Action.EXPORT_DESTROYED)


def test_a_destruction_that_was_cut_short_is_told_and_ended(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = made(site)

    def fails(path: Path) -> None:
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as patch:
        patch.setattr("vcam.export.recovery.shutil.rmtree", fails)
        with pytest.raises(CustodyError, match="Permission denied"):
            _destroy(site, folder.name)
    assert found(site) == [(folder.name, "it was destroyed, and its folder is there")]
    recover(site.house.exports, Exports(site.house.database))
    assert not folder.exists()
    assert found(site) == []


def test_a_folder_that_the_register_was_made_to_name_is_not_removed(site: Site, tmp_path: Path) -> None:
    folder = made(site)
    precious = tmp_path / "precious"
    precious.mkdir()
    with site.house.database.write() as connection:
        connection.exec_driver_sql(f"UPDATE export SET folder = '{precious}'")  # noqa: S608 - a test's own path
    with pytest.raises(CustodyError, match="another name"):
        _destroy(site, folder.name)
    assert precious.is_dir()
