"""`garim ledger`."""

from __future__ import annotations

from pathlib import Path

import pytest

from recorder.audit.append import append
from recorder.audit.entry import Action, Entry
from recorder.database import Database
from tests.vcam.cli.conftest import BEGIN, Site
from vcam.app import index_url
from vcam.cli import main

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def logged(site: Site) -> Site:
    database = Database(index_url(site.settings))
    with database.write() as connection:
        for number in range(2):
            details = {"kind": "original", "task": f"사고 확인 {number}", "basis": "internal"}
            append(connection, Entry(BEGIN + number, "officer-1", Action.VIEWED, "camera/gate", details))
    database.close()
    return site


def test_a_form_is_printed_in_the_sites_time_zone(logged: Site, capsys: Capture) -> None:
    config = logged.config.read_text(encoding="utf-8")
    logged.config.write_text(f'[site]\ntimezone = "Asia/Seoul"\n{config}', encoding="utf-8")
    assert main(["ledger", "ledger", "-c", str(logged.config), "--format", "csv"]) == 0
    text = capsys.readouterr().out
    assert text.startswith("\ufeff번호,구분,")
    assert "2026-01-01 09:00:00+09:00" in text
    assert "사고 확인 1" in text


def test_a_form_is_written_for_a_span(logged: Site, capsys: Capture, tmp_path: Path) -> None:
    out = tmp_path / "form.html"
    span = ["--from", "2026-01-01T00:00:00.000001Z", "--to", "2026-01-02T00:00:00Z"]
    assert main(["ledger", "ledger", "-c", str(logged.config), "--lang", "en", *span, "-o", str(out)]) == 0
    text = out.read_text(encoding="utf-8")
    assert "Ledger of personal video" in text
    assert "사고 확인 1" in text
    assert "사고 확인 0" not in text


def test_an_unknown_form_is_refused(site: Site) -> None:
    assert main(["ledger", "novel", "-c", str(site.config)]) == 2
