"""Commands run as somebody: with a password of their own, which no command line shows."""

from __future__ import annotations

from pathlib import Path

from vcam.demo.staff import Done, Staff


def test_a_person_has_one_password_for_its_eyes_only(tmp_path: Path) -> None:
    staff = Staff(tmp_path / "garim.toml", tmp_path)
    first = staff.password_file("officer-1")
    assert staff.password_file("officer-1").read_text() == first.read_text()
    assert staff.password_file("officer-2").read_text() != first.read_text()
    assert first.stat().st_mode & 0o777 == 0o600


def test_a_command_says_what_went_wrong(tmp_path: Path) -> None:
    done = Staff(tmp_path / "absent.toml", tmp_path).garim("custodian", "list")
    assert not done.well
    assert "absent.toml" in done.err


def test_the_last_line_counts() -> None:
    assert Done(0, "one\ntwo\n", "noise\n").said == "two"
    assert Done(1, "one\n", "why\nmend\n").said == "mend"
    assert Done(0, "", "").said == ""
