"""The index: what it finds, what it refuses, and that its migrations make exactly its tables."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine, text

from recorder import fate
from recorder import index as index_module
from recorder.audit import tables as _audit  # noqa: F401 - so that the metadata is whole
from recorder.database import Database, sqlite_module
from recorder.descriptor import SegmentDescriptor
from recorder.evidence import tables as _evidence  # noqa: F401
from recorder.index import DAY, Index
from recorder.layout import LONGEST
from recorder.requests import tables as _requests  # noqa: F401
from recorder.tables import DELETED, PRESENT, PURGING, metadata
from tests.recorder.support import START
from vcam.base.errors import RecordError


def described(number: int, start: int, length: int = 60_000_000, **changes: object) -> SegmentDescriptor:
    values: dict[str, object] = {
        "id": f"{number:016x}",
        "camera": "gate",
        "kind": "masked",
        "start": start,
        "end": start + length,
        "sha256": "0" * 64,
        "size": 1000,
        "side_sha256": "1" * 64,
        "side_size": 10,
        "codec": "h264",
        "width": 320,
        "height": 180,
        "frames": 1500,
        "starts_with_key": True,
        "origin": 0,
        "parameter_sets": "AAAAAWc=",
    }
    return SegmentDescriptor.from_json(values | changes)


def test_a_segment_is_added_once(index: Index) -> None:
    one = described(1, START, kind="original", suite="age-v1", recipients=["age1x", "age1y"])
    assert index.add(one)
    assert not index.add(one)
    row = index.get(one.id)
    assert row is not None
    assert row.descriptor() == one
    assert (row.state, row.expires, row.damage) == (PRESENT, one.end + 30 * DAY, None)
    assert index.cameras() == ["gate"]


def test_it_is_there_after_reopening(make_index: Callable[..., Index]) -> None:
    make_index().add(described(1, START))
    assert make_index().count() == 1


def test_overlap_is_half_open_and_by_camera_and_kind(index: Index) -> None:
    minute = 60_000_000
    for number in range(5):
        index.add(described(number, START + number * minute))
    index.add(described(10, START, camera="yard"))
    index.add(described(11, START, kind="original"))

    def found(start: int, end: int) -> list[int]:
        return [int(s.uid, 16) for s in index.overlapping("gate", "masked", START + start, START + end)]

    assert found(0, minute) == [0]
    assert found(minute - 1, minute + 1) == [0, 1]
    assert found(-minute, 0) == []
    assert found(5 * minute, 9 * minute) == []
    assert found(-minute, 9 * minute) == [0, 1, 2, 3, 4]


@pytest.fixture(scope="module")
def random_index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Index]:
    index = Index.open(f"sqlite:///{tmp_path_factory.mktemp('random')}/index.db")
    yield index
    index.close()


@settings(max_examples=30, deadline=None)
@given(
    spans=st.lists(st.tuples(st.integers(0, 5 * LONGEST), st.integers(1, LONGEST)), max_size=8),
    start=st.integers(-LONGEST, 6 * LONGEST),
    length=st.integers(1, 2 * LONGEST),
)
def test_overlap_is_what_its_definition_says(
    random_index: Index, spans: list[tuple[int, int]], start: int, length: int
) -> None:
    camera = f"c{random_index.count()}-{len(random_index.cameras())}"
    base = random_index.count()
    for number, (begin, duration) in enumerate(spans):
        random_index.add(described(base + number, START + begin, duration, camera=camera))
    found = random_index.overlapping(camera, "masked", START + start, START + start + length)
    wanted = [(b, d) for b, d in spans if b < start + length and b + d > start]
    assert sorted((s.start - START, s.end - s.start) for s in found) == sorted(wanted)
    assert [s.start for s in found] == sorted(s.start for s in found)


def test_what_is_due_comes_oldest_first_and_limited(index: Index) -> None:
    for number in range(6):
        index.add(described(number, START + (5 - number) * 60_000_000))
    soon = START + 3 * 60_000_000 + 30 * DAY
    assert [int(s.uid, 16) for s in index.fate.due(soon, 10)] == [5, 4, 3]
    assert [int(s.uid, 16) for s in index.fate.due(soon, 2)] == [5, 4]


def test_states_go_one_way_only(index: Index) -> None:
    one = described(1, START)
    index.add(one)
    (row,) = index.fate.due(START + 31 * DAY, 5)
    fate = index.fate
    assert fate.end([row], row.expires) == 0
    assert fate.begin([row], row.expires - 1) == []
    assert fate.begin([row], row.expires) == [row]
    assert fate.begin([row], row.expires) == []
    assert [s.uid for s in fate.purging(5)] == [one.id]
    assert fate.end([row], row.expires + 1) == 1
    assert fate.end([row], row.expires + 1) == 0
    assert not index.add(one)
    assert (index.count(PRESENT), index.count(PURGING), index.count(DELETED)) == (0, 0, 1)


def test_a_new_retention_applies_to_what_is_there(make_index: Callable[..., Index]) -> None:
    make_index().add(described(1, START))
    shorter = make_index(retention_days=7)
    assert shorter.fate.reschedule() == 1
    assert shorter.fate.reschedule() == 0
    row = shorter.get(f"{1:016x}")
    assert row is not None
    assert row.expires == row.end + 7 * DAY


def test_the_database_itself_refuses_what_cannot_be(index: Index) -> None:
    index.add(described(1, START))
    for change in (
        "state = 'GONE'",
        "state = 'DELETED'",
        "deleted = 1",
        f'"end" = start + {LONGEST + 1}',
        '"end" = start',
        'expires = "end" - 1',
        "kind = 'plain'",
        "size = -1",
        "camera_id = 99",
    ):
        with pytest.raises(RecordError, match="constraint"), index.database.write() as connection:
            connection.execute(text(f"UPDATE segment SET {change}"))  # noqa: S608 - the texts above


def test_lookups_use_their_indexes(index: Index, tmp_path: Path) -> None:
    engine = create_engine("sqlite://")
    span = {"camera": "gate", "kind": "masked", "after": 0, "start": 1, "end": 9}
    mine = {"now": 9, "before": 9, "limit": 5, "recorder": "main"}
    statements = [
        ("ix_segment_lookup", index_module._OVERLAPPING, span),
        ("ix_segment_due", fate.DUE, mine),
        ("ix_segment_oldest", fate.OLDEST, mine),
        ("ix_segment_purging", fate.UNFINISHED, mine),
    ]
    with Database(f"sqlite:///{tmp_path / 'index.db'}").read() as connection:
        for name, statement, values in statements:
            wanted = statement.params({key: values[key] for key in statement.compile().params if key in values})
            sql = str(wanted.compile(engine, compile_kwargs={"literal_binds": True}))
            plan = [row.detail for row in connection.execute(text(f"EXPLAIN QUERY PLAN {sql}"))]
            assert any(name in step for step in plan), plan
            assert not any("TEMP B-TREE" in step for step in plan) or name == "ix_segment_lookup", plan
            assert not any(step.startswith("SCAN segment") and "INDEX" not in step for step in plan), plan
    engine.dispose()


def test_the_migrations_make_exactly_the_tables(tmp_path: Path) -> None:
    migrated = Database(f"sqlite:///{tmp_path / 'migrated.db'}")
    direct = create_engine(f"sqlite:///{tmp_path / 'direct.db'}")
    metadata.create_all(direct)
    query = "SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL AND name != 'alembic_version'"

    def parts(sql: str) -> list[str]:
        head, _, body = sql.partition("(\n")
        # SQLite writes columns that were added later into one line.
        lines = [part.strip() for line in body.splitlines() for part in line.strip().rstrip(",").split(", ")]
        return [head.replace('"', ""), *sorted(lines)]

    with migrated.read() as connection:
        made = {row.name: parts(row.sql) for row in connection.execute(text(query))}
    with direct.connect() as other:
        wanted = {row.name: parts(row.sql) for row in other.execute(text(query))}
    assert made == wanted
    migrated.close()
    direct.dispose()


def test_rows_from_before_the_chain_are_brought_along(tmp_path: Path, make_index: Callable[..., Index]) -> None:
    engine = create_engine(f"sqlite:///{tmp_path / 'index.db'}")
    config = Config()
    config.set_main_option("script_location", str(Path(index_module.__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    old = described(1, START)
    values = old.model_dump(exclude={"version", "id", "camera", "recipients", "epoch"})
    values |= {"uid": old.id, "camera_id": 1, "expires": old.end, "state": PRESENT, "path": str(old.path)}
    values |= {"recipients": ""}
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "m0001")
        connection.execute(text("INSERT INTO camera (id, name) VALUES (1, 'gate')"))
        names = ", ".join(f'"{name}"' for name in values)
        marks = ", ".join(f":{name}" for name in values)
        connection.execute(text(f"INSERT INTO segment ({names}) VALUES ({marks})"), values)  # noqa: S608
    engine.dispose()
    index = make_index()
    row = index.get(old.id)
    assert row is not None
    assert (row.descriptor(), row.digest, row.holds) == (old, "", 0)
    index.add(described(2, START + 60_000_000))
    assert [bool(row.digest) for row in index.all()] == [False, True]
    assert index.count() == 2


def test_every_table_and_column_says_what_it_holds() -> None:
    for table in metadata.sorted_tables:
        assert table.comment
        assert all(column.comment for column in table.columns)


def test_sqlite_runs_as_it_must(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'index.db'}")
    wanted = {
        "journal_mode": "wal",
        "synchronous": 2,
        "secure_delete": 1,
        "foreign_keys": 1,
        "busy_timeout": 10_000,
    }
    with database.read() as connection:
        found = {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in wanted}
    assert found == wanted
    database.close()
    assert sqlite_module().__name__ == "pysqlite3" or sqlite3.sqlite_version_info


@pytest.mark.parametrize("url", ["sqlite:////proc/none/index.db", "nonsense", "mysql+none://x/y"])
def test_a_database_that_cannot_be_opened_is_told(url: str) -> None:
    with pytest.raises(RecordError, match="index"):
        Index.open(url)


def test_a_password_in_the_url_never_shows() -> None:
    with pytest.raises(RecordError) as caught:
        Index.open("postgresql+nodriver://garim:hunter2@localhost/x")
    assert "hunter2" not in str(caught.value)


def test_a_file_that_is_no_database_is_told(tmp_path: Path) -> None:
    (tmp_path / "index.db").write_bytes(b"not a database" * 1000)
    with pytest.raises(RecordError, match="cannot be used"):
        Index.open(f"sqlite:///{tmp_path / 'index.db'}")


def test_a_newer_schema_is_refused(tmp_path: Path) -> None:
    Index.open(f"sqlite:///{tmp_path / 'index.db'}").close()
    connection = sqlite3.connect(tmp_path / "index.db")
    connection.execute("UPDATE alembic_version SET version_num = 'm9999'")
    connection.commit()
    connection.close()
    with pytest.raises(RecordError, match="m9999"):
        Index.open(f"sqlite:///{tmp_path / 'index.db'}")
