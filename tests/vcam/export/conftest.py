"""A site that exports: a case that was released, people, keys, and a folder in memory."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from recorder.audit.tables import entry
from recorder.database import Database
from recorder.evidence.verifier import minisign as texts
from recorder.evidence.verifier.check import MANIFEST, check
from recorder.release.runtime import kind_of
from recorder.requests.book import Requests
from recorder.signing import SigningKey
from tests.recorder.evidence.support import KEY, OTHER
from tests.recorder.requests.conftest import NOON, SHA, cast_into, letter
from tests.support.patch import PatchAnalyst
from vcam.base.clock import ManualClock
from vcam.base.settings import CameraSettings, SiteSettings, SourceSettings
from vcam.export.house import House


@dataclass
class Site:
    """The house, its book of requests, and its log."""

    house: House
    book: Requests
    key: SigningKey

    def entries(self, action: str) -> list[dict[str, Any]]:
        with self.house.database.read() as connection:
            query = select(entry.c.body).where(entry.c.action == action).order_by(entry.c.number)
            return [json.loads(body) for body in connection.scalars(query)]

    def released(self) -> str:
        """A warrant's case about ten minutes before noon at the gate, whose originals were opened."""
        number = self.approved()
        self.book.released(number, by="officer-1", details={"release": "r", "custodians": ["custodian-1"]})
        return number

    def approved(self) -> str:
        number = self.book.draft(letter(limits="destroy after the trial"), by="officer-1").number
        self.book.attach(number, SHA, "warrant.pdf", by="officer-1")
        self.book.submit(number, by="officer-1")
        self.book.approve(number, by="approver-1")
        return number

    def manifest(self, folder: Path) -> dict[str, Any]:
        """The manifest of an export that verifies."""
        key = texts.PublicKey(self.key.public.id, self.key.public.raw)
        assert check(str(folder / "export"), key).findings == []
        manifest: dict[str, Any] = json.loads((folder / "export" / MANIFEST).read_bytes())
        return manifest

    def left(self) -> list[Path]:
        """Whatever lies in the folder of exports or in memory."""
        return [*self.house.exports.glob("*"), *self.house.runtime.glob("*")]


@pytest.fixture
def runtime() -> Iterator[Path]:
    memory = Path("/dev/shm")  # noqa: S108 - that it is shared memory is what is asked of it
    if kind_of(memory) != "tmpfs":
        pytest.skip("there is no folder in memory here")
    folder = Path(tempfile.mkdtemp(prefix="garim-test-", dir=memory))
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def site(tmp_path: Path, runtime: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    for module in ("vcam.offline", "vcam.tracks", "vcam.export.stills"):
        monkeypatch.setattr(f"{module}.Analyst", lambda kinds, **_: PatchAnalyst())
    database = Database(f"sqlite:///{tmp_path / 'index.db'}")
    cast_into(database)
    clock = ManualClock(NOON)
    (tmp_path / "media").mkdir()
    camera = CameraSettings(name="gate", source=SourceSettings(url="rtsp://192.0.2.7/"))
    house = House(
        database=database,
        media=tmp_path / "media",
        exports=tmp_path / "exports",
        runtime=runtime,
        institution="가림 시험",
        officer="the officer in charge",
        signing=KEY,
        recorder=OTHER.public,
        cameras={"gate": camera},
        site=SiteSettings(),
        clock=clock,
    )
    yield Site(house, Requests(database, clock), KEY)
    database.close()
