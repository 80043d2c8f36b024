"""The same tests on PostgreSQL, and what two recorders that share it must not do to each other."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test
from sqlalchemy import text

from recorder.audit.append import append
from recorder.audit.entry import SYSTEM, Action, Entry
from recorder.audit.tables import entry
from recorder.chain import verify
from recorder.database import Database
from recorder.holds import Holds
from recorder.index import DAY, Index
from recorder.policy import Policy
from recorder.purge import Purge
from recorder.signing import RECORDER, SigningKey
from recorder.tables import DELETED, PRESENT
from tests.recorder.support import START
from tests.recorder.test_chain import (  # noqa: F401 - they run here on PostgreSQL
    chained,
    key,
    test_a_removed_row_is_found,
    test_an_edited_row_is_found,
    test_each_camera_has_a_chain_of_its_own,
    test_tombstones_keep_the_chain_whole,
)
from tests.recorder.test_holds import (  # noqa: F401
    HOUR_0,
    LATER,
    Races,
    holds,
    test_a_hold_covers_whole_hours,
    test_a_hold_is_lifted_once,
    test_a_hold_that_comes_between_looking_and_purging_wins,
    test_both_are_on_record_with_who_and_why,
    test_footage_that_comes_later_is_held_too,
)
from tests.recorder.test_index import (  # noqa: F401
    described,
    test_a_new_retention_applies_to_what_is_there,
    test_a_segment_is_added_once,
    test_it_is_there_after_reopening,
    test_overlap_is_half_open_and_by_camera_and_kind,
    test_states_go_one_way_only,
    test_the_database_itself_refuses_what_cannot_be,
    test_what_is_due_comes_oldest_first_and_limited,
)
from tests.recorder.test_purge import (  # noqa: F401
    test_a_file_that_cannot_be_deleted_is_tried_again,
    test_only_what_has_expired_goes,
)
from vcam.base.clock import ManualClock
from vcam.base.errors import RecordError


@pytest.fixture
def make_index(tmp_path: Path, postgresql_url: str) -> Iterator[Callable[..., Index]]:
    opened: list[Index] = []

    def make(name: str = "main", retention_days: float = 30.0, recorder: str = "main") -> Index:
        signer = SigningKey.open(tmp_path / f"keys-{recorder}", RECORDER)
        if recorder == "main":
            signer = SigningKey.open(tmp_path / "keys", RECORDER)
        opened.append(
            Index.open(postgresql_url, retention_days=retention_days, signer=signer, recorder=recorder)
        )
        return opened[-1]

    yield make
    for index in opened:
        index.close()


def test_no_order_of_holds_and_purges_loses_what_is_held(postgresql_url: str) -> None:
    """Threat: hold and purge racing."""

    class Here(Races):
        url = postgresql_url

    run_state_machine_as_test(Here, settings=settings(max_examples=6, stateful_step_count=10, deadline=None))


def test_a_purge_leaves_another_recorders_footage_alone(
    make_index: Callable[..., Index], tmp_path: Path
) -> None:
    mine, other = make_index(recorder="north"), make_index(recorder="south")
    mine.add(described(1, START, camera="gate"))
    other.add(described(2, START, camera="yard"))
    clock = ManualClock(START + 31 * DAY)
    assert Purge(mine, tmp_path, clock).run().segments == 1
    assert (mine.count(DELETED), mine.count(PRESENT), other.count(PRESENT)) == (1, 0, 1)
    assert [row.uid for row in other.all()] == [f"{2:016x}"]
    assert other.fate.reschedule() == 0
    assert len(mine.overlapping("yard", "masked", START, START + 1)) == 1


def test_a_camera_belongs_to_one_recorder(make_index: Callable[..., Index]) -> None:
    mine, other = make_index(recorder="north"), make_index(recorder="south")
    mine.add(described(1, START))
    with pytest.raises(RecordError, match="belongs to recorder 'north'"):
        other.add(described(2, START))


def together(*deeds: Callable[[], object]) -> None:
    """Run all at once, each in a thread."""
    start = threading.Barrier(len(deeds))
    raised: list[BaseException] = []

    def run(deed: Callable[[], object]) -> None:
        start.wait()
        try:
            deed()
        except BaseException as error:  # noqa: BLE001 - told by the assertion below
            raised.append(error)

    threads = [threading.Thread(target=run, args=(deed,)) for deed in deeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert raised == []


def test_recorders_that_start_together_make_one_schema(postgresql: str, postgresql_url: str) -> None:
    database = Database(postgresql_url)
    with database.write() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
    together(*(lambda: Database(postgresql_url).close() for _ in range(3)))
    assert Index(database, Policy()).count() == 0
    database.close()


def test_rows_that_are_added_at_once_make_one_chain(make_index: Callable[..., Index], key: SigningKey) -> None:  # noqa: F811
    indexes = [make_index(), make_index()]
    indexes[0].add(described(0, START))

    def some(index: Index, first: int) -> None:
        for number in range(first, first + 10):
            index.add(described(number, START + number * 60_000_000))

    together(lambda: some(indexes[0], 1), lambda: some(indexes[1], 11))
    assert verify(indexes[0].all(), key.public, indexes[0].heads()) == []


def test_a_hold_and_new_footage_at_once_are_counted(make_index: Callable[..., Index]) -> None:
    """Threat: hold and purge racing: whichever commits first, the footage is held once."""
    index, other = make_index(), make_index()
    index.add(described(0, HOUR_0 - DAY))
    work = Holds(other.database, ManualClock(START))
    for number in range(1, 6):
        together(
            lambda number=number: index.add(described(number, HOUR_0 + number)),  # type: ignore[misc]
            lambda: work.place(["gate"], HOUR_0, HOUR_0 + 1, reason="a case", by="officer-1"),
        )
        held = {int(row.uid, 16): row.holds for row in index.all()}
        assert all(held[n] == number for n in range(1, number + 1))
    assert index.fate.begin(index.fate.due(LATER, 9), LATER)[0].uid == f"{0:016x}"


def test_entries_that_are_appended_at_once_have_numbers_of_their_own(make_index: Callable[..., Index]) -> None:
    indexes = [make_index(), make_index()]

    def some(index: Index) -> None:
        for _ in range(10):
            with index.database.write() as connection:
                append(connection, Entry(START, SYSTEM, Action.CHECKED, "site"))

    together(*(lambda index=index: some(index) for index in indexes))
    with indexes[0].database.read() as connection:
        assert list(
            connection.scalars(entry.select().with_only_columns(entry.c.number).order_by(entry.c.number))
        ) == [*range(20)]
