"""Exports end to end: what leaves, what is on record, and what never leaves."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import pytest

from recorder.audit.entry import Action
from recorder.evidence import minisign
from recorder.evidence.claims import state
from recorder.evidence.register import Exports
from recorder.evidence.verifier import minisign as texts
from recorder.evidence.verifier.check import MANIFEST, check
from recorder.scope import Scope
from recorder.vault.keys import Identity
from tests.recorder.evidence.test_claims import credentials
from tests.support.patch import shows_patch
from tests.support.portrait import frames
from tests.vcam.export.conftest import Site
from tests.vcam.export.support import BEGIN, COUNT, SECOND, Opened, units
from vcam.base.errors import ConfigError, CustodyError, Forbidden, RecordError
from vcam.base.settings import Zone
from vcam.export.job import destroy, export, list_tracks
from vcam.export.order import Choice, Order
from vcam.export.review import Looked

LOOKED = Looked("officer-2", BEGIN)


def order(site: Site, **changes: Any) -> Order:
    case = site.book.get(site.released())
    values: dict[str, Any] = {
        "kind": "original",
        "by": "officer-1",
        "case": case,
        "scope": case.scope,
        "custodians": ("custodian-1", "custodian-2"),
        "unencrypted": True,
        "viewing": False,
        "review": LOOKED,
    }
    return Order(**(values | changes))


def made(site: Site, footage: Opened | None = None, **changes: Any) -> Path:
    row = export(order(site, **changes), footage or Opened({"gate": units()}), site.book, site.house)
    return Path(row.folder)


def whole(folder: Path, site: Site) -> dict[str, Any]:
    """The manifest of an export that verifies."""
    key = texts.PublicKey(site.key.public.id, site.key.public.raw)
    assert check(str(folder / "export"), key).findings == []
    manifest: dict[str, Any] = json.loads((folder / "export" / MANIFEST).read_bytes())
    return manifest


def test_an_original_leaves_as_the_camera_sent_it(site: Site) -> None:
    sent = units()
    folder = made(site, viewing=True)
    manifest = whole(folder, site)
    content = folder / "export"
    assert (content / "gate.h264").read_bytes() == b"".join(unit.data for unit in sent)
    assert len(frames(content / "gate.mp4")) == COUNT
    assert all(map(shows_patch, frames(content / "gate.mp4")))
    times = (content / "gate-times.csv").read_text(encoding="utf-8").splitlines()
    assert times[1] == f"0,0,{len(sent[0].data)},1,{BEGIN},0"
    assert len(times) == COUNT + 1
    assert manifest["masked"] is False
    assert manifest["marks"] == ["visible"]
    assert manifest["request"]["basis"] == "warrant"
    assert "Criminal Procedure Act 215" in manifest["request"]["article"]
    assert manifest["people"] == {
        "requester": "officer-1",
        "approver": "approver-1",
        "custodians": ["custodian-1", "custodian-2"],
        "exporter": "officer-1",
    }
    assert manifest["receiver"] == {"body": "police", "limits": "destroy after the trial", "recipient": ""}
    assert [segment["sha256"] for segment in manifest["segments"]] == ["ab" * 32]
    assert {file["role"] for file in manifest["files"]} == {"bitstream", "video", "times", "viewing"}


def test_a_viewing_copy_bears_the_name_of_its_export(site: Site) -> None:
    folder = made(site, viewing=True)
    plain, marked = (frames(folder / "export" / name)[0] for name in ("gate.mp4", "gate-viewing.mp4"))
    corner = (slice(-24, None), slice(0, 200))
    before, after = (frame.to_ndarray(format="gray")[corner] for frame in (plain, marked))
    assert int(before.max()) <= 150
    assert int(after.max()) >= 200
    assert int(after.min()) <= 40


def test_what_leaves_is_on_record_and_in_the_register(site: Site) -> None:
    folder = made(site)
    (entry,) = site.entries("export.made")
    row = Exports(site.house.database).get(folder.name)
    assert entry["subject"] == f"export/{folder.name}"
    details = entry["details"]
    assert details["request"] == row.request
    assert details["kind"] == "original"
    assert details["limits"] == "destroy after the trial"
    manifest = whole(folder, site)
    assert details["files"] == [
        {key: file[key] for key in ("name", "sha256", "size")} for file in manifest["files"]
    ]
    assert row.id == f"E{row.id[1:9]}-{row.mark:08x}"
    assert site.book.get(str(row.request)).state == "exported"


def test_the_verifier_beside_it_needs_nothing_else(site: Site) -> None:
    folder = made(site)
    run: list[str | Path] = [sys.executable, "-I", "-S", folder / "verify.pyz", folder / "export"]
    keyed = [*run, "--key", folder / "institution.pub"]
    assert subprocess.run(keyed, capture_output=True, check=False).returncode == 0
    assert subprocess.run(run, capture_output=True, check=False).returncode == 2
    name = folder / "export" / "gate.h264"
    data = bytearray(name.read_bytes())
    data[len(data) // 2] ^= 1
    name.write_bytes(data)
    broken = subprocess.run(keyed, capture_output=True, check=False, text=True)
    assert broken.returncode == 1
    assert "gate.h264" in broken.stdout


def test_a_masked_copy_shows_nobody(site: Site) -> None:
    folder = made(site, kind="masked", unencrypted=False)
    manifest = whole(folder, site)
    pictures = frames(folder / "export" / "gate-masked.mp4")
    assert len(pictures) == COUNT
    assert not any(map(shows_patch, pictures))
    assert manifest["masked"] is True
    assert manifest["review"]["reviewer"] == "officer-2"
    assert manifest["software"]["detectors"]


def test_a_chosen_track_stays_clear_and_only_by_the_list_it_was_chosen_from(site: Site) -> None:
    wanted, footage = order(site, kind="selective"), Opened({"gate": units()})
    (listing,) = list_tracks(wanted, footage, site.house)
    assert [trail.number for trail in listing.trails] == [1]
    assert len(site.entries("footage.viewed")) == 1
    choice = Choice(frozenset({1}), listing.digest)
    row = export(replace(wanted, choices={"gate": choice}), footage, site.book, site.house)
    manifest = whole(Path(row.folder), site)
    pictures = frames(Path(row.folder) / "export" / "gate-selective.mp4")
    assert sum(map(shows_patch, pictures)) > 30
    assert manifest["clear"] == {"tracks": {"gate": [1]}}
    again = replace(wanted, choices={"gate": Choice(frozenset({1}), "0" * 64)})
    with pytest.raises(ConfigError, match="not those that were chosen from"):
        export(again, footage, site.book, site.house)
    with pytest.raises(ConfigError, match="no track 9"):
        export(
            replace(wanted, choices={"gate": Choice(frozenset({9}), listing.digest)}),
            footage,
            site.book,
            site.house,
        )
    assert [path.name for path in site.left()] == [row.id]


def test_only_one_region_stays_clear(site: Site) -> None:
    zone = Zone.model_validate({"name": "kept", "points": [[0, 0.5], [1, 0.5], [1, 1], [0, 1]]})
    folder = made(site, kind="selective", zone=zone)
    manifest = whole(folder, site)
    assert manifest["clear"]["zone"] == [
        [0, 500_000],
        [1_000_000, 500_000],
        [1_000_000, 1_000_000],
        [0, 1_000_000],
    ]
    assert not any(map(shows_patch, frames(folder / "export" / "gate-selective.mp4")))


def test_stills_are_the_pictures_nearest_to_the_instants(site: Site) -> None:
    instants = (BEGIN + 410_000, BEGIN + SECOND)
    folder = made(site, kind="stills", instants=instants, unencrypted=False)
    whole(folder, site)
    names = sorted(path.name for path in (folder / "export").glob("*.png"))
    assert names == ["gate-20260302T025500.400000Z.png", "gate-20260302T025501.000000Z.png"]
    for name in names:
        picture = cv2.imread(str(folder / "export" / name), cv2.IMREAD_GRAYSCALE)
        assert picture is not None
        assert picture.shape == (192, 320)
        rows = picture.astype("int16")
        assert not (abs(rows[:150, 2:] - rows[:150, :-2]) > 200).any()


def test_a_still_may_show_the_chosen(site: Site) -> None:
    wanted, footage = order(site, kind="stills", instants=(BEGIN + SECOND,)), Opened({"gate": units()})
    (listing,) = list_tracks(wanted, footage, site.house)
    chosen = replace(wanted, choices={"gate": Choice(frozenset({1}), listing.digest)})
    row = export(chosen, footage, site.book, site.house)
    (still,) = (Path(row.folder) / "export").glob("*.png")
    picture = cv2.imread(str(still), cv2.IMREAD_GRAYSCALE)
    assert picture is not None
    rows = picture.astype("int16")
    assert (abs(rows[:150, 2:] - rows[:150, :-2]) > 200).any()


def test_an_instant_without_a_picture_is_named(site: Site) -> None:
    with pytest.raises(CustodyError, match="no picture within a second"):
        made(site, kind="stills", instants=(BEGIN + 60 * SECOND,))
    assert site.left() == []


@pytest.mark.parametrize("kind", ["original", "masked"])
def test_debians_age_opens_what_is_encrypted_to_the_receiver(site: Site, tmp_path: Path, kind: str) -> None:
    tool = shutil.which("age")
    if tool is None:
        pytest.skip("age is not installed")
    identity = Identity.generate()
    (tmp_path / "identity.txt").write_text(identity.secret() + "\n", encoding="ascii")
    folder = made(site, kind=kind, recipient=identity.recipient, unencrypted=False)
    content = folder / "export"
    manifest = whole(folder, site)
    plain = b"".join(unit.data for unit in units())
    for path in folder.rglob("*"):
        assert not path.is_file() or plain[:200] not in path.read_bytes()
    for file in manifest["files"]:
        sealed = content / file["name"]
        assert sealed.suffix == ".age"
        out = content / file["opened"]["name"]
        subprocess.run([tool, "-d", "-i", tmp_path / "identity.txt", "-o", out, sealed], check=True)
        if out.suffix == ".h264":
            assert out.read_bytes() == plain
        sealed.unlink()
    whole(folder, site)


def test_nobody_unmasked_leaves_without_a_key_or_a_word(site: Site) -> None:
    zone = Zone.model_validate({"name": "kept", "points": [[0, 0], [1, 0], [1, 1]]})
    every: list[dict[str, Any]] = [{}, {"kind": "selective", "zone": zone}]
    for changes in every:
        with pytest.raises(Forbidden, match="--unencrypted"):
            made(site, **(changes | {"unencrypted": False}))
    assert site.left() == []


@pytest.mark.parametrize("kind", ["masked", "selective", "stills"])
def test_what_is_masked_leaves_reviewed(site: Site, kind: str) -> None:
    zone = Zone.model_validate({"name": "kept", "points": [[0, 0], [1, 0], [1, 1]]})
    every: dict[str, dict[str, Any]] = {"selective": {"zone": zone}, "stills": {"instants": (BEGIN,)}}
    changes = every.get(kind, {})
    with pytest.raises(Forbidden, match="reviewed"):
        made(site, kind=kind, review=None, **changes)
    assert site.entries("export.made") == []


def test_over_broad_use_of_a_warrant(site: Site) -> None:
    """One hour, or one camera, beyond the request is refused, whatever was opened; and GOPs beyond it stay behind."""
    scope = site.book.get(site.released()).scope
    hour = 3_600 * SECOND
    footage = Opened({"gate": units(), "yard": units()})
    for wider in (
        Scope(("gate",), scope.start, scope.end + hour),
        Scope(("gate",), scope.start - 1, scope.end),
        Scope(("yard",), scope.start, scope.end),
        Scope(("gate", "yard"), scope.start, scope.end),
    ):
        with pytest.raises(Forbidden, match="beyond request"):
            made(site, footage, scope=wider)
    assert site.left() == []
    early, late = units(begin=scope.start - 10 * SECOND), units(begin=scope.end + SECOND)
    within = units()
    mixed = Opened({"gate": [*early, *within, *late]})
    content = made(site, mixed) / "export"
    assert (content / "gate.h264").read_bytes() == b"".join(unit.data for unit in within)
    narrow = Scope(("gate",), BEGIN + SECOND, BEGIN + SECOND + 1)
    content = made(site, scope=narrow) / "export"
    assert (content / "gate.h264").read_bytes() == b"".join(unit.data for unit in within[25:])


def test_a_request_that_was_not_released_exports_nothing(site: Site) -> None:
    number = site.approved()
    case = site.book.get(number)
    with pytest.raises(Forbidden, match="only what was released"):
        made(site, case=case, scope=case.scope)
    site.book.close(number, "withdrawn", by="officer-1")
    with pytest.raises(Forbidden, match="only what was released"):
        made(site, case=site.book.get(number))


def test_a_case_that_is_closed_meanwhile_exports_nothing(site: Site) -> None:
    """The state that counts is that in the transaction of the entry."""
    wanted = order(site)
    site.book.close(wanted.case.number, "withdrawn", by="officer-1")
    with pytest.raises(Forbidden):
        export(wanted, Opened({"gate": units()}), site.book, site.house)
    assert site.left() == []
    assert site.entries("export.made") == []


def test_only_an_officer_exports(site: Site) -> None:
    for by in ("approver-1", "custodian-1", "administrator-1", "nobody-1"):
        with pytest.raises(Forbidden):
            made(site, by=by)
    assert site.left() == []


def test_no_plaintext_stays_in_memory_or_on_the_disk(site: Site) -> None:
    made(site, kind="masked", unencrypted=False)
    assert list(site.house.runtime.iterdir()) == []
    secret = units()[0].data[-300:]
    for path in site.house.exports.rglob("*"):
        assert not path.is_file() or secret not in path.read_bytes()


def test_a_folder_on_a_disk_is_no_place_for_plaintext(site: Site, tmp_path: Path) -> None:
    house = replace(site.house, runtime=tmp_path / "disk")
    with pytest.raises(CustodyError, match="must never reach a disk"):
        export(order(site, kind="masked"), Opened({"gate": units()}), site.book, house)
    assert site.left() == []


def test_a_crash_between_the_entry_and_the_name_is_made_good(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(_part: Path, _final: Path) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("vcam.export.draft.publish", crash)
        with pytest.raises(KeyboardInterrupt):
            made(site)
    (part,) = site.left()
    assert part.name.startswith(".E")
    (entry,) = site.entries("export.made")
    made(site)
    name = entry["subject"].removeprefix("export/")
    whole(site.house.exports / name, site)
    assert not part.exists()


def test_a_crash_before_the_entry_leaves_nothing(site: Site) -> None:
    part = site.house.exports / ".E20260302-00000001.part"
    (part / "export").mkdir(parents=True)
    (part / "export" / "gate.h264").write_bytes(b"x")
    folder = made(site)
    assert [path.name for path in site.left()] == [folder.name]


def test_a_log_that_cannot_be_written_lets_nothing_out(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> int:
        raise RecordError("The disk is full")

    wanted = order(site)
    monkeypatch.setattr("recorder.requests.opening.append", full)
    with pytest.raises(RecordError):
        export(wanted, Opened({"gate": units()}), site.book, site.house)
    assert site.left() == []
    assert Exports(site.house.database).list() == []


def test_footage_that_changes_its_form_or_is_not_there_is_named(site: Site) -> None:
    forms = [replace(Opened({}).info, width=width) for width in (320, 640)]
    with pytest.raises(CustodyError, match="size or codec"):
        made(site, Opened({"gate": units()}, forms=forms))
    with pytest.raises(CustodyError, match="no footage"):
        made(site, Opened({"gate": []}))
    with pytest.raises(CustodyError, match="Nothing of gate"):
        made(site, Opened({}))
    with pytest.raises(CustodyError, match="vp9"):
        made(site, Opened({"gate": units()}, info=replace(Opened({}).info, codec="vp9")))
    assert site.left() == []


def test_files_are_removed_once_handed_over_and_the_row_stays(site: Site) -> None:
    folder = made(site)
    site.house.clock.advance(60)  # type: ignore[attr-defined]
    destroy(folder.name, site.house, by="officer-1", reason="handed over", action=Action.EXPORT_DESTROYED)
    assert not folder.exists()
    assert Exports(site.house.database).get(folder.name).destroyed is not None
    (entry,) = site.entries("export.destroyed")
    assert entry["details"] == {"reason": "handed over"}
    with pytest.raises(CustodyError, match="not there any more"):
        destroy(folder.name, site.house, by="officer-1", reason="again", action=Action.EXPORT_DESTROYED)


def test_what_could_not_be_read_stands_in_the_manifest(site: Site) -> None:
    footage = Opened({"gate": units()})
    uid = footage.segments("gate")[0].uid
    footage.notes = {uid: "its end is missing", "ffff": "another camera's"}
    assert whole(made(site, footage), site)["gaps"] == {uid: "its end is missing"}


def test_a_masked_copy_can_carry_a_claim(site: Site) -> None:
    pytest.importorskip("c2pa", reason="the extra 'c2pa' is not installed")
    house = replace(site.house, credentials=credentials())
    row = export(order(site, kind="masked"), Opened({"gate": units()}), site.book, house)
    whole(Path(row.folder), site)
    copy = Path(row.folder) / "export" / "gate-masked.mp4"
    assert state(copy) == "valid"
    assert not any(map(shows_patch, frames(copy)))


def test_debians_minisign_checks_the_manifest(site: Site) -> None:
    tool = shutil.which("minisign")
    if tool is None:
        pytest.skip("minisign is not installed")
    folder = made(site)
    run: list[str | Path] = [tool, "-V", "-p", folder / "institution.pub", "-m", folder / "export" / MANIFEST]
    done = subprocess.run(run, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert folder.name in done.stdout
    assert minisign.read_public((folder / "institution.pub").read_text(encoding="utf-8")) == site.key.public
