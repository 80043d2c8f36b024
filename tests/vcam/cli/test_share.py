"""`garim share`: masked footage out, a link to it, and back."""

from __future__ import annotations

from pathlib import Path

import pytest

from recorder.database import Database
from recorder.requests.people import People
from recorder.requests.role import Role
from tests.support.portrait import frames
from tests.vcam.cli.conftest import COUNT, Site
from vcam.app import index_url
from vcam.base.clock import SystemClock
from vcam.cli import main

Capture = pytest.CaptureFixture[str]
PASSWORD = "correct horse battery staple"


def run(site: Site, *arguments: str | Path) -> int:
    return main([*map(str, arguments), "--config", str(site.config)])


@pytest.fixture
def staffed(site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    (tmp_path / "password").write_text(PASSWORD + "\n", encoding="utf-8")
    monkeypatch.setenv("GARIM_PASSWORD_FILE", str(tmp_path / "password"))
    database = Database(index_url(site.settings))
    people = People(database, SystemClock())
    for name, role in (("administrator-1", Role.ADMINISTRATOR), ("officer-1", Role.OFFICER)):
        people.add(name, name, {role}, PASSWORD, by="administrator-1")
    database.close()
    return site


WHEN = ("gate", "2026-01-01T00:00:00Z", "2026-01-01T00:01:00Z")
WHO = ("--as", "officer-1", "--reviewed-by", "officer-1", "--reason", "an accident")


def test_a_share_is_made_linked_and_revoked(staffed: Site, tmp_path: Path, capsys: Capture) -> None:
    assert run(staffed, "share", *WHEN, *WHO, "--link", "--out", tmp_path / "out") == 2
    assert "custody.exports alone" in capsys.readouterr().err
    assert run(staffed, "share", *WHEN, *WHO, "--link") == 0
    folder, link = capsys.readouterr().out.splitlines()
    assert len(frames(Path(folder) / "export" / "gate-masked.mp4")) == COUNT
    assert link.startswith("http://127.0.0.1:8480/s/")
    name = Path(folder).name
    assert run(staffed, "share", "revoke", name, "--as", "officer-1", "--reason", "wrong person") == 0
    assert not Path(folder).exists()
    assert run(staffed, "share", "revoke", name, "--as", "officer-1", "--reason", "again") == 1


def test_a_share_needs_its_reason_and_an_officer(staffed: Site, capsys: Capture) -> None:
    assert run(staffed, "share", *WHEN, *WHO[:-1], " ") == 1
    assert "reason" in capsys.readouterr().err
    assert run(staffed, "share", *WHEN, "--as", "administrator-1", *WHO[2:]) == 1
    assert "is no officer" in capsys.readouterr().err
    assert run(staffed, "share", *WHEN, *WHO, "--link", "--expires", "0") == 2
