"""`garim purge`."""

from __future__ import annotations

import pytest

from tests.vcam.cli.conftest import BEGIN, Site
from vcam.base.clock import SystemClock
from vcam.cli import main

Capture = pytest.CaptureFixture[str]


def purge(site: Site, *arguments: str) -> int:
    return main(["purge", "--config", str(site.config), *arguments])


def files(site: Site) -> list[str]:
    return sorted(str(file) for file in site.settings.recorder.folder.rglob("*") if file.is_file())


@pytest.fixture
def expired(site: Site) -> Site:
    """The site, with a retention that the footage has outlived."""
    assert SystemClock().utc() - BEGIN > 0.001 * 86_400_000_000
    text = site.config.read_text(encoding="utf-8").replace("retention_days = 3650", "retention_days = 0.001")
    site.config.write_text(text, encoding="utf-8")
    return site


def test_nothing_is_due_within_its_time(site: Site, capsys: Capture) -> None:
    before = files(site)
    assert purge(site) == 0
    assert "0 segments deleted" in capsys.readouterr().out
    assert files(site) == before


def test_a_dry_run_lists_and_deletes_nothing(expired: Site, capsys: Capture) -> None:
    before = files(expired)
    assert purge(expired, "--dry-run") == 0
    text = capsys.readouterr().out
    assert "gate original 2026-01-01T00:00:00.000Z" in text
    assert "2 segments would be deleted" in text
    assert files(expired) == before


def test_what_is_over_goes(expired: Site, capsys: Capture) -> None:
    assert purge(expired) == 0
    assert "2 segments deleted" in capsys.readouterr().out
    assert files(expired) == []
    assert main(["check", "--config", str(expired.config), "--deep"]) == 0
