"""A camera's keys: one for each hour, ready ahead, and going on whatever becomes of the share store."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from recorder.database import sqlite_module
from recorder.descriptor import SegmentDescriptor
from recorder.epochs import Epochs, Key, check_sealing
from recorder.raw import RawWriter
from recorder.scope import epoch_id
from recorder.shares.store import ShareStore
from recorder.vault.keys import Identity
from tests.recorder.support import START, encode
from vcam.base.clock import ManualClock
from vcam.base.errors import ConfigError, GarimError, RecordError

HOUR = 3_600_000_000
NINE = 1_767_258_000_000_000
"""2026-01-01T09:00:00Z."""
OFFICER = Identity.generate().recipient


class Site:
    """A share store, and what the keys of a camera have to say."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "state" / "shares.sqlite"
        self.clock = ManualClock(NINE)
        self.store = ShareStore.open(self.path, clock=self.clock)
        self.troubles: list[GarimError | None] = []
        self.made: list[Epochs] = []

    def custodians(self, count: int) -> None:
        for number in range(count):
            self.store.put_custodian(f"custodian-{number}", Identity.generate().recipient)

    def epochs(self, *recipients: str) -> Epochs:
        self.made.append(Epochs(self.path, "gate", 2, recipients, self.clock, on_trouble=self.troubles.append))
        return self.made[-1]

    def settle(self, epochs: Epochs) -> None:
        """Wait until nothing is asked of the store any more."""
        with epochs._changed:
            assert epochs._changed.wait_for(lambda: not epochs._wanted, 20)


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    monkeypatch.setattr("recorder.epochs.PATIENCE", 20.0)  # a loaded machine is no outage
    made = Site(tmp_path)
    yield made
    for epochs in made.made:
        epochs.close()
    made.store.close()


def test_each_hour_has_a_key_and_the_next_is_ready(site: Site) -> None:
    site.custodians(3)
    epochs = site.epochs()
    first = epochs.at(NINE + 5)
    assert first.epoch == epoch_id("gate", NINE)
    site.settle(epochs)
    assert site.store.alive([epoch_id("gate", NINE + HOUR)])
    assert epochs.at(NINE + HOUR - 1) == first
    second = epochs.at(NINE + HOUR)
    assert second.epoch == epoch_id("gate", NINE + HOUR)
    assert second.recipients != first.recipients
    kept = site.store.epoch(first.epoch)
    assert kept is not None
    assert (kept.recipient,) == first.recipients
    assert [share.custodian for share in site.store.shares(first.epoch)] == [f"custodian-{n}" for n in range(3)]


def test_a_worker_that_is_replaced_goes_on_with_the_hours_key(site: Site) -> None:
    site.custodians(2)
    assert site.epochs().at(NINE) == site.epochs().at(NINE)


def break_store(site: Site) -> None:
    connection = sqlite_module().connect(str(site.path))
    connection.execute("ALTER TABLE epoch RENAME TO gone")
    connection.commit()
    connection.close()


def test_without_the_store_the_last_epoch_goes_on(site: Site) -> None:
    site.custodians(2)
    epochs = site.epochs()
    epochs.at(NINE)
    site.settle(epochs)
    break_store(site)
    last = epochs.at(NINE + HOUR)  # it was ready
    site.settle(epochs)
    assert epochs.at(NINE + 2 * HOUR) == last
    assert epochs.at(NINE + 3 * HOUR) == last
    site.settle(epochs)
    assert len(site.troubles) == 1  # told once


def test_a_new_worker_finds_the_cameras_last_epoch(site: Site) -> None:
    site.custodians(2)
    first = site.epochs()
    last = first.at(NINE)
    site.settle(first)
    site.store.destroy([epoch_id("gate", NINE + HOUR)])
    for number in range(2):
        site.store.put_custodian(f"custodian-{number}", OFFICER, active=False)
    site.clock.advance(3 * 3600)
    assert site.epochs().at(NINE + 3 * HOUR) == last
    assert site.troubles[0] is not None
    assert "too few" in site.troubles[0].what


def test_the_end_of_an_outage_is_told_too(site: Site) -> None:
    epochs = site.epochs()
    site.settle(epochs)
    assert [trouble is None for trouble in site.troubles] == [False]
    site.custodians(2)
    with pytest.raises(RecordError):
        epochs.at(NINE)  # asks the store anew behind its back
    site.settle(epochs)
    assert epochs.at(NINE).epoch == epoch_id("gate", NINE)
    assert [trouble is None for trouble in site.troubles] == [False, True]


def test_a_destroyed_epoch_is_used_no_more(site: Site) -> None:
    site.custodians(2)
    epochs = site.epochs()
    epochs.at(NINE)
    site.settle(epochs)
    site.store.destroy([epoch_id("gate", NINE)])
    epochs.at(NINE + 60_000_000)
    site.settle(epochs)
    assert epochs.at(NINE + 120_000_000).epoch == epoch_id("gate", NINE + HOUR)


def test_custodians_who_come_later_are_used_from_the_next_segment_on(site: Site) -> None:
    epochs = site.epochs(OFFICER)
    assert epochs.at(NINE) == Key("", (OFFICER,))
    site.settle(epochs)
    site.custodians(2)
    epochs.at(NINE)
    site.settle(epochs)
    assert epochs.at(NINE).epoch == epoch_id("gate", NINE)


def test_with_neither_custodians_nor_recipients_a_segment_is_lost_and_told(site: Site, tmp_path: Path) -> None:
    found: list[SegmentDescriptor] = []
    errors: list[RecordError] = []
    writer = RawWriter(
        tmp_path / "media",
        "gate",
        [],
        2,
        found.append,
        ManualClock(START),
        on_error=errors.append,
        epochs=site.epochs(),
    )
    info, units = encode(30)
    writer.stream(info)
    for unit in units:
        writer.raw(unit)
    writer.close()
    assert found == []
    assert "no key to seal" in errors[0].what
    assert [path for path in (tmp_path / "media").rglob("*") if path.is_file()] == []


@pytest.mark.parametrize(
    ("count", "recipients", "expected"), [(2, [], None), (1, [OFFICER], "warning"), (0, [], ConfigError)]
)
def test_a_site_starts_only_when_somebody_could_open_its_originals(
    site: Site, count: int, recipients: list[str], expected: object
) -> None:
    site.custodians(count)
    check: Callable[[], str | None] = lambda: check_sealing(site.path.parent, recipients, 2)  # noqa: E731
    if expected is ConfigError:
        with pytest.raises(ConfigError, match="could never be read") as caught:
            check()
        assert "garim custodian create" in caught.value.mend
    elif expected is None:
        assert check() is None
    else:
        assert "alone" in (check() or "")
