"""Originals are reviewed masked before they leave; what the reviewer changes is in what leaves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from av.video.frame import VideoFrame

from recorder.scope import Scope
from tests.support.patch import PATCH, PatchAnalyst, PatchScene, shows_patch
from tests.support.portrait import frames
from tests.vcam.export.conftest import Site
from tests.vcam.export.support import BEGIN, COUNT, SECOND, SIZE, Opened, units
from vcam.base.errors import ConfigError, CustodyError, Forbidden
from vcam.base.media import Analysis, Picture, Region
from vcam.base.settings import Zone
from vcam.export.job import export, list_tracks
from vcam.export.order import Choice, Order
from vcam.export.preview import preview
from vcam.export.review import Reviews
from vcam.review.folder import REGIONS, VIDEO, Folder
from vcam.review.line import read
from vcam.review.review import added

ALL = Zone.model_validate({"name": "all", "points": [[0, 0], [1, 0], [1, 1], [0, 1]]})


class Blind(PatchAnalyst):
    """Misses whoever is there."""

    def analyse(self, picture: Picture, passes: tuple[str, ...], tracked: Sequence[Region]) -> Analysis:
        return replace(super().analyse(picture, passes, tracked), detections=())


@pytest.fixture
def blind(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    assert site.left() == []
    for module in ("vcam.offline", "vcam.tracks", "vcam.export.stills"):
        monkeypatch.setattr(f"{module}.Analyst", lambda kinds, **_: Blind())


def order(site: Site, **changes: Any) -> Order:
    case = site.book.get(site.released())
    values: dict[str, Any] = {"kind": "masked", "by": "officer-1", "case": case, "scope": case.scope}
    return Order(**(values | changes))


def begun(site: Site, tmp_path: Path, asked: Order) -> tuple[Folder, Opened]:
    footage = Opened({"gate": units()})
    return preview(asked, footage, site.house, tmp_path / "review"), footage


def covering(folder: Folder) -> None:
    """Mask the patch in every picture."""
    scene = PatchScene(*SIZE)
    corners = [scene.place(number + 20) for number in range(COUNT)]
    boxes = [(float(x), float(y), float(x + PATCH), float(y + PATCH)) for x, y in corners]
    folder.review.change(added(0, boxes, "a face at the gate")).save(folder.path / "review.json")


def shown(folder: Path) -> list[bool]:
    """Of each picture that left, whether it shows the patch."""
    content = folder / "export"
    stills = sorted(content.glob("*.png"))
    if stills:
        pictures = [cv2.imread(str(each)) for each in stills]
        return [
            shows_patch(VideoFrame.from_ndarray(np.asarray(each), format="bgr24").reformat(format="yuv420p"))
            for each in pictures
        ]
    (video,) = content.glob("*.mp4")
    return list(map(shows_patch, frames(video)))


def test_everybody_is_masked_in_what_is_looked_at_and_looking_is_on_record(site: Site, tmp_path: Path) -> None:
    folder, _ = begun(site, tmp_path, order(site))
    assert len(frames(folder.path / VIDEO)) == folder.review.frames == COUNT
    assert not any(map(shows_patch, frames(folder.path / VIDEO)))
    assert folder.review.source != folder.review.video
    assert site.left() == []
    (entry,) = site.entries("footage.viewed")
    assert (entry["actor"], entry["details"]["task"]) == ("officer-1", "review")
    (only,) = {each.track for line in read(folder.path / REGIONS) for each in line.shown}
    assert only == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"kind": "masked"},
        {"kind": "selective", "zone": ALL, "unencrypted": True},
        {"kind": "stills", "instants": (BEGIN, BEGIN + 400_000, BEGIN + SECOND)},
    ],
    ids=["masked", "selective", "stills"],
)
@pytest.mark.usefixtures("blind")
def test_what_the_reviewer_adds_is_masked_in_every_kind(
    site: Site, tmp_path: Path, changes: dict[str, Any]
) -> None:
    asked = order(site, **changes)
    folder, footage = begun(site, tmp_path, asked)
    assert all(map(shows_patch, frames(folder.path / VIDEO)))
    unmended = Reviews({"gate": folder.review.approved("officer-2", BEGIN)})
    row = export(replace(asked, review=unmended), footage, site.book, site.house)
    assert all(shown(Path(row.folder)))
    covering(folder)
    folder = Folder(folder.path)
    folder.approve("officer-2", BEGIN)
    mended = Reviews({"gate": folder.review})
    row = export(replace(asked, review=mended), footage, site.book, site.house)
    assert not any(shown(Path(row.folder)))
    manifest = site.manifest(Path(row.folder))
    assert manifest["review"]["sha256"] == folder.review.sha256
    assert "removed" not in manifest["clear"]
    first, second = site.entries("export.reviewed")
    assert first["details"]["added"] == 0
    assert second["details"]["reasons"] == ["gate: added: a face at the gate"]
    assert second["details"]["request"] == asked.case.number


@pytest.mark.parametrize("kind", ["masked", "stills"])
def test_what_the_reviewer_removes_is_clear_where_that_is_certain(
    site: Site, tmp_path: Path, kind: str
) -> None:
    instants = (BEGIN + SECOND,) if kind == "stills" else ()
    asked = order(site, kind=kind, instants=instants)
    folder, footage = begun(site, tmp_path, asked)
    folder.remove(1, "a lantern")
    with pytest.raises(CustodyError, match="not approved"):
        Reviews({"gate": folder.review})
    folder.approve("officer-2", BEGIN)
    reviewed = replace(asked, review=Reviews({"gate": folder.review}))
    with pytest.raises(Forbidden, match="--unencrypted"):
        export(reviewed, footage, site.book, site.house)
    assert site.left() == []
    row = export(replace(reviewed, unencrypted=True), footage, site.book, site.house)
    seen = shown(Path(row.folder))
    assert sum(seen) > 30 if kind == "masked" else all(seen)
    manifest = site.manifest(Path(row.folder))
    assert manifest["clear"] == {"removed": {"gate": [1]}}
    (entry,) = site.entries("export.reviewed")
    assert (entry["details"]["removed"], entry["details"]["reasons"]) == (1, ["gate: removed: a lantern"])


def test_tracks_chosen_and_removed_are_from_one_list(site: Site, tmp_path: Path) -> None:
    asked = order(site, kind="selective", unencrypted=True)
    folder, footage = begun(site, tmp_path, asked)
    (listing,) = list_tracks(asked, footage, site.house)
    assert listing.digest == folder.review.listing
    folder.remove(1, "a lantern")
    folder.approve("officer-2", BEGIN)
    review = Reviews({"gate": folder.review})
    other = replace(asked, review=review, choices={"gate": Choice(frozenset({1}), "0" * 64)})
    with pytest.raises(ConfigError, match="different lists"):
        export(other, footage, site.book, site.house)
    same = replace(asked, review=review, choices={"gate": Choice(frozenset({1}), listing.digest)})
    row = export(same, footage, site.book, site.house)
    assert site.manifest(Path(row.folder))["clear"] == {"tracks": {"gate": [1]}, "removed": {"gate": [1]}}


def test_a_review_of_less_lets_nothing_out(site: Site, tmp_path: Path) -> None:
    asked = order(site)
    less = replace(asked, scope=Scope(("gate",), BEGIN, BEGIN + SECOND))
    folder, footage = begun(site, tmp_path, less)
    assert folder.review.frames == COUNT // 2
    folder.approve("officer-2", BEGIN)
    with pytest.raises(CustodyError, match="other footage"):
        export(replace(asked, review=Reviews({"gate": folder.review})), footage, site.book, site.house)
    with pytest.raises(ConfigError, match="an original has none"):
        export(
            replace(less, kind="original", unencrypted=True, review=Reviews({"gate": folder.review})),
            footage,
            site.book,
            site.house,
        )
    assert site.left() == []


def test_what_cannot_be_begun_leaves_no_folder(site: Site, tmp_path: Path) -> None:
    asked = order(site)
    with pytest.raises(CustodyError, match="Nothing of gate"):
        preview(asked, Opened({}), site.house, tmp_path / "review")
    assert not (tmp_path / "review").exists()
    (tmp_path / "review").mkdir()
    with pytest.raises(CustodyError, match="cannot be made"):
        preview(asked, Opened({"gate": units()}), site.house, tmp_path / "review")
    assert site.left() == []
