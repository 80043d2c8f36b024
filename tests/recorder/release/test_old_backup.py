"""Threat: restores an old backup after a purge. Without their keys' shares, purged originals stay unreadable."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from recorder.check import check
from recorder.database import Database
from recorder.findings import Problem
from recorder.index import DAY, Index
from recorder.purge import Purge
from recorder.scope import Scope, epoch_id
from recorder.tables import DELETED, PRESENT
from recorder.vault.header import Header
from tests.recorder.release.conftest import HOUR, NINE, PEOPLE, Site
from vcam.base.errors import CustodyError, GarimError, VaultError


@pytest.fixture
def restored(site: Site, tmp_path: Path) -> Site:
    """Media and index as they were before the purge, beside the shares as they are after it."""
    site.record("gate", NINE)
    url = str(site.database.url)
    backup = tmp_path / "backup"
    site.index.close()
    site.database.close()
    index = Path(site.database.url.database or "")
    shutil.copytree(site.media, backup / "media")
    shutil.copy(index, backup / "index")
    purging = Index.open(url)
    site.clock.advance(31 * DAY / 1_000_000)
    Purge(purging, site.media, site.clock, shares=site.store).run()
    assert (purging.count(PRESENT), purging.count(DELETED) > 0) == (0, True)
    purging.close()
    shutil.rmtree(site.media)
    shutil.copytree(backup / "media", site.media)
    for old in index.parent.glob(f"{index.name}-*"):
        old.unlink()
    shutil.copy(backup / "index", index)
    site.database = Database(url)
    site.index = Index.open(url)
    return site


def test_purged_originals_stay_unreadable_for_all_custodians_together(restored: Site) -> None:
    epoch = epoch_id("gate", NINE)
    rows = restored.index.overlapping("gate", "original", NINE, NINE + HOUR)
    assert rows
    assert restored.store.alive([epoch]) == set()
    assert restored.store.shares(epoch) == []
    with pytest.raises(CustodyError, match="no original in that scope"):
        restored.ask(Scope(("gate",), NINE, NINE + HOUR))
    header = (restored.media / rows[0].path).with_name(rows[0].path.name + ".age-header").read_bytes()
    for identity in PEOPLE.values():
        with pytest.raises(VaultError):
            Header.parse(header).open([identity])


def test_the_share_store_holds_no_byte_of_what_it_held(site: Site) -> None:
    site.record("gate", NINE)
    # The end of an age file is its own: what stands at its beginning is the same in all.
    sealed = [share.sealed[-64:] for share in site.store.shares(epoch_id("gate", NINE))]
    assert len(sealed) == 3
    kept = b"".join(path.read_bytes() for path in (site.folder / "state").glob("shares.sqlite*"))
    assert all(share in kept for share in sealed)
    site.clock.advance(31 * DAY / 1_000_000)
    Purge(site.index, site.media, site.clock, shares=site.store).run()
    kept = b"".join(path.read_bytes() for path in (site.folder / "state").glob("shares.sqlite*"))
    for share in sealed:
        assert not any(share[at : at + 16] in kept for at in range(0, 64, 16))


def test_the_check_says_so_and_the_purge_ends_it_again(restored: Site) -> None:
    found = check(restored.media, restored.index, mend=True, clock=restored.clock, shares=restored.store)
    assert [f.problem for f in found if f.problem is not Problem.UNSHREDDED] == [Problem.SEALED]
    # The key of the hour after, made ahead and never used, has outlived its time as well.
    assert [f.path for f in found if f.problem is Problem.UNSHREDDED] == [epoch_id("gate", NINE + HOUR)]
    Purge(restored.index, restored.media, restored.clock, shares=restored.store).run()
    assert restored.index.count(PRESENT) == 0
    assert check(restored.media, restored.index, mend=True, clock=restored.clock, shares=restored.store) == []


def test_a_destroyed_epoch_never_returns(restored: Site) -> None:
    with pytest.raises(GarimError, match="never returns"):
        restored.store.add_epoch(epoch_id("gate", NINE), "age1x", 2, [])
