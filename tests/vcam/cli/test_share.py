"""`garim share`: masked footage out, a link to it, and back."""

from __future__ import annotations

import contextlib
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from recorder.audit.entry import Action
from recorder.audit.log import Wanted, entries
from recorder.database import Database
from recorder.evidence.register import Export, Exports
from recorder.requests.people import People
from recorder.requests.role import Role
from recorder.scope import Scope
from tests.support.portrait import frames
from tests.support.ports import free_ports
from tests.vcam.cli.conftest import COUNT, Site
from tests.vcam.test_app import until
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


def console(site: Site, *lines: str) -> None:
    """Settings of the console."""
    said = site.config.read_text(encoding="utf-8").partition("[console]")[0]
    site.config.write_text("\n".join((said, "[console]", *lines, "")), encoding="utf-8")


def test_a_share_is_made_linked_and_revoked(staffed: Site, tmp_path: Path, capsys: Capture) -> None:
    console(staffed, "enabled = true")
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
    with contextlib.closing(Database(index_url(staffed.settings))) as database, database.read() as connection:
        told = [each.entry.action for each in entries(connection, Wanted(subject=f"export/{name}"))]
    # That the files were removed is in the ledger's destruction records, which are made of this entry.
    assert told[-2:] == [Action.SHARE_REVOKED, Action.EXPORT_DESTROYED]


def test_what_is_no_share_is_not_revoked_as_one(staffed: Site, tmp_path: Path, capsys: Capture) -> None:
    folder = tmp_path / "E20260101-00c0ffee"
    folder.mkdir()
    with contextlib.closing(Database(index_url(staffed.settings))) as database:
        made = Export(
            id=folder.name,
            mark=0xC0FFEE,
            kind="original",
            request="2026-0001",
            reason="",
            scope=Scope(("gate",), 0, 1),
            created=1,
            created_by="officer-1",
            manifest_sha256="ab" * 32,
            reviewed_by=None,
            receiver="police",
            folder=str(folder),
        )
        Exports(database).record(made, lambda _: None)
    assert run(staffed, "share", "revoke", folder.name, "--as", "officer-1", "--reason", "wrong person") == 1
    assert "is no share" in capsys.readouterr().err
    assert folder.exists()


def test_a_share_needs_its_reason_and_an_officer(staffed: Site, capsys: Capture) -> None:
    assert run(staffed, "share", *WHEN, *WHO[:-1], " ") == 1
    assert "reason" in capsys.readouterr().err
    assert run(staffed, "share", *WHEN, "--as", "administrator-1", *WHO[2:]) == 1
    assert "is no officer" in capsys.readouterr().err
    for wrong in (("--expires", "0"), ("--expires", "nan"), ("--expires", "1e99"), ("--downloads", "0")):
        assert run(staffed, "share", *WHEN, *WHO, "--link", *wrong) == 2


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        ((), "none is served"),
        (("enabled = true", "port = 0"), "console.url"),
        (("enabled = true", "tls = true", 'bind = "0.0.0.0"'), "console.url"),
    ],
)
def test_no_link_is_made_that_leads_nowhere(
    staffed: Site, capsys: Capture, lines: tuple[str, ...], says: str
) -> None:
    console(staffed, *lines)
    exports = staffed.settings.custody.exports
    before = sorted(exports.glob("*"))
    assert run(staffed, "share", *WHEN, *WHO, "--link") == 2
    assert says in capsys.readouterr().err
    assert sorted(exports.glob("*")) == before


def test_footage_that_is_not_finished_is_waited_for(staffed: Site, tmp_path: Path, capsys: Capture) -> None:
    end = datetime.now(UTC).isoformat()
    when = ("gate", "2026-01-01T00:00:00Z", end)
    assert run(staffed, "share", *when, *WHO, "--out", tmp_path / "out") == 1
    said = capsys.readouterr().err
    assert "not finished" in said
    assert re.search(r"Wait until .*\d\d:\d\d:\d\d \(\d+ s\)", said)
    assert list((tmp_path / "out").glob("*")) == []
    span = ("--from", when[1], "--to", end)
    assert run(staffed, "review", "start", tmp_path / "review", "--camera", "gate", *span) == 1
    assert "Wait until" in capsys.readouterr().err
    assert not (tmp_path / "review").exists()


@pytest.fixture
def running(staffed: Site, tmp_path: Path) -> Iterator[Site]:
    """`garim run` of the site, whose camera is off."""
    port, off = free_ports(2)
    (tmp_path / "onvif.password").write_text("correct-horse-battery\n", encoding="utf-8")
    text = staffed.config.read_text(encoding="utf-8").replace("192.0.2.7", f"127.0.0.1:{off}")
    onvif = '[onvif]\nbind = "127.0.0.1"\nport = 0\nrtsp_port = 0\ndiscovery = false\n'
    staffed.config.write_text(onvif + text, encoding="utf-8")
    console(staffed, "enabled = true", f"port = {port}")
    command = [sys.executable, "-m", "vcam.cli", "run", "--config", str(staffed.config)]
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        until("the console", lambda: status(f"http://127.0.0.1:{port}/s/x") == 404)
        yield staffed
    finally:
        process.terminate()
        process.wait(20)


def status(url: str) -> int:
    """What a new visitor is answered; 0 where nobody listens."""
    try:
        return httpx.get(url).status_code
    except httpx.TransportError:
        return 0


def test_a_link_leads_to_the_file_at_the_console_of_a_running_site(running: Site, capsys: Capture) -> None:
    def shared(*more: str) -> tuple[Path, str]:
        assert run(running, "share", *WHEN, *WHO, "--link", *more) == 0
        folder, link = capsys.readouterr().out.splitlines()
        return Path(folder), link

    folder, link = shared("--downloads", "2")
    for _ in range(2):
        answer = httpx.get(link)
        assert answer.status_code == 200
        assert answer.content == (folder / "export" / "gate-masked.mp4").read_bytes()
    assert status(link) == 404
    folder, link = shared()
    assert run(running, "share", "revoke", folder.name, "--as", "officer-1", "--reason", "wrong person") == 0
    assert status(link) == 404
    capsys.readouterr()
    _, link = shared("--downloads", "1000", "--expires", "0.0005")
    until("its end", lambda: status(link) == 404)
