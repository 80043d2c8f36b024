"""From custodians' answers to an export that verifies, at the command line."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from av.video.frame import VideoFrame

from models.manifest import weights
from recorder.release.runtime import kind_of
from tests.recorder.support import START, encode
from tests.support.patch import luma
from tests.vcam.cli.test_release import Capture, approved, custodians, folder, garim, record
from vcam.base.errors import WeightsError
from vcam.base.media import TICKS, AccessUnit, Kind, StreamInfo
from vcam.base.settings import Settings
from vcam.base.settings_file import load
from vcam.demo.scene import Scene, Truth
from vcam.review.follow import Luma
from vcam.review.footage import lumas
from vcam.review.line import read
from vcam.review.review import Review

__all__ = ["folder"]


@pytest.fixture
def place(folder: Path) -> Iterator[Path]:
    """The site, with its one-time keys and plaintext in memory."""
    memory = Path("/dev/shm")  # noqa: S108 - that it is shared memory is what is asked of it
    if kind_of(memory) != "tmpfs":
        pytest.skip("there is no folder in memory here")
    runtime = Path(tempfile.mkdtemp(prefix="garim-test-", dir=memory))
    config = folder / "garim.toml"
    text = (
        config.read_text(encoding="utf-8")
        .replace('"run"', f'"{runtime}"')
        .replace("runtime_on_disk = true\n", "")
    )
    config.write_text(text, encoding="utf-8")
    yield folder
    shutil.rmtree(runtime)


def released(place: Path, capsys: Capture) -> str:
    number = approved(place, capsys)
    assert garim(f"release ask {number} --as officer-1 --out", place / "asks") == 0
    release = capsys.readouterr().err.partition(":")[0]
    for name, identity in (("custodian-1", "one.key"), ("custodian-2", "two.words")):
        file = place / "asks" / f"{release}-{name}.ask.json"
        line = ("--identity", place / identity, "--out", place / f"{name}-{release}", "--yes")
        assert garim("release answer", file, *line) == 0
        assert garim("release accept --as officer-1", place / f"{name}-{release}") == 0
    capsys.readouterr()
    return number


def test_an_original_leaves_for_a_warrant_and_its_release_ends(place: Path, capsys: Capture) -> None:
    custodians(place, capsys)
    sent = record(load(place / "garim.toml"), *encode(50))
    number = released(place, capsys)
    out = place / "out"
    assert garim(f"export {number} --kind original --as officer-1 --out", out) == 1
    assert "--unencrypted" in capsys.readouterr().err
    assert list(out.glob("E*")) == []
    assert garim(f"export {number} --kind original --as officer-1 --unencrypted --out", out) == 0
    made = Path(capsys.readouterr().out.strip())
    assert (made / "export" / "gate.h264").read_bytes() == b"".join(unit.data for unit in sent[:30])
    assert garim("verify", made / "export", "--key", made / "institution.pub") == 0
    assert "custodian" not in capsys.readouterr().out
    assert garim("exports list") == 0
    assert f"{made.name}\toriginal\t{number}\tgate" in capsys.readouterr().out
    assert garim(f"export {number} --kind original --as officer-1 --unencrypted") == 1
    assert "no such release" in capsys.readouterr().err
    assert garim(f"exports destroy {made.name} --as officer-1 --reason handed-over") == 0
    assert not made.exists()


def test_the_manifest_names_those_custodians_alone_whose_answers_counted(place: Path, capsys: Capture) -> None:
    custodians(place, capsys)
    record(load(place / "garim.toml"), *encode(50))
    number = released(place, capsys)
    (ask,) = (place / "asks").glob("*custodian-3*")
    assert garim("release answer --yes", ask, "-i", place / "three.key", "-o", place / "third") == 0
    assert garim("release accept --as officer-1", place / "third") == 0
    assert garim("person revoke custodian-3 --as administrator-1") == 0
    capsys.readouterr()
    assert garim(f"export {number} --kind original --as officer-1 --unencrypted --no-viewing") == 0
    made = Path(capsys.readouterr().out.strip())
    people = json.loads((made / "export" / "manifest.json").read_bytes())["people"]
    assert people["custodians"] == ["custodian-1", "custodian-2"]


def test_the_key_is_printed_as_receivers_need_it(place: Path, capsys: Capture) -> None:
    assert garim("exports key --out", place / "institution.pub") == 0
    line, fingerprint = capsys.readouterr().out.splitlines()
    assert line in (place / "institution.pub").read_text(encoding="utf-8")
    assert len(fingerprint.split()) == 16


def test_tracks_are_chosen_from_a_list(place: Path, capsys: Capture) -> None:
    assert garim("export 2026-0001 --kind selective --as officer-1 --keep gate:1") == 2
    assert "--list-tracks" in capsys.readouterr().err


FIRST, COUNT, SCALE = 300, 30, 0.5
"""Of the drawn scene: pictures in which a face and a plate are in view."""


def film(settings: Settings, scene: Scene) -> list[Luma]:
    """Let the camera record the scene; the luma of what it saw."""
    encoder = av.CodecContext.create("libx264", "w")
    assert isinstance(encoder, av.VideoCodecContext)
    encoder.width, encoder.height, encoder.pix_fmt = round(1280 * SCALE), round(720 * SCALE), "yuv420p"
    encoder.time_base = Fraction(1, 25)
    encoder.options = {"preset": "ultrafast", "tune": "zerolatency", "crf": "16", "g": "10"}
    packets, seen = [], []
    for number in range(COUNT):
        picture = VideoFrame.from_ndarray(scene.render(FIRST + number), format="bgr24").reformat(
            format="yuv420p"
        )
        seen.append(luma(picture).copy())
        picture.pts = number
        packets += encoder.encode(picture)
    sent = [
        AccessUnit(bytes(each), n * TICKS // 25, START + n * 40_000, each.is_keyframe)
        for n, each in enumerate(packets)
    ]
    record(settings, StreamInfo("h264", encoder.width, encoder.height, 25.0), sent)
    return seen


def alike(first: Luma, second: Luma, truth: Truth) -> float:
    """How alike two pictures are there: 1 the same."""
    there = (slice(round(truth.y1), round(truth.y2)), slice(round(truth.x1), round(truth.x2)))
    was, now = (np.asarray(each[there], np.float64).ravel() for each in (first, second))
    return float(np.corrcoef(was, now)[0, 1])


def test_a_reviewer_masks_more_and_leaves_clear_what_is_nobody(place: Path, capsys: Capture) -> None:
    """With the product's own detectors, on a scene drawn to the pixel."""
    try:
        scene = Scene(weights("astronaut"), scale=SCALE, noise=1.5)
        weights("yunet")
    except WeightsError as error:
        pytest.skip(f"a file is absent: {error}")
    config = place / "garim.toml"
    text = config.read_text(encoding="utf-8")
    config.write_text(
        text.replace('192.0.2.7/" }', '192.0.2.7/" }\nmask = { kinds = ["face"] }'), encoding="utf-8"
    )
    custodians(place, capsys)
    seen = film(load(config), scene)
    number, folder = released(place, capsys), place / "review"
    faces, plates = (
        [next(t for t in scene.truth(FIRST + n) if t.kind is kind) for n in range(COUNT)]
        for kind in (Kind.FACE, Kind.PLATE)
    )
    assert garim(f"export {number} --kind masked --as officer-1 --for-review", folder) == 0
    assert "--keep gate:" in capsys.readouterr().err
    looked = [each for each, _ in lumas(folder / "video.mp4")]
    assert len(looked) == COUNT
    assert max(map(alike, seen, looked, faces)) < 0.9
    assert min(map(alike, seen, looked, plates)) > 0.9
    box = ",".join(f"{edge:.1f}" for edge in (plates[5].x1, plates[5].y1, plates[5].x2, plates[5].y2))
    assert garim("review add", folder, "--at", 0.2, "--box", box, "--reason", "a plate") == 0
    tracks = {each.track for line in read(folder / "regions.jsonl") for each in line.shown}
    for track in tracks:
        assert garim("review remove", folder, "--track", track, "--reason", "a poster") == 0
    order = f"export {number} --kind masked --as officer-1 --review {folder} --more"
    assert garim(order) == 1
    assert "not approved" in capsys.readouterr().err
    assert garim("review approve", folder, "--as", "officer-1") == 0
    assert garim(order) == 1
    assert "--unencrypted" in capsys.readouterr().err
    assert garim(order, "--unencrypted", "--out", place / "out") == 0
    made = Path(capsys.readouterr().out.strip().splitlines()[-1])
    left = [each for each, _ in lumas(made / "export" / "gate-masked.mp4")]
    covered = Review.load(folder / "review.json").added
    assert len(covered) > 10
    for n in covered:
        assert alike(seen[n], left[n], plates[n]) < 0.8
    clear = [n for n in range(COUNT) if alike(seen[n], left[n], faces[n]) > 0.95]
    assert len(clear) > 10
    assert garim("verify", made / "export", "--key", made / "institution.pub") == 0
    assert garim("ledger accesses --format csv --lang en") == 0
    said = capsys.readouterr().out
    assert "review of an export: officer-1" in said
    assert f"1 added, {len(tracks)} removed: gate: added: a plate" in said
