"""A recorder with three custodians, two of whom are needed, and what it has recorded around 09:00 and 10:00."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from recorder.database import Database
from recorder.descriptor import SegmentDescriptor
from recorder.epochs import Epochs
from recorder.index import Index
from recorder.raw import RawWriter
from recorder.release.answering import answer, take
from recorder.release.asking import Asked, ask
from recorder.release.document import read_ask
from recorder.release.opening import Opened, open_release
from recorder.release.runtime import Runtime
from recorder.scope import Scope
from recorder.shares.store import ShareStore
from recorder.signing import INSTITUTION, SigningKey
from recorder.vault.keys import Identity
from tests.recorder.support import START, encode
from vcam.base.clock import ManualClock
from vcam.base.media import AccessUnit

HOUR = 3_600_000_000
NINE = 1_767_258_000_000_000
"""2026-01-01T09:00:00Z."""
PEOPLE = {f"custodian-{n}": Identity.generate() for n in (1, 2, 3)}


@dataclass
class Site:
    """Everything that a release needs."""

    folder: Path
    clock: ManualClock
    store: ShareStore
    database: Database
    index: Index
    runtime: Runtime
    institution: SigningKey
    sent: dict[str, list[AccessUnit]] = field(default_factory=dict)

    @property
    def media(self) -> Path:
        return self.folder / "media"

    def record(
        self, camera: str, start: int, *, frames: int = 200, recipients: tuple[str, ...] = ()
    ) -> list[SegmentDescriptor]:
        """Record `frames` pictures at 25 a second in segments of 2 s, GOPs of 10, from `start` (us UTC) on."""
        found: list[SegmentDescriptor] = []
        clock = ManualClock(start)
        epochs = Epochs(self.folder / "state" / "shares.sqlite", camera, 2, recipients, clock)
        writer = RawWriter(self.media, camera, recipients, 2, found.append, clock, epochs=epochs)
        info, units = encode(frames, seed=start // 1_000_000 % 1000 + len(camera))
        units = [replace(unit, time=unit.time - START + start) for unit in units]
        writer.stream(info)
        for unit in units:
            writer.raw(unit)
        writer.close()
        for descriptor in found:
            self.index.add(descriptor)
        self.sent.setdefault(camera, []).extend(units)
        return found

    def ask(self, scope: Scope) -> Asked:
        return ask(
            scope,
            request="2026-0001",
            basis="warrant",
            purpose="theft",
            by="officer-1",
            database=self.database,
            index=self.index,
            store=self.store,
            runtime=self.runtime,
            institution=self.institution,
            clock=self.clock,
        )

    def answer(self, asked: Asked, *names: str, outside: bool = False) -> None:
        for name in names:
            read = read_ask(asked.asks[name], self.institution.public.raw)
            given = answer(read, [PEOPLE[name].secret()], now=self.clock.utc(), outside=outside)
            self.take(given)

    def take(self, given: bytes) -> tuple[str, int]:
        return take(
            given,
            by="officer-1",
            database=self.database,
            store=self.store,
            runtime=self.runtime,
            clock=self.clock,
            book=None,
        )

    def open(self, release: str) -> Opened:
        return open_release(
            release,
            by="officer-1",
            database=self.database,
            index=self.index,
            store=self.store,
            runtime=self.runtime,
            folder=self.media,
            clock=self.clock,
            book=None,
        )

    def opened(self, scope: Scope) -> Opened:
        asked = self.ask(scope)
        self.answer(asked, "custodian-1", "custodian-3")
        return self.open(asked.release)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    state = tmp_path / "state"
    clock = ManualClock(NINE + 5 * HOUR)
    url = f"sqlite:///{state / 'index.sqlite'}"
    store = ShareStore.open(state / "shares.sqlite", clock=clock)
    for name, identity in PEOPLE.items():
        store.put_custodian(name, identity.recipient)
    database, index = Database(url), Index.open(url)
    made = Site(
        tmp_path,
        clock,
        store,
        database,
        index,
        Runtime(tmp_path / "run", on_disk=True),
        SigningKey.open(state / "keys", INSTITUTION),
    )
    try:
        yield made
    finally:
        store.close()
        index.close()
        database.close()
