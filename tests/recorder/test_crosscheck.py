"""What index, shares and log say of each other: every difference is told, and mended where nothing is lost by it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from recorder.audit.entry import Action
from recorder.audit.tables import entry
from recorder.check import check
from recorder.findings import Finding, Problem
from recorder.holds import Holds
from recorder.index import DAY, Index
from recorder.layout import VIDEO, with_suffix
from recorder.purge import Purge
from recorder.shares.store import FILE, ShareStore
from recorder.signing import RECORDER, SigningKey
from recorder.tables import HOUR
from tests.recorder.support import START
from tests.recorder.test_index import described
from vcam.base.clock import ManualClock

EPOCH = "gate/2025-06-15/15"
LATER = START + 40 * DAY


class Site:
    """An index, a share store with one epoch, and an empty media folder."""

    def __init__(self, index: Index, folder: Path, key: SigningKey) -> None:
        self.index = index
        self.folder = folder
        self.media = folder / "media"
        self.media.mkdir()
        self.key = key
        self.clock = ManualClock(LATER)
        self.shares = ShareStore.open(folder / FILE, clock=self.clock)
        for number in (1, 2, 3):
            self.shares.put_custodian(f"custodian-{number}", "age1x")
        self.seal(EPOCH)

    def seal(self, epoch: str) -> None:
        self.shares.add_epoch(epoch, "age1x", 2, [(n, f"custodian-{n}", b"sealed") for n in (1, 2, 3)])

    def change(self, statement: str, number: int | None = None, **values: object) -> None:
        if number is not None:
            values["uid"] = f"{number:016x}"
        with self.index.database.write() as connection:
            connection.execute(text(statement), values)

    def check(self, *, mend: bool = True) -> list[Finding]:
        # There are no files here: what is told of them is another test's.
        found = check(
            self.media, self.index, mend=mend, clock=self.clock, key=self.key.public, shares=self.shares
        )
        return [finding for finding in found if finding.problem is not Problem.DAMAGED]

    def problems(self, *, mend: bool = True) -> list[tuple[Problem, bool]]:
        return [(finding.problem, finding.mended) for finding in self.check(mend=mend)]

    def purge(self) -> None:
        Purge(self.index, self.media, self.clock, shares=self.shares).run()


@pytest.fixture
def site(index: Index, tmp_path: Path) -> Iterator[Site]:
    made = Site(index, tmp_path, SigningKey.open(tmp_path / "keys", RECORDER))
    index.add(described(1, START, kind="original", epoch=EPOCH))
    index.add(described(2, START))
    index.add(described(3, START + 60_000_000, kind="original", epoch=EPOCH))
    yield made
    made.shares.close()


def test_nothing_is_found_where_nothing_is_wrong(site: Site) -> None:
    assert site.check() == []
    site.purge()
    assert site.check() == []


def test_a_wrong_count_of_holds_is_set_right(site: Site) -> None:
    Holds(site.index.database, site.clock).place(["gate"], START, START + 1, reason="a case", by="officer-1")
    site.change("UPDATE segment SET holds = 0 WHERE uid = :uid", 1)
    site.change("UPDATE segment SET holds = 3 WHERE uid = :uid", 2)
    assert site.problems(mend=False) == [(Problem.MISCOUNTED, False)] * 2
    assert site.problems() == [(Problem.MISCOUNTED, True)] * 2
    assert {row.holds for row in site.index.all()} == {1}
    assert site.check() == []


def test_a_broken_chain_is_told_and_left(site: Site) -> None:
    site.change("UPDATE segment SET size = size + 1 WHERE uid = :uid", 2)
    assert site.problems() == [(Problem.CHAIN, False)]
    assert site.problems() == [(Problem.CHAIN, False)]


def test_a_cut_tail_is_known_from_the_log(site: Site) -> None:
    """Threat: removes the newest rows, and sets the camera's head to match."""
    assert site.check() == []
    site.change("DELETE FROM segment WHERE uid = :uid", 3)
    last = list(site.index.all())[-1].digest
    site.change("UPDATE camera SET head = :last", last=last)
    (found,) = site.check()
    assert found.problem is Problem.CHAIN
    assert "an earlier check" in found.what


def test_originals_whose_shares_are_gone_are_told(site: Site) -> None:
    site.shares.destroy([EPOCH])
    (found,) = site.check()
    assert (found.problem, found.mended) == (Problem.SEALED, False)
    assert EPOCH in found.what


def test_shares_that_outlived_their_footage_are_destroyed(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(Purge, "_shred", lambda self, rows: set())
        site.purge()
    assert site.shares.alive([EPOCH]) == {EPOCH}
    assert site.problems(mend=False) == [(Problem.UNSHREDDED, False)]
    assert site.problems() == [(Problem.UNSHREDDED, True)]
    assert site.shares.alive([EPOCH]) == set()


@pytest.mark.parametrize("entry", [None, 0])
def test_a_purge_that_somebody_wrote_into_the_index_destroys_nothing(site: Site, entry: int | None) -> None:
    """Threat: an administrator with database write has the check destroy evidence, files and keys."""
    site.check()
    site.clock.advance(86_400)
    stored = with_suffix(site.media / described(2, START).path, VIDEO)
    stored.parent.mkdir(parents=True)
    stored.write_bytes(b"seen")
    site.change("UPDATE segment SET state = 'DELETED', deleted = 1, entry = :entry", entry=entry)
    found = site.check()
    assert {each.problem for each in found} == {Problem.RETURNED, Problem.UNRECORDED}
    assert not any(each.mended for each in found)
    assert stored.read_bytes() == b"seen"
    assert site.shares.alive([EPOCH]) == {EPOCH}


def test_an_epoch_that_was_never_used_goes_with_its_time(site: Site) -> None:
    recent, old, held = "gate/2025-07-20/03", "gate/2025-06-10/03", "gate/2025-06-10/04"
    for epoch in (recent, old, held):
        site.seal(epoch)
    at = 1_749_528_000_000_000  # 2025-06-10T04:00:00Z
    Holds(site.index.database, site.clock).place(["gate"], at, at + 1, reason="a case", by="officer-1")
    assert site.problems() == [(Problem.UNSHREDDED, True)]
    assert site.shares.alive([recent, old, held]) == {recent, held}
    assert at % HOUR == 0


def test_tombstones_and_entries_name_each_other(site: Site) -> None:
    site.purge()
    site.change("UPDATE segment SET entry = NULL WHERE uid = :uid", 1)
    found = site.check()
    assert [f.problem for f in found] == [Problem.UNRECORDED] * 2
    assert any("no entry tells of it" in f.what for f in found)
    assert any("its row does not" in f.what for f in found)


def test_a_purge_that_no_entry_tells_of_is_told(site: Site) -> None:
    site.purge()
    site.change("UPDATE segment SET entry = 99 WHERE uid = :uid", 2)
    assert {f.problem for f in site.check()} == {Problem.UNRECORDED}


def test_checks_and_repairs_are_on_record(site: Site) -> None:
    site.check()
    site.change("UPDATE segment SET holds = 1")
    site.check()
    with site.index.database.read() as connection:
        actions = list(connection.scalars(entry.select().with_only_columns(entry.c.action)))
    assert actions == [Action.CHECKED.value, Action.CHECKED.value, Action.REPAIRED.value]


def test_of_two_recorders_each_checks_its_own(make_index: Callable[..., Index], site: Site) -> None:
    other = Index(site.index.database, site.index.policy, recorder="south")
    other.add(described(7, START, camera="yard"))
    site.index.fate.reschedule()
    assert site.check() == []
