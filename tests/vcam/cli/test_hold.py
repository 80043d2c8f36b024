"""`garim hold`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.vcam.cli.conftest import Site
from vcam.cli import main

Capture = pytest.CaptureFixture[str]
PASSWORD = "a password for tests"


@pytest.fixture
def people(site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    """The site, with an officer and an approver."""
    from recorder.database import Database
    from recorder.requests.people import People
    from recorder.requests.role import Role
    from vcam.app import index_url
    from vcam.base.clock import SystemClock

    database = Database(index_url(site.settings))
    everybody = People(database, SystemClock())
    everybody.add("administrator-1", "administrator", [Role.ADMINISTRATOR], PASSWORD, by="administrator-1")
    everybody.add("officer-1", "officer", [Role.OFFICER], PASSWORD, by="administrator-1")
    everybody.add("approver-1", "approver", [Role.APPROVER], PASSWORD, by="administrator-1")
    database.close()
    file = tmp_path / "password"
    file.write_text(PASSWORD, encoding="utf-8")
    monkeypatch.setenv("GARIM_PASSWORD_FILE", str(file))
    return site


def hold(site: Site, *arguments: str) -> int:
    return main(["hold", *arguments, "--config", str(site.config)])


def place(site: Site, camera: str = "gate", person: str = "officer-1") -> int:
    span = ["--from", "2026-01-01T00:20:00Z", "--to", "2026-01-01T00:30:00Z"]
    return hold(site, "place", "--camera", camera, *span, "--reason", "a case", "--as", person)


def test_held_footage_outlives_its_time_until_the_hold_is_lifted(people: Site, capsys: Capture) -> None:
    assert place(people) == 0
    assert "2026-01-01T00:00:00.000Z\t2026-01-01T01:00:00.000Z\ta case" in capsys.readouterr().out
    text = people.config.read_text(encoding="utf-8").replace("retention_days = 3650", "retention_days = 0.001")
    people.config.write_text(text, encoding="utf-8")
    assert main(["purge", "--config", str(people.config), "--dry-run"]) == 0
    said = capsys.readouterr().out
    assert "2 expired segments" in said
    assert "stay: held by hold 1 of officer-1 (a case)" in said
    assert "0 segments would be deleted" in said
    assert main(["purge", "--config", str(people.config)]) == 0
    assert "0 segments deleted" in capsys.readouterr().out
    assert hold(people, "lift", "1", "--reason", "closed", "--as", "approver-1") == 0
    assert main(["purge", "--config", str(people.config)]) == 0
    assert "2 segments deleted" in capsys.readouterr().out
    assert hold(people, "list") == 0
    assert "a case" not in capsys.readouterr().out
    assert hold(people, "list", "--all") == 0
    assert "a case" in capsys.readouterr().out


def test_a_camera_that_does_not_exist_is_named(people: Site, capsys: Capture) -> None:
    assert place(people, camera="gaet") == 2
    assert "There is no camera 'gaet'" in capsys.readouterr().err


def test_an_officer_does_not_lift(people: Site, capsys: Capture) -> None:
    assert place(people) == 0
    assert hold(people, "lift", "1", "--reason", "closed", "--as", "officer-1") == 1
    assert "officer-1 is no approver" in capsys.readouterr().err


def test_who_is_nobody_holds_nothing(people: Site) -> None:
    assert place(people, person="somebody") == 1
    assert hold(people, "list", "--all") == 0
