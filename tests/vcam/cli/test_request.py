"""`garim request`, with people who sign in."""

from __future__ import annotations

from pathlib import Path

import pytest

from recorder.database import Database
from recorder.requests.people import People
from recorder.requests.role import Role
from vcam.app import index_url
from vcam.base.clock import SystemClock
from vcam.base.settings_file import load
from vcam.cli import main

Capture = pytest.CaptureFixture[str]
PASSWORD = "four words nobody guesses"
PEOPLE = {
    "administrator-1": Role.ADMINISTRATOR,
    "officer-1": Role.OFFICER,
    "approver-1": Role.APPROVER,
    "auditor-1": Role.AUDITOR,
}


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "garim.toml"
    path.write_text(
        "[recorder]\nkeep_original = false\n"
        '[site]\ntimezone = "Asia/Seoul"\n'
        '[[camera]]\nname = "gate"\nsource = { url = "rtsp://192.0.2.7/" }\n',
        encoding="utf-8",
    )
    database = Database(index_url(load(path)))
    people = People(database, SystemClock())
    for name, role in PEOPLE.items():
        people.add(name, name, {role}, PASSWORD, by="administrator-1")
    database.close()
    (tmp_path / "password").write_text(PASSWORD + "\n", encoding="utf-8")
    monkeypatch.setenv("GARIM_PASSWORD_FILE", str(tmp_path / "password"))
    monkeypatch.setenv("GARIM_CONFIG", str(path))
    return path


DRAFT = (
    "draft --as officer-1 --basis warrant --purpose theft --body police --camera gate "
    "--from 2026-03-02T12:00 --to 2026-03-02T12:10"
)


def request(line: str, *more: str) -> int:
    return main(["request", *line.split(), *more])


def test_a_case_from_draft_to_close(config: Path, tmp_path: Path, capsys: Capture) -> None:
    letter = tmp_path / "letter.pdf"
    letter.write_bytes(b"abc")
    assert request(DRAFT) == 0
    number = capsys.readouterr().out.split()[0]
    assert request(f"submit {number} --as officer-1") == 1
    assert "asks for a document" in capsys.readouterr().err
    assert request(f"attach {number} {letter} --as officer-1") == 0
    assert capsys.readouterr().out.startswith(
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    )
    assert request(f"submit {number} --as officer-1") == 0
    assert request(f"approve {number} --as officer-1") == 1
    assert "officer-1 is no approver" in capsys.readouterr().err
    assert request(f"approve {number} --as approver-1") == 0
    assert request("list --state approved") == 0
    assert f"{number}\tapproved\twarrant\tpolice\tgate\t2026-03-02 12:00:00+09:00" in capsys.readouterr().out
    assert request(f"show {number}") == 0
    assert "형사소송법 제215조" in capsys.readouterr().out
    assert request(f"close {number} --as officer-1 --outcome", "not fetched") == 0
    assert "closed" in capsys.readouterr().out


def test_a_citizens_form_comes_from_a_file(config: Path, tmp_path: Path, capsys: Capture) -> None:
    form = tmp_path / "form.toml"
    form.write_text(
        'name = "the person"\ncontact = "by mail"\nasked = "copy"\nidentity = "passport"\n'
        f'identity_sha256 = "{"ab" * 32}"\nplace = "gate"\nperiod = "noon"\nfee = 1000\n',
        encoding="utf-8",
    )
    line = DRAFT.replace("--basis warrant", "--basis data-subject").replace("--body police ", "")
    assert request(line, "--form", str(form), "--received", "2026-03-02T18:00") == 0
    out = capsys.readouterr().out
    assert "answer by 2026-03-12" in out
    number = out.split()[0]
    assert request(f"submit {number} --as officer-1") == 0
    assert request(f"refuse {number} --as approver-1 --ground scope") == 1
    assert request(f"refuse {number} --as approver-1 --ground destroyed") == 0
    assert request(f"show {number}") == 0
    assert "by mail" not in capsys.readouterr().out


def test_remind_tells_what_is_late(config: Path, tmp_path: Path, capsys: Capture) -> None:
    form = tmp_path / "form.toml"
    form.write_text(
        'name = "the person"\ncontact = "by mail"\nasked = "view"\nidentity = "passport"\n'
        f'identity_sha256 = "{"ab" * 32}"\nplace = "gate"\nperiod = "noon"\n',
        encoding="utf-8",
    )
    line = DRAFT.replace("--basis warrant", "--basis data-subject").replace("--body police ", "")
    assert request(line, "--form", str(form), "--received", "2026-03-02T18:00") == 0
    number = capsys.readouterr().out.split()[0]
    assert request("remind") == 0
    assert f"{number}: answer, late" in capsys.readouterr().out
    assert request("remind") == 0
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (DRAFT.replace("--camera gate", "--camera yard"), "no camera 'yard'"),
        (DRAFT.replace("warrant", "curiosity"), "basis: 'curiosity' is none of the list"),
        (DRAFT.replace("2026-03-02T12:00", "noon"), "from: 'noon' is no time"),
        (DRAFT.replace("officer-1", "nobody-1"), "Name, password or code is wrong"),
        ("show 2026-0099", "There is no request '2026-0099'"),
        ("list --state gone", "There is no state 'gone'"),
        ("refuse 2026-0001 --as approver-1 --ground whim", "There is no ground 'whim'"),
    ],
)
def test_mistakes_are_named(config: Path, capsys: Capture, line: str, said: str) -> None:
    assert request(line) == 1
    assert said in capsys.readouterr().err


def test_lists_of_the_law(config: Path, capsys: Capture) -> None:
    assert request("bases") == 0
    assert "investigation\t범죄의 수사와 공소의 제기 및 유지" in capsys.readouterr().out
    assert request("grounds") == 0
    assert "destroyed\t보관기간이 지나 파기됨" in capsys.readouterr().out
