"""A release opens what is in its scope, to those whom k custodians answered, and nothing else."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pyrage
import pytest
from pyrage import x25519
from sqlalchemy import select

from recorder import units
from recorder.audit.tables import entry
from recorder.index import Segment
from recorder.layout import BODY, HEADER, UNITS, with_suffix
from recorder.release.answering import answer
from recorder.release.asking import cancel
from recorder.release.document import Answer, ReadAsk, read_ask
from recorder.release.opening import Opened
from recorder.scope import Scope, epoch_id
from recorder.vault.keys import Identity
from recorder.vault.scan import leaks
from tests.recorder.release.conftest import HOUR, NINE, PEOPLE, Site
from vcam.base.errors import CustodyError, VaultError
from vcam.base.media import AccessUnit

SECOND = 1_000_000


def within(sent: list[AccessUnit], start: int, end: int) -> list[AccessUnit]:
    """The units of the GOPs (10 units of 40 ms) that reach into [start, end)."""
    found = []
    for at in range(0, len(sent), 10):
        gop = sent[at : at + 10]
        if gop[0].time < end and gop[-1].time + 40_000 > start:
            found += gop
    return found


def test_what_is_opened_is_what_the_camera_sent_in_whole_gops(site: Site) -> None:
    site.record("gate", NINE)
    scope = Scope(("gate",), NINE + 2_500_000, NINE + 5_100_000)
    opened = site.opened(scope)
    assert opened.cameras == ("gate",)
    assert list(opened.units("gate")) == within(site.sent["gate"], scope.start, scope.end)
    assert opened.notes == {}
    (info,) = opened.streams("gate")
    assert (info.codec, info.width, info.height, info.fps) == ("h264", 320, 180, 25.0)
    assert [s.starts_with_key for s in opened.segments("gate")] == [True] * 2
    opened.close()
    assert list(opened.units("gate")) == []
    with pytest.raises(CustodyError, match="not in the release's scope"):
        next(opened.units("yard"))


def test_segments_are_cut_at_the_hour_and_a_release_goes_over_it(site: Site) -> None:
    site.record("gate", NINE + HOUR - 3 * SECOND - 120_000)
    sent = site.sent["gate"]
    names = {row.epoch for row in site.index.all()}
    assert names == {epoch_id("gate", NINE), epoch_id("gate", NINE + HOUR)}
    for row in site.index.all():
        assert row.epoch == epoch_id("gate", row.start)
    # The last GOP of the hour runs over its end: a scope that begins with the hour still reaches into it.
    scope = Scope(("gate",), NINE + HOUR, NINE + HOUR + SECOND)
    opened = site.opened(scope)
    found = list(opened.units("gate"))
    assert found == within(sent, scope.start, scope.end)
    assert found[0].time < NINE + HOUR


def test_over_broad_use_of_a_warrant(site: Site) -> None:
    """One hour and one camera are asked for: nothing of the hours beside it or of the other camera opens."""
    for camera in ("gate", "yard"):
        for hour in range(3):
            site.record(camera, NINE + hour * HOUR, frames=60)
    opened = site.opened(Scope(("gate",), NINE + HOUR, NINE + HOUR + 3 * SECOND))
    assert set(opened._keys) == {epoch_id("gate", NINE + HOUR)}
    for row in site.index.all():
        if row.epoch != epoch_id("gate", NINE + HOUR):
            with pytest.raises(CustodyError, match="not in scope"):
                opened.write_age(row, [PEOPLE["custodian-1"].recipient], io.BytesIO())
            with pytest.raises(CustodyError, match="is not open"):
                opened._key(row)
    # Nor does the index help, when it is made to name an hour in scope for a segment outside.
    stray = site.index.get(next(r.uid for r in site.index.all() if r.camera == "yard"))
    assert stray is not None
    stem = site.media / stray.path
    for identity in opened._keys.values():
        with pytest.raises(pyrage.DecryptError):
            pyrage.decrypt(
                with_suffix(stem, HEADER).read_bytes() + with_suffix(stem, BODY).read_bytes(),
                [x25519.Identity.from_str(identity)],
            )


def test_one_custodian_is_not_enough_and_two_are(site: Site) -> None:
    site.record("gate", NINE, frames=50)
    asked = site.ask(Scope(("gate",), NINE, NINE + SECOND))
    assert asked.threshold == 2
    with pytest.raises(CustodyError, match="0 of 2"):
        site.open(asked.release)
    site.answer(asked, "custodian-2", "custodian-2")
    with pytest.raises(CustodyError, match="1 of 2"):
        site.open(asked.release)
    site.answer(asked, "custodian-1")
    assert list(site.open(asked.release).units("gate")) == site.sent["gate"][:30]


def test_everything_is_on_record_and_nothing_of_the_release_remains(site: Site) -> None:
    site.record("gate", NINE, frames=50)
    asked = site.ask(Scope(("gate",), NINE, NINE + SECOND))
    site.answer(asked, "custodian-1", "custodian-2")
    one_time = site.runtime.identity(asked.release)
    site.open(asked.release).close()
    cancel(
        asked.release,
        by="officer-1",
        why="exported",
        database=site.database,
        store=site.store,
        runtime=site.runtime,
        clock=site.clock,
    )
    with site.database.read() as connection:
        rows = connection.execute(select(entry.c.action, entry.c.body).order_by(entry.c.number)).all()
    assert [action for action, _ in rows] == [
        "release.asked",
        "release.answered",
        "release.answered",
        "release.released",
        "release.ended",
    ]
    assert json.loads(rows[3].body)["details"]["custodians"] == ["custodian-1", "custodian-2"]
    assert not any("SECRET" in body for _, body in rows)
    everything = b"".join(path.read_bytes() for path in site.folder.rglob("*") if path.is_file())
    assert one_time.encode() not in everything
    with pytest.raises(CustodyError, match="no release"):
        site.open(asked.release)


def test_swapped_segments_and_headers_are_rejected(site: Site) -> None:
    """Headers, bodies and tables are crossed between segments of one epoch, whose key opens them all."""
    site.record("gate", NINE, frames=150)
    rows = list(site.index.all())
    opened = site.opened(Scope(("gate",), NINE, NINE + 10 * SECOND))
    whole = list(opened.units("gate"))
    assert whole == site.sent["gate"]
    for suffixes in ((HEADER,), (BODY,), (UNITS,), (HEADER, BODY), (HEADER, BODY, UNITS)):
        for suffix in suffixes:
            _swap(site, rows[0], rows[1], suffix)
        assert list(opened.units("gate")) == whole[100:]
        assert set(opened.notes) == {rows[0].uid, rows[1].uid}
        for suffix in suffixes:
            _swap(site, rows[0], rows[1], suffix)
        opened._notes.clear()
    assert list(opened.units("gate")) == whole


def _swap(site: Site, one: Segment, other: Segment, suffix: str) -> None:
    a, b = (with_suffix(site.media / row.path, suffix) for row in (one, other))
    data = a.read_bytes()
    a.write_bytes(b.read_bytes())
    b.write_bytes(data)


def test_a_truncated_body_keeps_its_verified_beginning_and_says_so(site: Site) -> None:
    site.record("gate", NINE, frames=50)
    (row,) = site.index.all()
    body = with_suffix(site.media / row.path, BODY)
    kept = body.read_bytes()
    opened = site.opened(Scope(("gate",), NINE, NINE + 10 * SECOND))
    assert row.plain_size > 2 * 65536
    body.write_bytes(kept[: 16 + 2 * (65536 + 16) + 1000])
    found = list(opened.units("gate"))
    table = units.load(with_suffix(site.media / row.path, UNITS).read_bytes())
    whole = [n for n, r in enumerate(table) if r["offset"] + r["size"] <= 2 * 65536]
    assert found == site.sent["gate"][: len(whole)]
    assert "its end is missing" in opened.notes[row.uid]
    # Another segment of the same epoch that is cut in the same way is told by its units.
    site.record("gate", NINE + 60 * SECOND, frames=50)
    other = list(site.index.all())[-1]
    for suffix in (HEADER, BODY):
        with_suffix(site.media / row.path, suffix).write_bytes(
            with_suffix(site.media / other.path, suffix).read_bytes()[: 16 + 2 * (65536 + 16) + 1000]
        )
    assert len(list(opened.units("gate"))) <= 1
    assert "does not fit" in opened.notes[row.uid]


def test_a_flipped_byte_is_refused(site: Site) -> None:
    site.record("gate", NINE, frames=60)
    row = next(iter(site.index.all()))
    opened = site.opened(Scope(("gate",), NINE, NINE + 10 * SECOND))
    body = with_suffix(site.media / row.path, BODY)
    data = bytearray(body.read_bytes())
    data[len(data) // 2] ^= 1
    body.write_bytes(bytes(data))
    assert list(opened.units("gate")) == site.sent["gate"][50:]
    assert "not that of the index" in opened.notes[row.uid]


def test_only_the_chunks_that_are_needed_are_decrypted(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.record("gate", NINE, frames=50)
    opened = site.opened(Scope(("gate",), NINE + 900_000, NINE + 1_000_000))
    read: list[int] = []
    from recorder.vault.payload import PayloadReader

    load = PayloadReader._load

    def counted(self: PayloadReader, number: int) -> bytes:
        read.append(number)
        return load(self, number)

    monkeypatch.setattr(PayloadReader, "_load", counted)
    (row,) = opened.segments("gate")
    found = list(opened.units("gate"))
    assert found == site.sent["gate"][20:30]
    first = sum(len(u.data) for u in site.sent["gate"][:20]) // 65536
    last = (sum(len(u.data) for u in site.sent["gate"][:30]) - 1) // 65536
    assert sorted({*read} - {row.plain_size // 65536}) == list(range(first, last + 1))
    assert row.plain_size // 65536 > last


def test_restoring_an_old_backup_after_a_purge_opens_nothing(site: Site) -> None:
    """Media and index are restored from before the purge; the shares are today's."""
    site.record("gate", NINE, frames=50)
    site.record("gate", NINE + HOUR, frames=50)
    scope = Scope(("gate",), NINE, NINE + 10 * SECOND)
    asked = site.ask(scope)  # an ask of before, whose answers come after
    stale = answer(read_ask(asked.asks["custodian-1"]), [PEOPLE["custodian-1"].secret()], now=site.clock.utc())
    backup = site.folder / "backup"
    shutil.copytree(site.media, backup)
    rows = list(site.index.all())
    site.store.destroy([epoch_id("gate", NINE)])
    shutil.rmtree(site.media)
    shutil.copytree(backup, site.media)
    assert [row.uid for row in site.index.all()] == [row.uid for row in rows]
    with pytest.raises(CustodyError, match="gone for good"):
        site.ask(scope)
    site.take(stale)
    site.answer(asked, "custodian-2")
    with pytest.raises(CustodyError, match="were destroyed"):
        site.open(asked.release)
    assert site.opened(Scope(("gate",), NINE + HOUR, NINE + HOUR + SECOND)).cameras == ("gate",)


