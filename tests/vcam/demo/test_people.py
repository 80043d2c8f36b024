"""The demo's people."""

from __future__ import annotations

import stat
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from recorder.database import Database
from recorder.requests.people import People
from recorder.requests.role import Role
from vcam.base.clock import SystemClock
from vcam.demo.people import CAST, settle


def test_they_can_sign_in_and_are_made_once(tmp_path: Path) -> None:
    index, note = f"sqlite:///{tmp_path / 'index.sqlite'}", tmp_path / "people.txt"
    settle(index, note, "the demo's password")
    before = note.read_text(encoding="utf-8")
    settle(index, note, "another password")
    assert note.read_text(encoding="utf-8") == before
    assert stat.S_IMODE(note.stat().st_mode) == 0o600
    database = Database(index)
    people = People(database, SystemClock())
    assert {each.name: each.roles for each in people.list()} == {name: {role} for name, role in CAST.items()}
    assert people.sign_in("officer-1", "the demo's password", door="console").holds(Role.OFFICER)
    database.close()
    uris = [urlsplit(word) for word in before.split() if word.startswith("otpauth:")]
    assert len(uris) == 2
    assert all(len(parse_qs(uri.query)["secret"][0]) == 32 for uri in uris)
