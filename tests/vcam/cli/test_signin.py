"""Signing in at the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from recorder.database import Database
from recorder.requests.people import People
from recorder.requests.role import Role
from vcam.base.clock import SystemClock
from vcam.base.errors import ConfigError, Forbidden
from vcam.base.settings import CameraSettings, RecorderSettings, Settings, SourceSettings
from vcam.cli.signin import password, signed_in

PASSWORD = "four words nobody guesses"


def test_the_password_and_the_role_are_checked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    database = Database("sqlite://")
    settings = Settings(
        recorder=RecorderSettings(enabled=False),
        camera=[CameraSettings(name="gate", source=SourceSettings(url="rtsp://192.0.2.7/"))],
    )
    People(database, SystemClock()).add(
        "administrator-1", "Administrator", {Role.ADMINISTRATOR}, PASSWORD, by="administrator-1"
    )
    file = tmp_path / "password"
    monkeypatch.setenv("GARIM_PASSWORD_FILE", str(file))
    file.write_text(PASSWORD + "\r\nnot this line", encoding="utf-8")
    assert signed_in(settings, database, "administrator-1").name == "administrator-1"
    assert signed_in(settings, database, "administrator-1", Role.OFFICER, Role.ADMINISTRATOR).second is False
    with pytest.raises(Forbidden, match="administrator-1 is no officer"):
        signed_in(settings, database, "administrator-1", Role.OFFICER)
    file.write_text(PASSWORD + " ", encoding="utf-8")
    with pytest.raises(Forbidden, match="wrong"):
        signed_in(settings, database, "administrator-1")
    database.close()


def test_an_empty_file_is_no_password(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "password"
    file.write_text("\n", encoding="utf-8")
    monkeypatch.setenv("GARIM_PASSWORD_FILE", str(file))
    with pytest.raises(ConfigError, match="is empty"):
        password("Password")
