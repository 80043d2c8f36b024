"""The share store: what is destroyed is gone from its file and never comes back."""

from __future__ import annotations

import os
import random
import secrets
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from recorder.database import sqlite_module
from recorder.shares.records import Release
from recorder.shares.store import ShareStore
from vcam.base.clock import ManualClock
from vcam.base.errors import CustodyError, RecordError

NAMES = ("custodian-1", "custodian-2", "custodian-3")
sqlite3 = sqlite_module()  # the very same: two libraries in a process do not see each other's locks
Shares = list[tuple[int, str, bytes]]


@pytest.fixture
def open_store(tmp_path: Path) -> Iterator[Callable[[], ShareStore]]:
    opened: list[ShareStore] = []

    def make() -> ShareStore:
        opened.append(ShareStore.open(tmp_path / "shares.sqlite", clock=ManualClock(1_000)))
        return opened[-1]

    yield make
    for store in opened:
        store.close()


@pytest.fixture
def store(open_store: Callable[[], ShareStore]) -> ShareStore:
    store = open_store()
    for name in NAMES:
        store.put_custodian(name, f"age1{name}")
    return store


def some_shares(size: int = 300) -> Shares:
    return [(number, name, secrets.token_bytes(size)) for number, name in enumerate(NAMES, 1)]


def stored(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.glob("shares.sqlite*"))


