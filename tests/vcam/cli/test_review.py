"""`garim review`: masked footage is looked through, mended and approved by somebody with a name."""

from __future__ import annotations

from pathlib import Path

import pytest

from recorder.database import Database
from recorder.requests.people import People
from recorder.requests.role import Role
from tests.vcam.cli.conftest import COUNT, SIZE, Site
from vcam.app import index_url
from vcam.base.clock import SystemClock
from vcam.cli import main
from vcam.review.folder import VIDEO, digest
from vcam.review.review import Review

Capture = pytest.CaptureFixture[str]
PASSWORD = "four words nobody guesses"


@pytest.fixture
def begun(site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    database = Database(index_url(site.settings))
    people = People(database, SystemClock())
    people.add("administrator-1", "administrator-1", {Role.ADMINISTRATOR}, PASSWORD, by="administrator-1")
    people.add("officer-1", "officer-1", {Role.OFFICER}, PASSWORD, by="administrator-1")
    database.close()
    (tmp_path / "password").write_text(PASSWORD + "\n", encoding="utf-8")
    monkeypatch.setenv("GARIM_PASSWORD_FILE", str(tmp_path / "password"))
    monkeypatch.setenv("GARIM_CONFIG", str(site.config))
    folder = tmp_path / "review"
    span = ("--from", "2026-01-01T00:00:00Z", "--to", "2026-01-01T00:00:10Z")
    assert main(["review", "start", str(folder), "--camera", "gate", *span]) == 0
    return folder


def test_it_names_the_video_as_it_would_leave(begun: Path) -> None:
    review = Review.load(begun / "review.json")
    assert (review.width, review.height, review.frames) == (*SIZE, COUNT)
    assert review.video == digest(begun / VIDEO)
    assert review.reviewer == ""


def test_changes_are_kept_shown_taken_back_and_approved(begun: Path, capsys: Capture) -> None:
    add = ("review", "add", str(begun), "--at", "0.5", "--box", "10,20,30,40")
    assert main([*add, "--reason", "a face at the window"]) == 0
    assert main([*add, "--reason", "twice"]) == 0
    assert main(["review", "undo", str(begun), "1"]) == 0
    capsys.readouterr()
    assert main(["review", "show", str(begun)]) == 0
    shown = capsys.readouterr()
    assert "a face at the window" in shown.out
    assert "twice" not in shown.out
    assert "not approved" in shown.err
    assert main(["review", "approve", str(begun), "--as", "officer-1"]) == 0
    review = Review.load(begun / "review.json")
    assert review.reviewer == "officer-1"
    assert list(review.added) == [int(0.5 * 25)]
    review.demand(digest(begun / VIDEO))


def test_who_may_not_review_does_not(begun: Path) -> None:
    assert main(["review", "approve", str(begun), "--as", "administrator-1"]) == 1
    assert Review.load(begun / "review.json").reviewer == ""


def test_another_video_in_its_place_is_noticed(begun: Path, capsys: Capture) -> None:
    with (begun / VIDEO).open("ab") as file:
        file.write(b"\0\0\0\x08free")
    assert main(["review", "approve", str(begun), "--as", "officer-1"]) == 1
    assert "has changed" in capsys.readouterr().err


@pytest.mark.parametrize(
    "wrong",
    [
        ["add", "--at", "99", "--box", "1,2,3,4", "--reason", "r"],
        ["add", "--at", "0", "--box", "3,2,1,4", "--reason", "r"],
        ["add", "--at", "0", "--box", "here", "--reason", "r"],
        ["add", "--at", "0", "--box", "nan,nan,nan,nan", "--reason", "r"],
        ["add", "--at", "0", "--box", "0,0,inf,9", "--reason", "r"],
        ["add", "--at", "nan", "--box", "1,2,30,40", "--reason", "r"],
        ["add", "--at", "0", "--box", "90000,2,90030,40", "--reason", "r"],
        ["remove", "--track", "12345", "--reason", "r"],
        ["undo", "0"],
        ["remove", "--track", "0", "--reason", "r"],
    ],
)
def test_what_makes_no_sense_is_refused_and_changes_nothing(begun: Path, wrong: list[str]) -> None:
    before = (begun / "review.json").read_bytes()
    assert main(["review", wrong[0], str(begun), *wrong[1:]]) != 0
    assert (begun / "review.json").read_bytes() == before