def test_who_steals_the_recorders_disk_reads_nothing(site: Site) -> None:
    """All files and both databases are copied; every stored byte string is tried as a key."""
    site.record("gate", NINE, frames=60)
    site.record("gate", NINE + HOUR, frames=60)
    stolen = site.folder / "stolen"
    for part in ("media", "state"):
        shutil.copytree(site.folder / part, stolen / part)
    files = [path for path in stolen.rglob("*") if path.is_file()]
    assert any(path.name == "shares.sqlite" for path in files)
    assert any(path.name == "index.sqlite" for path in files)
    assert list(leaks(files)) == []
    # The search does find a key where there is one: an epoch's, as a release has it in memory.
    opened = site.opened(Scope(("gate",), NINE, NINE + SECOND))
    secret = opened._keys[epoch_id("gate", NINE)]
    (stolen / "state" / "note").write_bytes(Identity.parse(secret).key.private_bytes_raw())
    assert "private key" in next(leaks([*files, stolen / "state" / "note"])).why


def _age_tools() -> None:
    if shutil.which("age") is None:
        pytest.skip("Debian's age is not installed (apt-get install age)")


def test_debians_age_and_pyrage_open_a_segment_with_the_joined_key(site: Site, tmp_path: Path) -> None:
    _age_tools()
    site.record("gate", NINE, frames=50)
    opened = site.opened(Scope(("gate",), NINE, NINE + SECOND))
    (row,) = opened.segments("gate")
    stem = site.media / row.path
    joined = with_suffix(stem, HEADER).read_bytes() + with_suffix(stem, BODY).read_bytes()
    sent = b"".join(unit.data for unit in site.sent["gate"])
    secret = opened._keys[row.epoch]
    assert pyrage.decrypt(joined, [x25519.Identity.from_str(secret)]) == sent
    key = tmp_path / "identity.txt"
    key.write_text(secret + "\n")
    done = subprocess.run(["age", "-d", "-i", key], input=joined, capture_output=True, check=True)
    assert done.stdout == sent


