"""`garim retention`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.vcam.cli.conftest import Site
from vcam.cli import main

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def purged(site: Site, capsys: Capture) -> Site:
    text = site.config.read_text(encoding="utf-8").replace("retention_days = 3650", "retention_days = 0.001")
    site.config.write_text(text, encoding="utf-8")
    assert main(["purge", "--config", str(site.config)]) == 0
    capsys.readouterr()
    return site


def test_the_report_tells_what_was_kept(purged: Site, capsys: Capture) -> None:
    assert main(["retention", "report", "--json", "--config", str(purged.config)]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["reason"] == "a test"
    assert [(each["camera"], each["kind"], each["purged"]) for each in found["cameras"]] == [
        ("gate", "masked", 1),
        ("gate", "original", 1),
    ]
    assert main(["retention", "report", "--config", str(purged.config)]) == 0
    assert "gate\tmasked\t0.00\t0\t\t0\t0\t1\t" in capsys.readouterr().out


def test_a_certificate_is_written_once(purged: Site, tmp_path: Path, capsys: Capture) -> None:
    out = tmp_path / "certificate.json"
    assert main(["retention", "certificate", str(out), "--config", str(purged.config)]) == 0
    assert len(json.loads(out.read_text(encoding="utf-8"))["destroyed"]) == 2
    assert "trusted comment" in (tmp_path / "certificate.json.minisig").read_text(encoding="utf-8")
    assert main(["retention", "certificate", str(out), "--config", str(purged.config)]) == 1


def test_nothing_to_certify_is_told(site: Site, tmp_path: Path, capsys: Capture) -> None:
    out = tmp_path / "certificate.json"
    assert main(["retention", "certificate", str(out), "--config", str(site.config)]) == 1
    assert "Nothing was destroyed" in capsys.readouterr().err
    assert not out.exists()
