"""`garim person`."""

from __future__ import annotations

from pathlib import Path

import pytest

from vcam.cli import main

Capture = pytest.CaptureFixture[str]
PASSWORD = "four words nobody guesses"


@pytest.fixture(autouse=True)
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "garim.toml"
    path.write_text(
        '[recorder]\nkeep_original = false\n[[camera]]\nname = "gate"\nsource = { url = "rtsp://192.0.2.7/" }\n',
        encoding="utf-8",
    )
    (tmp_path / "password").write_text(PASSWORD + "\n", encoding="utf-8")
    for variable in ("GARIM_PASSWORD_FILE", "GARIM_NEW_PASSWORD_FILE"):
        monkeypatch.setenv(variable, str(tmp_path / "password"))
    monkeypatch.setenv("GARIM_CONFIG", str(path))
    return path


def person(line: str) -> int:
    return main(["person", *line.split()])


def test_the_first_is_an_administrator_who_adds_the_others(capsys: Capture) -> None:
    assert person("add officer-1 --role officer") == 1
    assert "first person must be an administrator" in capsys.readouterr().err
    assert person("add administrator-1 --role administrator") == 0
    assert person("add officer-1 --role officer --as administrator-1") == 0
    assert person("add officer-2 --role officer --as officer-1") == 1
    assert "officer-1 is no administrator" in capsys.readouterr().err
    assert person("roles officer-1 --role officer --role approver --as administrator-1") == 0
    assert person("revoke officer-1 --as administrator-1") == 0
    capsys.readouterr()
    assert person("list") == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[1].startswith("administrator-1\tadministrator-1\tadministrator\tno\t")
    assert lines[2].startswith("officer-1\tofficer-1\tapprover officer\tno\t20")


@pytest.mark.parametrize(
    ("roles", "said"),
    [
        ("--role administrator --role custodian", "never a custodian"),
        ("--role auditor --role officer", "An auditor is nothing else"),
        ("--role king", "no role 'king'"),
    ],
)
def test_roles_that_do_not_go_together(capsys: Capture, roles: str, said: str) -> None:
    assert person("add administrator-1 --role administrator") == 0
    assert person(f"add somebody-1 {roles} --as administrator-1") == 1
    assert said in capsys.readouterr().err


def test_a_new_password_and_a_second_factor(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    assert person("add administrator-1 --role administrator") == 0
    other = tmp_path / "other"
    other.write_text("another long password\n", encoding="utf-8")
    monkeypatch.setenv("GARIM_NEW_PASSWORD_FILE", str(other))
    assert person("password administrator-1") == 0
    assert person("second administrator-1") == 1
    assert "Name, password or code is wrong" in capsys.readouterr().err
    monkeypatch.setenv("GARIM_PASSWORD_FILE", str(other))
    assert person("second administrator-1") == 0
    assert "otpauth://totp/Garim%3Aadministrator-1?secret=" in capsys.readouterr().out


def test_a_password_file_that_is_not_there(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: Capture
) -> None:
    monkeypatch.setenv("GARIM_NEW_PASSWORD_FILE", str(tmp_path / "none"))
    assert person("add administrator-1 --role administrator") == 2
    assert "cannot be read" in capsys.readouterr().err