def remains(data: bytes, sealed: bytes) -> bool:
    return any(sealed[at : at + 24] in data for at in range(0, len(sealed) - 24, max(24, len(sealed) // 12)))


def test_an_epoch_and_its_shares_are_kept(store: ShareStore, open_store: Callable[[], ShareStore]) -> None:
    shares = some_shares()
    epoch = store.add_epoch("gate/2026-01-01/09", "age1x", 2, shares)
    other = open_store()
    assert other.epoch(epoch.id) == epoch
    assert [(s.number, s.custodian, s.sealed) for s in other.shares(epoch.id)] == shares
    assert [s.sealed for s in other.shares_of(NAMES[1], [epoch.id, "x/2026-01-01/09"])] == [shares[1][2]]
    assert other.alive([epoch.id, "gate/2026-01-01/10"]) == {epoch.id}
    assert other.latest("gate", "gate/2026-01-01/23") == epoch
    assert other.latest("gate", "gate/2026-01-01/08") is None
    assert other.latest("gat", "gat/2026-01-01/23") is None


def test_of_two_who_make_an_epoch_the_first_counts(store: ShareStore) -> None:
    first = store.add_epoch("gate/2026-01-01/09", "age1x", 2, shares := some_shares())
    assert store.add_epoch("gate/2026-01-01/09", "age1y", 2, some_shares()) == first
    assert [s.sealed for s in store.shares(first.id)] == [sealed for _, _, sealed in shares]


@pytest.mark.parametrize("size", [60, 120, 300, 700, 5000])
def test_destroyed_shares_are_gone_from_every_byte(store: ShareStore, tmp_path: Path, size: int) -> None:
    """Whatever b-trees did with the rows before: they are added and destroyed in random order."""
    order = random.Random(size)
    kept: dict[str, Shares] = {}
    for number in range(200):
        name = f"camera-{order.randrange(9)}/2026-01-01/{number:04}"
        kept[name] = some_shares(size)
        store.add_epoch(name, "age1x", 2, kept[name])
        if number % 25 == 24:
            gone = order.sample(sorted(kept), 20)
            assert store.destroy(gone) == 20
            data = stored(tmp_path)
            assert not any(remains(data, sealed) for name in gone for _, _, sealed in kept.pop(name))
    data = stored(tmp_path)
    assert all(remains(data, sealed) for shares in kept.values() for _, _, sealed in shares)


def test_a_destroyed_epoch_never_returns(store: ShareStore, tmp_path: Path) -> None:
    store.add_epoch("gate/2026-01-01/09", "age1x", 2, some_shares())
    assert store.destroy(["gate/2026-01-01/09", "gate/2026-01-01/10"]) == 2
    assert store.destroy(["gate/2026-01-01/09", "gate/2026-01-01/10"]) == 0
    assert store.alive(["gate/2026-01-01/09"]) == set()
    for name in ("gate/2026-01-01/09", "gate/2026-01-01/10"):  # the second was never made, nor will it be
        with pytest.raises(CustodyError, match="never returns"):
            store.add_epoch(name, "age1x", 2, some_shares())
        assert store.shares(name) == []
    with sqlite3.connect(tmp_path / "shares.sqlite") as direct:
        for deed in (
            "INSERT INTO share VALUES ('gate/2026-01-01/09', 'custodian-1', 1, 1, 1)",
            "UPDATE epoch SET destroyed = NULL",
            "DELETE FROM epoch",
            "DELETE FROM slot",
        ):
            with pytest.raises(sqlite3.IntegrityError, match=r"returns|tombstone|where it lies"):
                direct.execute(deed)
    direct.close()


def test_a_reader_that_stays_holds_up_destruction_but_undoes_nothing(
    store: ShareStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("recorder.shares.file._PATIENCE", 0.05)
    shares = some_shares()
    store.add_epoch("gate/2026-01-01/09", "age1x", 2, shares)
    reader = sqlite3.connect(tmp_path / "shares.sqlite", isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT * FROM share").fetchall()
    store._file._connection.execute("PRAGMA busy_timeout=50")
    with pytest.raises(RecordError, match="another process keeps reading"):
        store.destroy(["gate/2026-01-01/09"])
    reader.close()
    store.destroy(["gate/2026-01-01/09"])
    assert not any(remains(stored(tmp_path), sealed) for _, _, sealed in shares)


def test_answers_of_a_release_are_gone_from_every_byte_too(store: ShareStore, tmp_path: Path) -> None:
    store.begin(Release("r1", "2026-0001", 1, 2, "age1x", "{}"))
    sealed = secrets.token_bytes(3000)
    store.answer("r1", NAMES[0], sealed)
    store.answer("r1", NAMES[0], sealed)
    assert store.answers("r1") == {NAMES[0]: sealed}
    assert store.release("r1").request == "2026-0001"
    store.forget("r1")
    store.forget("r1")
    assert store.answers("r1") == {}
    assert not remains(stored(tmp_path), sealed)
    with pytest.raises(CustodyError, match="no release"):
        store.release("r1")


def test_rows_that_somebody_else_wrote_are_refused(store: ShareStore, tmp_path: Path) -> None:
    """Who may write the database but has no key of the recorder cannot have originals sealed to himself."""
    store.add_epoch("gate/2026-01-01/09", "age1x", 2, some_shares())
    with sqlite3.connect(tmp_path / "shares.sqlite") as direct:
        direct.execute("UPDATE custodian SET recipient = 'age1mine' WHERE name = 'custodian-2'")
        direct.execute("DROP TRIGGER epoch_is_what_it_was")
        direct.execute("UPDATE epoch SET recipient = 'age1mine'")
    direct.close()
    with pytest.raises(CustodyError, match="custodian-2 in the share store is not signed"):
        store.custodians()
    with pytest.raises(CustodyError, match="Epoch gate/2026-01-01/09"):
        store.epoch("gate/2026-01-01/09")


_ADD = """
import sys
from pathlib import Path
from recorder.shares.store import ShareStore
store = ShareStore.open(Path(sys.argv[1]))
for hour in range(10):
    name = f"camera-{sys.argv[2]}/2026-01-01/{hour:02}"
    store.add_epoch(name, "age1x", 2, [(n, f"custodian-{n}", bytes(300)) for n in (1, 2, 3)])
store.close()
"""


def test_several_processes_add_while_another_destroys(store: ShareStore, tmp_path: Path) -> None:
    path = tmp_path / "shares.sqlite"
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])}
    adding = [
        subprocess.Popen([sys.executable, "-c", _ADD, str(path), str(number)], env=environment)
        for number in range(3)
    ]
    shares: dict[str, Shares] = {}
    while any(process.poll() is None for process in adding):
        name = f"gate/2026-01-01/{len(shares):04}"
        shares[name] = some_shares()
        store.add_epoch(name, "age1x", 2, shares[name])
        assert store.destroy([name]) == 1
    assert [process.wait() for process in adding] == [0, 0, 0]
    assert len(store.epochs()) == 30
    assert len(store.epochs("camera-1")) == 10
    data = stored(tmp_path)
    assert not any(remains(data, sealed) for name in shares for _, _, sealed in shares[name])


def test_a_store_of_a_later_version_is_left_alone(store: ShareStore, tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "shares.sqlite") as direct:
        direct.execute("PRAGMA user_version=9")
    direct.close()
    with pytest.raises(RecordError, match="newer Garim"):
        ShareStore.open(tmp_path / "shares.sqlite")


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(RecordError, match="file"):
        ShareStore.open(tmp_path / "file" / "shares.sqlite")
