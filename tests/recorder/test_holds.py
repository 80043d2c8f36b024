"""Legal holds: what they cover stays, whatever comes first and however they overlap."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from recorder.audit.entry import Action
from recorder.audit.tables import entry
from recorder.holds import Holds, widened
from recorder.index import DAY, Index
from recorder.layout import LONGEST
from recorder.tables import DELETED, HOUR, PRESENT, metadata
from tests.recorder.support import START
from tests.recorder.test_index import described
from vcam.base.clock import ManualClock
from vcam.base.errors import CustodyError

HOUR_0 = START - START % HOUR
LATER = START + 40 * DAY


def counts(index: Index) -> dict[int, int]:
    return {int(row.uid, 16): row.holds for row in index.all() if row.state == PRESENT}


@pytest.fixture
def holds(index: Index) -> Holds:
    return Holds(index.database, ManualClock(START))


def place(holds: Holds, start: int, end: int, *cameras: str) -> int:
    return holds.place(cameras or ("gate",), start, end, reason="a case", by="officer-1")[0].id


def test_a_hold_covers_whole_hours(index: Index, holds: Holds) -> None:
    index.add(described(1, HOUR_0 - 30_000_000))  # reaches into the hour
    index.add(described(2, HOUR_0))
    index.add(described(3, HOUR_0 + HOUR - 60_000_000))
    index.add(described(4, HOUR_0 + HOUR))
    index.add(described(5, HOUR_0, camera="yard"))
    place(holds, HOUR_0 + 600_000_000, HOUR_0 + 601_000_000)
    assert counts(index) == {1: 1, 2: 1, 3: 1, 4: 0, 5: 0}
    assert {c.uid for c in index.fate.due(LATER, 9)} == {f"{4:016x}", f"{5:016x}"}


@pytest.mark.parametrize(("start", "end"), [(0, 1), (1, HOUR), (HOUR - 1, HOUR + 1), (HOUR, 2 * HOUR)])
def test_widening_takes_the_least_whole_hours(start: int, end: int) -> None:
    first, last = widened(start, end)
    assert first % HOUR == last % HOUR == 0
    assert start - HOUR < first <= start < end <= last < end + HOUR


def test_footage_that_comes_later_is_held_too(index: Index, holds: Holds) -> None:
    number = place(holds, HOUR_0, HOUR_0 + 1, "gate", "roof")
    index.add(described(1, HOUR_0 + 60_000_000))
    index.add(described(2, HOUR_0 + 60_000_000, camera="roof"))
    assert counts(index) == {1: 1, 2: 1}
    holds.lift(number, by="approver-1", reason="closed")
    assert counts(index) == {1: 0, 2: 1}


def test_what_cannot_be_is_refused(holds: Holds) -> None:
    for cameras, start, end, reason in (
        ((), 0, 1, "r"),
        (("gate", "gate"), 0, 1, "r"),
        (("No Slug",), 0, 1, "r"),
        (("gate",), 1, 1, "r"),
        (("gate",), -1, 1, "r"),
        (("gate",), 0, 1, "  "),
    ):
        with pytest.raises(CustodyError):
            holds.place(cameras, start, end, reason=reason, by="officer-1")
    assert holds.list(lifted=True) == []
    with pytest.raises(CustodyError, match="no hold 7"):
        holds.lift(7, by="approver-1")


def test_a_hold_is_lifted_once(index: Index, holds: Holds) -> None:
    index.add(described(1, HOUR_0))
    number = place(holds, HOUR_0, HOUR_0 + 1)
    assert [hold.id for hold in holds.list()] == [number]
    assert holds.lift(number, by="approver-1").lifted_by == "approver-1"
    with pytest.raises(CustodyError, match="lifted already"):
        holds.lift(number, by="approver-1")
    assert counts(index) == {1: 0}
    assert holds.list() == []
    assert [hold.id for hold in holds.list(lifted=True)] == [number]


def test_both_are_on_record_with_who_and_why(index: Index, holds: Holds) -> None:
    holds.place(
        ["gate"], HOUR_0, HOUR_0 + 1, reason="a case", by="officer-1", request="2026-0001", origin="host"
    )
    holds.lift(1, by="approver-1", reason="closed", origin="host")
    with index.database.read() as connection:
        rows = connection.execute(entry.select().order_by(entry.c.number)).all()
    assert [(row.action, row.actor, row.subject) for row in rows] == [
        (Action.HOLD_PLACED.value, "officer-1", "camera/gate"),
        (Action.HOLD_LIFTED.value, "approver-1", "camera/gate"),
    ]
    assert '"request":"2026-0001"' in rows[0].body
    assert '"reason":"closed"' in rows[1].body


def test_a_hold_that_comes_between_looking_and_purging_wins(index: Index, holds: Holds) -> None:
    """Threat: hold and purge racing."""
    index.add(described(1, HOUR_0))
    index.add(described(2, HOUR_0 + HOUR))
    rows = index.fate.due(LATER, 9)
    place(holds, HOUR_0, HOUR_0 + 1)
    assert [row.uid for row in index.fate.begin(rows, LATER)] == [f"{2:016x}"]


class Races(RuleBasedStateMachine):
    """Segments, holds and purges in any order, against a model of what must be."""

    url = "sqlite://"

    @initialize()
    def fresh(self) -> None:
        self.index = Index.open(self.url)
        with self.index.database.write() as connection:
            for table in reversed(metadata.sorted_tables):
                if table.name in {"segment", "hold", "camera"}:
                    connection.execute(table.delete())
        self.holds = Holds(self.index.database, ManualClock(START))
        self.spans: dict[int, tuple[str, int, int]] = {}
        self.active: dict[int, tuple[str, int, int]] = {}
        self.gone: set[int] = set()
        self.number = 0

    @rule(camera=st.sampled_from(["gate", "yard"]), at=st.integers(0, 4 * HOUR), length=st.integers(1, LONGEST))
    def record(self, camera: str, at: int, length: int) -> None:
        self.number += 1
        self.index.add(described(self.number, HOUR_0 + at, length, camera=camera))
        self.spans[self.number] = (camera, HOUR_0 + at, HOUR_0 + at + length)

    @rule(
        camera=st.sampled_from(["gate", "yard"]), at=st.integers(0, 4 * HOUR), length=st.integers(1, 2 * HOUR)
    )
    def place(self, camera: str, at: int, length: int) -> None:
        start, end = widened(HOUR_0 + at, HOUR_0 + at + length)
        self.active[place(self.holds, HOUR_0 + at, HOUR_0 + at + length, camera)] = (camera, start, end)

    @precondition(lambda self: self.active)
    @rule(data=st.data())
    def lift(self, data: st.DataObject) -> None:
        number = data.draw(st.sampled_from(sorted(self.active)))
        self.holds.lift(number, by="approver-1")
        del self.active[number]

    @rule(at=st.integers(0, 5 * HOUR), limit=st.integers(1, 5), full=st.booleans())
    def purge(self, at: int, limit: int, full: bool) -> None:
        now = HOUR_0 + at + 30 * DAY
        fate = self.index.fate
        rows = fate.begin(fate.oldest(now, limit) if full else fate.due(now, limit), None if full else now)
        for row in rows:
            number = int(row.uid, 16)
            assert self.reaching(number) == 0, "a held segment is purged"
            assert full or self.spans[number][2] + 30 * DAY <= now, "it is purged early"
            self.gone.add(number)
        assert fate.end(rows, now) == len(rows)

    def reaching(self, number: int) -> int:
        camera, start, end = self.spans[number]
        return sum(c == camera and start < e and end > s for c, s, e in self.active.values())

    @invariant()
    def counts_are_what_they_count(self) -> None:
        wanted = {number: self.reaching(number) for number in self.spans if number not in self.gone}
        assert counts(self.index) == wanted
        assert self.index.count(DELETED) == len(self.gone)

    def teardown(self) -> None:
        self.index.close()


def test_no_order_of_holds_and_purges_loses_what_is_held() -> None:
    """Threat: hold and purge racing."""
    run_state_machine_as_test(Races, settings=settings(max_examples=25, stateful_step_count=15, deadline=None))


def test_holds_survive_a_restart(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'index.db'}"
    first = Index.open(url)
    place(Holds(first.database, ManualClock()), HOUR_0, HOUR_0 + 1)
    first.close()
    second = Index.open(url)
    second.add(described(1, HOUR_0))
    assert counts(second) == {1: 1}
    second.close()