@pytest.mark.parametrize(("end", "count"), [(10 * SECOND, 50), (SECOND, 30)])
def test_a_segment_is_passed_on_to_a_receiver_no_wider_than_the_scope(site: Site, end: int, count: int) -> None:
    site.record("gate", NINE, frames=50)
    opened: Opened = site.opened(Scope(("gate",), NINE, NINE + end))
    receiver = Identity.generate()
    out = io.BytesIO()
    size = opened.write_age(opened.segments("gate")[0], [receiver.recipient], out)
    assert size == len(out.getvalue())
    plain: bytes = pyrage.decrypt(out.getvalue(), [x25519.Identity.from_str(receiver.secret())])
    sent = b"".join(unit.data for unit in site.sent["gate"][:count])
    assert plain.endswith(sent)
    assert len(plain) < len(sent) + 100  # parameter sets may lead


def test_what_is_sealed_to_fixed_recipients_is_said(site: Site) -> None:
    site.store.put_custodian("custodian-1", "age1x", active=False)
    site.store.put_custodian("custodian-2", "age1x", active=False)
    officer = Identity.generate()
    (descriptor, *_) = site.record("gate", NINE, frames=50, recipients=(officer.recipient,))
    assert (descriptor.epoch, descriptor.recipients) == ("", [officer.recipient])
    with pytest.raises(CustodyError) as caught:
        site.ask(Scope(("gate",), NINE, NINE + SECOND))
    assert "recorder.recipients" in caught.value.mend


