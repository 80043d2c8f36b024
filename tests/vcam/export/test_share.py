"""A share of masked footage: quick, on record, with its reason and a reviewer, and never from an original."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from recorder.audit.entry import Action
from recorder.descriptor import SegmentDescriptor
from recorder.evidence.register import Exports
from recorder.evidence.verifier import minisign as texts
from recorder.evidence.verifier.check import MANIFEST, check
from recorder.index import Index
from recorder.masked import MaskedWriter
from recorder.policy import Policy
from recorder.scope import Scope
from recorder.vault.keys import Identity
from tests.recorder.support import masked
from tests.support.portrait import frames
from tests.vcam.export.conftest import Site
from tests.vcam.export.support import BEGIN, SECOND, SIZE, units
from vcam.base.errors import ConfigError, CustodyError, Forbidden, RecordError
from vcam.export.job import destroy
from vcam.export.review import Looked
from vcam.export.share import Share, Shared, share


@pytest.fixture
def index(site: Site) -> Index:
    """The index of masked footage of the gate, as the recorder leaves it."""
    found = Index(site.house.database, Policy.days(30))
    record(site, found, "gate")
    return found


def record(site: Site, index: Index, camera: str) -> None:
    """Two seconds of masked footage."""
    done: list[SegmentDescriptor] = []
    writer = MaskedWriter(site.house.media, camera, 60, done.append, site.house.clock)
    for unit in masked(units(), *SIZE):
        writer.masked(unit)
    writer.close()
    for descriptor in done:
        index.add(descriptor)


def shared(site: Site, index: Index, **changes: Any) -> Shared:
    values: dict[str, Any] = {
        "scope": Scope(("gate",), BEGIN, BEGIN + 60 * SECOND),
        "by": "officer-1",
        "reason": "an accident at the gate",
        "review": Looked("officer-2", BEGIN),
        "receiving_body": "an insurer",
    }
    return share(Share(**(values | changes)), index, site.house)


def test_a_share_is_the_masked_footage_with_its_papers(site: Site, index: Index) -> None:
    made = shared(site, index)
    assert made.pictures == len(frames(made.file)) == 50
    key = texts.PublicKey(site.key.public.id, site.key.public.raw)
    assert check(str(made.file.parent), key).findings == []
    manifest = json.loads((made.file.parent / MANIFEST).read_bytes())
    assert (manifest["kind"], manifest["request"], manifest["masked"]) == ("share", None, True)
    assert manifest["reason"] == "an accident at the gate"
    assert [segment["camera"] for segment in manifest["segments"]] == ["gate"]
    (entry,) = site.entries("share.made")
    assert entry["actor"] == "officer-1"
    details = entry["details"]
    assert (details["basis"], details["purpose"], details["reviewer"]) == (
        "masked",
        "an accident at the gate",
        "officer-2",
    )
    assert [file["name"] for file in details["files"]] == ["gate-masked.mp4"]
    assert Exports(site.house.database).get(made.row.id).reviewed_by == "officer-2"


def test_only_gops_of_the_time_asked_for_are_shared(site: Site, index: Index) -> None:
    made = shared(site, index, scope=Scope(("gate",), BEGIN + SECOND, BEGIN + 2 * SECOND))
    assert made.pictures == 25


def test_a_share_can_be_encrypted(site: Site, index: Index) -> None:
    made = shared(site, index, recipient=Identity.generate().recipient)
    assert made.file.name == "gate-masked.mp4.age"
    assert made.file.read_bytes().startswith(b"age-encryption.org/v1\n")
    with pytest.raises(ConfigError, match="receiver's key"):
        shared(site, index, recipient="age1nonsense")


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"reason": "  "}, CustodyError),
        ({"reason": "x" * 3000}, CustodyError),
        ({"review": Looked("", BEGIN)}, Forbidden),
        ({"review": Looked("approver-1", BEGIN)}, Forbidden),
        ({"by": "approver-1"}, Forbidden),
        ({"by": "nobody-1"}, Forbidden),
        ({"scope": Scope(("yard",), BEGIN, BEGIN + 1)}, RecordError),
        ({"scope": Scope(("gate",), BEGIN - 3601 * SECOND, BEGIN - 3600 * SECOND)}, CustodyError),
        ({"scope": Scope(("gate",), BEGIN + 3600 * SECOND, BEGIN + 3601 * SECOND)}, RecordError),
    ],
)
def test_what_is_not_in_order_leaves_nothing(
    site: Site, index: Index, changes: dict[str, Any], error: type[Exception]
) -> None:
    with pytest.raises(error):
        shared(site, index, **changes)
    assert site.left() == []
    assert site.entries("share.made") == []
    assert Exports(site.house.database).list() == []


def test_a_damaged_segment_is_named_and_nothing_is_left(site: Site, index: Index) -> None:
    (video,) = site.house.media.rglob("*.mp4")
    video.write_bytes(b"nonsense")
    with pytest.raises(RecordError):
        shared(site, index)
    assert site.left() == []


def test_a_share_is_taken_back(site: Site, index: Index) -> None:
    made = shared(site, index)
    destroy(made.row.id, site.house, by="officer-1", reason="wrong person", action=Action.SHARE_REVOKED)
    assert not Path(made.row.folder).exists()
    assert site.entries("share.revoked")[0]["details"] == {"reason": "wrong person"}


def test_two_cameras_are_two_files(site: Site, index: Index) -> None:
    record(site, index, "yard")
    made = shared(site, index, scope=Scope(("gate", "yard"), BEGIN, BEGIN + SECOND))
    assert sorted(path.name for path in made.file.parent.glob("*.mp4")) == [
        "gate-masked.mp4",
        "yard-masked.mp4",
    ]
