"""`garim audit`."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from sqlalchemy import text

from recorder.audit.append import append
from recorder.audit.entry import SYSTEM, Action, Entry
from recorder.database import Database
from tests.vcam.cli.conftest import BEGIN, Site
from vcam.app import index_url
from vcam.base.canonical import Json
from vcam.base.clock import SystemClock
from vcam.cli import main

Capture = pytest.CaptureFixture[str]
COUNT = 6


def audit(site: Site, *arguments: str | Path) -> int:
    command, *rest = map(str, arguments)
    return main(["audit", command, "--config", str(site.config), *rest])


@pytest.fixture
def logged(site: Site) -> Site:
    """The site with some looks on record, beside what making it has put there."""
    with_database(site, None)
    return site


def with_database(site: Site, statement: str | None) -> None:
    database = Database(index_url(site.settings))
    with database.write() as connection:
        if statement is None:
            for number in range(COUNT):
                details: dict[str, Json] = {"task": "=1+1 정기 점검", "start": number}
                append(
                    connection,
                    Entry(BEGIN + number, "officer-1", Action.VIEWED, "camera/gate", details, "192.0.2.9"),
                )
            append(connection, Entry(SystemClock().utc(), SYSTEM, Action.LOST, "camera/yard"))
        else:
            connection.execute(text("DROP TRIGGER audit_no_update"))
            connection.execute(text("DROP TRIGGER audit_no_delete"))
            connection.execute(text(statement))
    database.close()


def saved(capsys: Capture, path: Path) -> Path:
    path.write_text(capsys.readouterr().out, encoding="utf-8")
    return path


def test_entries_are_listed_by_what_they_are(logged: Site, capsys: Capture) -> None:
    assert audit(logged, "list", "--actor", "officer-1", "--to", "2026-01-01T00:00:00.000003Z", "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert [each["details"]["start"] for each in found] == [0, 1, 2]
    assert audit(logged, "list", "--action", "footage.lost", "--csv") == 0
    head, row = csv.reader(io.StringIO(capsys.readouterr().out))
    assert head[3:5] == ["Action", "Subject"]
    assert row[2:5] == ["garim", "footage.lost", "camera/yard"]
    assert audit(logged, "list", "--subject", "camera/g") == 0
    assert len([line for line in capsys.readouterr().out.splitlines() if "정기 점검" in line]) == COUNT
    assert audit(logged, "list", "--action", "unheard") == 2
    assert "'unheard' is no action" in capsys.readouterr().err


def test_an_untouched_log_is_verified(logged: Site, capsys: Capture) -> None:
    assert audit(logged, "verify") == 0
    assert audit(logged, "head", "--new") == 0
    capsys.readouterr()
    assert audit(logged, "verify", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["findings"] == []
    assert told["confirmed"] == told["entries"] - 1


def test_an_edit_is_told_and_fails(logged: Site, capsys: Capture) -> None:
    with_database(logged, "UPDATE audit SET actor = 'nobody' WHERE action = 'footage.lost'")
    assert audit(logged, "verify") == 1
    assert "says another actor in its body" in capsys.readouterr().out


def test_a_cut_tail_is_told_by_a_head_from_outside(logged: Site, capsys: Capture, tmp_path: Path) -> None:
    assert audit(logged, "head") == 1
    assert "no head yet" in capsys.readouterr().err
    assert audit(logged, "head", "--new") == 0
    outside = saved(capsys, tmp_path / "mailed.txt")
    assert audit(logged, "verify", "--head", outside) == 0
    with_database(logged, "DELETE FROM audit WHERE action IN ('audit.head', 'footage.lost')")
    capsys.readouterr()
    assert audit(logged, "verify", "--head", outside) == 1
    assert "from outside says that there was more" in capsys.readouterr().out
    outside.write_text("nothing", encoding="utf-8")
    assert audit(logged, "verify", "--head", outside) == 1
    assert "mailed.txt: This is no head" in capsys.readouterr().err


def test_every_head_of_a_file_is_taken(logged: Site, capsys: Capture, tmp_path: Path) -> None:
    outside = tmp_path / "mailed.txt"
    texts = []
    for _ in range(2):
        assert audit(logged, "head", "--new") == 0
        texts.append(capsys.readouterr().out)
    outside.write_text("The heads of this week:\n\n" + "\n".join(texts), encoding="utf-8")
    assert audit(logged, "verify", "--head", outside) == 0
    assert "2 kept outside" in capsys.readouterr().out
    with_database(logged, "DELETE FROM audit WHERE number = (SELECT max(number) FROM audit)")
    capsys.readouterr()
    assert audit(logged, "verify", "--head", outside) == 1
    assert "from outside says that there was more" in capsys.readouterr().out
    outside.write_text(texts[0] + texts[1][:150], encoding="utf-8")
    assert audit(logged, "verify", "--head", outside) == 1
    assert "This is no head" in capsys.readouterr().err


def test_heads_in_the_second_place_are_taken_too(logged: Site, capsys: Capture, tmp_path: Path) -> None:
    second = tmp_path / "second"
    second.mkdir()
    config = logged.config.read_text(encoding="utf-8")
    logged.config.write_text(
        config.replace("[[camera]]", '[custody]\nheads = "second"\n[[camera]]'), encoding="utf-8"
    )
    assert audit(logged, "head", "--new") == 0
    saved(capsys, second / "head-1.txt")
    with_database(logged, "DELETE FROM audit WHERE action = 'audit.head'")
    assert audit(logged, "verify") == 1
    told = capsys.readouterr().out
    assert "1 kept outside" in told


def test_a_proof_goes_without_the_site(logged: Site, capsys: Capture, tmp_path: Path) -> None:
    assert audit(logged, "head", "--new") == 0
    old = saved(capsys, tmp_path / "old.txt")
    assert audit(logged, "key") == 0
    key = saved(capsys, tmp_path / "log.pub")
    assert audit(logged, "prove", "2") == 0
    proof = saved(capsys, tmp_path / "proof.json")
    assert main(["audit", "check-proof", str(proof)]) == 2
    shown = capsys.readouterr()
    assert "not authenticated: signed by the key" in shown.err
    assert main(["audit", "check-proof", str(proof), "--key", str(key)]) == 0
    assert "Entry 2 is in the log" in capsys.readouterr().out
    other = tmp_path / "other.pub"
    other.write_text("RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3\n", encoding="utf-8")
    assert main(["audit", "check-proof", str(proof), "--key", str(other)]) == 1
    assert audit(logged, "verify", "--key", other) == 1
    assert "was signed by another key" in capsys.readouterr().out
    proof.write_text(proof.read_text(encoding="utf-8").replace("officer-1", "officer-2"), encoding="utf-8")
    proof.write_text(proof.read_text(encoding="utf-8").replace('"number": 2', '"number": 3'), encoding="utf-8")
    assert main(["audit", "check-proof", str(proof), "--key", str(key)]) == 1
    assert audit(logged, "head", "--new") == 0
    capsys.readouterr()
    assert audit(logged, "prove", "--head", old) == 0
    grown = saved(capsys, tmp_path / "grown.json")
    assert main(["audit", "check-proof", str(grown), "--key", str(key)]) == 0
    assert "begins with that of" in capsys.readouterr().out


def test_one_thing_is_proved_at_a_time(logged: Site, capsys: Capture) -> None:
    assert audit(logged, "prove") == 2
    assert audit(logged, "prove", "99") == 1