def test_answers_that_are_none(site: Site) -> None:
    site.record("gate", NINE, frames=50)
    asked = site.ask(Scope(("gate",), NINE, NINE + SECOND))
    other = site.ask(Scope(("gate",), NINE, NINE + SECOND))
    read = read_ask(asked.asks["custodian-1"])
    given = json.loads(answer(read, [PEOPLE["custodian-1"].secret()], now=0))
    for change in (
        {"custodian": "custodian-2"},
        {"custodian": "somebody"},
        {"release": other.release},
        {"release": "0"},
        {"kind": "x"},
        {"sealed": "AAAA"},
    ):
        with pytest.raises(CustodyError):
            site.take(json.dumps({**given, **change}).encode())
    assert site.store.answers(asked.release) == {}
    site.runtime.destroy(asked.release)
    with pytest.raises(CustodyError, match="lives in memory"):
        site.take(json.dumps(given).encode())


def test_identities_that_do_not_fit_give_no_answer(site: Site) -> None:
    site.record("gate", NINE, frames=50)
    asked = site.ask(Scope(("gate",), NINE, NINE + SECOND))
    with pytest.raises(VaultError, match="None of the keys"):
        answer(read_ask(asked.asks["custodian-1"]), [PEOPLE["custodian-2"].secret()], now=0)


def test_nobody_answers_in_anothers_name(site: Site) -> None:
    """Who has another part in the case, and holds a share, must not lend it under a colleague's name."""
    site.record("gate", NINE, frames=50)
    asked = site.ask(Scope(("gate",), NINE, NINE + SECOND))
    ask = read_ask(asked.asks["custodian-1"]).ask
    lent = replace(ask, custodian="custodian-2")
    false = answer(ReadAsk(lent, b"", ""), [PEOPLE["custodian-1"].secret()], now=0)
    with pytest.raises(CustodyError, match="not custodian-2's own"):
        site.take(false)
    site.answer(asked, "custodian-3")
    # Nor does it help to write the answer into the store oneself.
    site.store.answer(asked.release, "custodian-2", Answer.load(false).sealed)
    with pytest.raises(CustodyError, match="1 of 2"):
        site.open(asked.release)


def test_a_custodian_who_was_revoked_since_his_answer_counts_no_more(site: Site) -> None:
    site.record("gate", NINE, frames=50)
    asked = site.ask(Scope(("gate",), NINE, NINE + SECOND))
    site.answer(asked, "custodian-1", "custodian-2")
    gone = PEOPLE["custodian-2"].recipient
    site.store.put_custodian("custodian-2", gone, active=False)
    with pytest.raises(CustodyError, match="1 of 2"):
        site.open(asked.release)
    site.store.put_custodian("custodian-2", gone)
    assert site.open(asked.release).cameras == ("gate",)
