"""Certificates of destruction: what the log says, signed; checked by Debian's minisign."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from recorder.audit.entry import Action, leaf_hash
from recorder.audit.tables import entry
from recorder.certificate import certify
from recorder.evidence.minisign import write_public
from recorder.index import DAY, Index
from recorder.purge import Purge
from recorder.signing import INSTITUTION, SigningKey
from tests.recorder.support import START
from tests.recorder.test_index import described
from vcam.base.clock import ManualClock
from vcam.base.errors import CustodyError

NOW = START + 31 * DAY


class Keys:
    """A share store that remembers."""

    def __init__(self) -> None:
        self.destroyed: list[str] = []

    def destroy(self, ids: object) -> int:
        assert isinstance(ids, list)
        self.destroyed += ids
        return len(ids)


@pytest.fixture
def purged(index: Index, tmp_path: Path) -> Index:
    index.add(described(1, START, kind="original", epoch="gate/2025-06-15/15"))
    index.add(described(2, START))
    index.add(described(3, START, camera="yard"))
    keys = Keys()
    assert Purge(index, tmp_path, ManualClock(NOW), shares=keys).run().segments == 3
    assert keys.destroyed == ["gate/2025-06-15/15"]
    return index


def test_it_says_what_the_log_says(purged: Index, tmp_path: Path) -> None:
    key = SigningKey.open(tmp_path / "keys", INSTITUTION)
    made = certify(purged.database, key, NOW, NOW + 1, institution="City Hall", now=NOW + 5)
    found = json.loads(made.document)
    assert found["institution"] == "City Hall"
    assert found["key"] == key.public.raw.hex()
    with purged.database.read() as connection:
        rows = connection.execute(entry.select().order_by(entry.c.number)).all()
    assert [line["entry"] for line in found["destroyed"]] == [row.number for row in rows]
    assert [line["leaf"] for line in found["destroyed"]] == [leaf_hash(row.body.encode()).hex() for row in rows]
    assert sorted(line["action"] for line in found["destroyed"]) == sorted(
        [Action.PURGED.value] * 3 + [Action.SHREDDED.value]
    )
    (shredded,) = (line for line in found["destroyed"] if line["action"] == Action.SHREDDED.value)
    assert shredded["details"]["epochs"] == ["gate/2025-06-15/15"]


def test_it_tells_of_keys_only_where_keys_went(purged: Index, tmp_path: Path) -> None:
    key = SigningKey.open(tmp_path / "keys", INSTITUTION)
    methods = {}
    for camera in ("gate", "yard"):
        made = certify(purged.database, key, NOW, NOW + 1, institution="City Hall", now=NOW, camera=camera)
        methods[camera] = json.loads(made.document)["method"]
    assert "shares of the keys" in methods["gate"]
    assert methods["yard"] == "files unlinked, folders synchronised"


def test_minisign_checks_it(purged: Index, tmp_path: Path) -> None:
    if shutil.which("minisign") is None:
        pytest.skip("minisign is not installed")
    key = SigningKey.open(tmp_path / "keys", INSTITUTION)
    made = certify(purged.database, key, NOW, NOW + 1, institution="City Hall", now=NOW, camera="yard")
    document, public = tmp_path / "certificate.json", tmp_path / "institution.pub"
    document.write_bytes(made.document)
    document.with_name("certificate.json.minisig").write_text(made.signature, encoding="utf-8")
    write_public(public, key.public)
    command = ["minisign", "-V", "-p", str(public), "-m", str(document)]
    assert subprocess.run(command, capture_output=True, check=False).returncode == 0
    document.write_bytes(made.document.replace(b"yard", b"gate", 1))
    assert subprocess.run(command, capture_output=True, check=False).returncode != 0


def test_nothing_destroyed_is_nothing_certified(purged: Index, tmp_path: Path) -> None:
    key = SigningKey.open(tmp_path / "keys", INSTITUTION)
    with pytest.raises(CustodyError, match="Nothing was destroyed"):
        certify(purged.database, key, 0, NOW, institution="City Hall", now=NOW)
    with pytest.raises(CustodyError, match="Nothing was destroyed"):
        certify(purged.database, key, NOW, NOW + 1, institution="City Hall", now=NOW, camera="roof")
