"""The report of retention: what tombstones and present footage tell."""

from __future__ import annotations

from recorder.holds import Holds
from recorder.index import DAY, Index
from recorder.policy import Policy
from recorder.report import report
from tests.recorder.support import START
from tests.recorder.test_index import described
from vcam.base.clock import ManualClock

MINUTE = 60_000_000


def test_every_deviation_is_told(index: Index) -> None:
    fate = index.fate
    for number in range(5):
        index.add(described(number, START + number * MINUTE))
    index.add(described(9, START, kind="original"))
    on_time = START + MINUTE + 30 * DAY
    fate.end(fate.begin(fate.due(on_time, 1), on_time), on_time)
    early = START + 10 * DAY
    fate.end(fate.begin([row for row in fate.oldest(early, 9) if row.kind == "masked"][:1], None), early)
    late = START + 40 * DAY
    fate.end(fate.begin([row for row in fate.due(late, 9) if row.kind == "masked"][:1], late), late)
    Holds(index.database, ManualClock(late)).place(["gate"], START, START + 1, reason="a case", by="officer-1")
    index.add(described(20, START + 3 * DAY))
    masked, original = report(index.database, Policy.days(30), late)
    assert (masked.camera, masked.kind, masked.policy) == ("gate", "masked", 30 * DAY)
    gone = {row.uid: row for row in index.all() if row.deleted is not None and row.kind == "masked"}
    spans = [row.deleted - row.end for row in gone.values() if row.deleted is not None]
    assert (masked.purged, masked.longest, masked.shortest) == (len(gone), max(spans), min(spans))
    assert masked.early == 1
    assert masked.late == 1
    assert (masked.present, masked.held, masked.overdue) == (6 - len(gone), 5 - len(gone), 1)
    assert masked.oldest == min(
        row.start for row in index.all() if row.kind == "masked" and row.uid not in gone
    )
    assert original.purged + original.present == 1


def test_an_empty_index_has_an_empty_report(index: Index) -> None:
    assert report(index.database, Policy(), START) == []
