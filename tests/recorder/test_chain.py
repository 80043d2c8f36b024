"""The chain of rows: whatever is edited, swapped, moved or removed is found."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text, update

from recorder.chain import authentic, digest, verify
from recorder.index import DAY, Index
from recorder.segment import Segment
from recorder.signing import RECORDER, SigningKey
from recorder.tables import segment
from tests.recorder.support import START
from tests.recorder.test_index import described

MINUTE = 60_000_000


@pytest.fixture
def key(tmp_path: Path) -> SigningKey:
    return SigningKey.open(tmp_path / "keys", RECORDER)


@pytest.fixture
def chained(index: Index) -> Index:
    """Five minutes of a gate and of a yard, by turns."""
    for number in range(5):
        index.add(described(number, START + number * MINUTE))
        index.add(described(100 + number, START + number * MINUTE, camera="yard"))
    return index


def faults(index: Index, key: SigningKey) -> list[tuple[str, int]]:
    return [(f.camera, int(f.uid or "-1", 16)) for f in verify(index.all(), key.public, index.heads())]


def change(index: Index, statement: str) -> None:
    with index.database.write() as connection:
        connection.execute(text(statement))


def test_each_camera_has_a_chain_of_its_own(chained: Index, key: SigningKey) -> None:
    rows = list(chained.all())
    for name in ("gate", "yard"):
        own = [row for row in rows if row.camera == name]
        assert [row.previous for row in own] == ["", *(row.digest for row in own[:-1])]
        assert chained.heads()[name] == own[-1].digest
    assert verify(rows, key.public, chained.heads()) == []


def test_the_digest_is_sha256_of_rfc_8785_json(key: SigningKey) -> None:
    # Written out by hand: keys in order, no spaces; hashed by another tool.
    import hashlib

    written = (
        '{"camera":"gate","codec":"h264","end":1750000060000000,"epoch":"","form":"garim segment 1",'
        '"kind":"masked","previous":"","sha256":"' + "0" * 64 + '","side_sha256":"' + "1" * 64 + '",'
        '"size":1000,"start":1750000000000000,"suite":"","uid":"0000000000000001"}'
    )
    assert digest(described(1, START), "") == hashlib.sha256(written.encode()).hexdigest()


EDITS = [
    ("start", "start + 1"),
    ('"end"', '"end" - 1'),
    ("sha256", f"'{'2' * 64}'"),
    ("side_sha256", f"'{'2' * 64}'"),
    ("size", "size + 1"),
    ("kind", "'original'"),
    ("codec", "'hevc'"),
    ("epoch", "'gate/2025-06-15/15'"),
    ("suite", "'age-v1'"),
    ("previous", f"'{'3' * 64}'"),
    ("digest", f"'{'3' * 64}'"),
    ("signature", f"'{base64.b64encode(bytes(64)).decode()}'"),
    ("signature", "'not base64'"),
    ("camera_id", "(SELECT id FROM camera WHERE name = 'yard')"),
    ("digest", "''"),
]


@pytest.mark.parametrize(("column", "value"), EDITS)
def test_an_edited_row_is_found(chained: Index, key: SigningKey, column: str, value: str) -> None:
    """Threat: swaps segments or headers; edits signed times."""
    change(chained, f"UPDATE segment SET {column} = {value} WHERE uid = '{2:016x}'")  # noqa: S608 - as above
    assert (
        ("gate", 2) in faults(chained, key)
        or ("yard", 2) in faults(chained, key)
        or (
            "gate",
            3,
        )
        in faults(chained, key)
    )


@pytest.mark.parametrize("number", range(5))
def test_a_removed_row_is_found(chained: Index, key: SigningKey, number: int) -> None:
    change(chained, f"DELETE FROM segment WHERE uid = '{number:016x}'")  # noqa: S608 - a number
    assert faults(chained, key) == [("gate", number + 1 if number < 4 else -1)]


def test_rows_that_join_while_the_chains_are_read_are_no_fault(chained: Index, key: SigningKey) -> None:
    ends = chained.heads()
    chained.add(described(5, START + 5 * MINUTE))
    assert verify(chained.all(), key.public, ends) == []
    # what was the end when the reading began must be there all the same
    change(chained, f"DELETE FROM segment WHERE uid = '{4:016x}'")  # noqa: S608 - a number
    assert [fault.camera for fault in verify(chained.all(), key.public, ends)] == ["gate", "gate"]


@pytest.mark.parametrize("columns", [("sha256",), ("start", "end"), ("uid",), ("digest", "signature")])
def test_swapped_segments_are_found(index: Index, key: SigningKey, columns: tuple[str, ...]) -> None:
    """Threat: swaps segments or headers: what two rows vouch for is exchanged."""
    for number in (1, 2, 3):
        index.add(described(number, START + number * MINUTE, sha256=f"{number}" * 64))
    assert faults(index, key) == []
    one, two = (index.get(f"{number:016x}") for number in (1, 2))
    with index.database.write() as connection:
        connection.execute(text("UPDATE segment SET uid = 'x' WHERE id = :id"), {"id": two and two.id})
        for mine, other in ((one, two), (two, one)):
            assert mine is not None
            values = {name: getattr(other if name in columns else mine, name) for name in (*columns, "uid")}
            connection.execute(update(segment).where(segment.c.id == mine.id).values(values))
    assert faults(index, key)


def test_rows_that_changed_places_are_found(chained: Index, key: SigningKey) -> None:
    rows = list(chained.all())
    moved = [*rows[2:], *rows[:2]]
    assert verify(moved, key.public)
    one, two = rows[2], rows[4]
    swapped = [replace(two, id=one.id), *rows[3:4], replace(one, id=two.id)]
    assert verify([*rows[:2], *swapped, *rows[5:]], key.public)


def test_rows_signed_by_another_key_are_found(chained: Index) -> None:
    assert len(verify(chained.all(), SigningKey.generate().public)) == 10


def test_tombstones_keep_the_chain_whole(chained: Index, key: SigningKey) -> None:
    fate = chained.fate
    rows = fate.due(START + 2 * MINUTE + 30 * DAY, 10)
    assert fate.end(fate.begin(rows, START + 31 * DAY), START + 31 * DAY) == 4
    chained.add(described(50, START + 40 * DAY))
    assert faults(chained, key) == []
    change(chained, "DELETE FROM segment WHERE state = 'DELETED' AND camera_id = 1")
    assert faults(chained, key) == [("gate", 2)]


def test_rows_from_before_come_first_and_only_first(
    make_index: Callable[..., Index], tmp_path: Path, key: SigningKey
) -> None:
    before = Index.open(f"sqlite:///{tmp_path / 'index.db'}")
    before.add(described(1, START))
    after = make_index()
    after.add(described(2, START + MINUTE))
    assert faults(after, key) == []
    before.add(described(3, START + 2 * MINUTE))
    assert faults(after, key) == [("gate", 3)]
    before.close()


def test_a_row_alone_tells_whether_it_is_authentic(chained: Index, key: SigningKey) -> None:
    row: Segment | None = chained.get(f"{1:016x}")
    assert row is not None
    assert authentic(row, key.public)
    assert not authentic(replace(row, end=row.end + 1), key.public)
