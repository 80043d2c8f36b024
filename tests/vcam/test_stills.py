"""Stills: what is told of a picture is what the live pipeline masks in it."""

from __future__ import annotations

import json
import os
import shutil
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from models.analyst import Analyst
from tests.support.portrait import FACE, footage, frames, masked, portrait, wall
from vcam.base.errors import ConfigError, DetectError, NotVideo, Unreachable
from vcam.base.settings import EncodeSettings, MaskSettings
from vcam.offline import mask_file
from vcam.stills import detect_files, still

MIDDLE = 12
"""Picture in the middle of a second at 25 pictures a second."""
FINE = EncodeSettings(bit_rate=100_000_000)


def picture(path: Path, at: tuple[int, int] = (100, 60)) -> Path:
    """The portrait on the wall, without loss."""
    image = wall()
    image[at[1] : at[1] + 300, at[0] : at[0] + 300] = portrait()
    assert cv2.imwrite(str(path), image[..., ::-1])
    return path


def held(still_picture: Path, path: Path) -> Path:
    """One second of `still_picture` at 25 pictures a second: its very bytes, again and again."""
    with av.open(str(still_picture)) as source, av.open(str(path), "w") as container:
        (image,) = source.streams.video
        stream = container.add_stream_from_template(image)
        data = next(bytes(packet) for packet in source.demux(image))
        for number in range(25):
            packet = av.Packet(data)
            packet.stream, packet.time_base = stream, Fraction(1, 25)
            packet.pts = packet.dts = number
            packet.duration, packet.is_keyframe = 1, True
            container.mux(packet)
    return path


def masks(video: Path, folder: Path) -> tuple[list[list[object]], av.VideoFrame]:
    """What is masked in the middle picture at a camera's rhythm, as told, and that picture as it came out."""
    out, regions = folder / "out.mp4", folder / "regions.jsonl"
    mask_file(video, out, regions=regions, encode=FINE, live=True)
    lines = [json.loads(line) for line in regions.read_text(encoding="utf-8").splitlines()]
    assert len(lines) == 25
    return lines[MIDDLE]["regions"], frames(out)[MIDDLE]


def plain(boxes: list[list[object]]) -> list[tuple[object, ...]]:
    """Boxes and kinds without score or track, in an order of their own."""
    return sorted((*box[:4], box[5]) for box in boxes)


def test_the_form_and_the_face(tmp_path: Path) -> None:
    found = detect_files([picture(tmp_path / "one.png")])
    assert list(found) == ["one.png"]
    for x1, y1, x2, y2, score, kind in found["one.png"]:
        assert isinstance(score, float)
        assert 0 < score <= 1
        assert kind in {"face", "head", "plate"}
        assert 0 <= x1 < x2 <= 640  # type: ignore[operator]  # JSON's numbers
        assert 0 <= y1 < y2 <= 480  # type: ignore[operator]
    x, y = 100 + FACE[0], 60 + FACE[1]
    assert any(b[0] < x < b[2] and b[1] < y < b[3] and b[5] == "face" for b in found["one.png"])  # type: ignore[operator]
    assert json.loads(json.dumps(found)) == found


def test_a_still_gets_the_very_masks_that_a_video_of_it_gets(tmp_path: Path) -> None:
    source = picture(tmp_path / "one.png")
    found = detect_files([source], live=True)["one.png"]
    told, came_out = masks(held(source, tmp_path / "held.avi"), tmp_path)
    assert found
    assert plain(found) == plain(told)
    for x1, y1, x2, y2, *_ in found:
        assert masked(came_out, (x1, y1, x2, y2))  # type: ignore[arg-type]  # JSON's numbers


@pytest.mark.parametrize("name", ["dev_dlib_0000.jpg", "dev_cctvframe_0000.jpg"])
def test_real_pictures_too(name: str, tmp_path: Path) -> None:
    source = footage("faces", name)
    found = detect_files([source], live=True)[name]
    told, came_out = masks(held(source, tmp_path / "held.avi"), tmp_path)
    assert found
    assert plain(found) == plain(told)
    for x1, y1, x2, y2, *_ in found:
        assert masked(came_out, (x1, y1, x2, y2), noise=16)  # type: ignore[arg-type]


def test_a_still_is_looked_at_closer_and_nothing_is_lost_by_it() -> None:
    source = footage("faces", "dev_cctvframe_0000.jpg")
    (near,), (live,) = (detect_files([source], live=how).values() for how in (False, True))
    # the boxes are tighter, for they are of that very picture; the middle of each must be among them
    assert live
    for x1, y1, x2, y2, *_ in live:
        x, y = (x1 + x2) / 2, (y1 + y2) / 2  # type: ignore[operator]  # JSON's numbers
        assert any(a <= x <= c and b <= y <= d for a, b, c, d, *_ in near)


def test_a_picture_that_is_cut_short_is_masked_whole_as_in_a_video(tmp_path: Path) -> None:
    cut = tmp_path / "cut.jpg"
    assert cv2.imwrite(str(cut), portrait()[..., ::-1])
    cut.write_bytes(cut.read_bytes()[: cut.stat().st_size // 2])
    height, width, _ = portrait().shape
    assert detect_files([cut]) == {"cut.jpg": [[0, 0, width, height, 1.0, "whole"]]}
    assert mask_file(cut, tmp_path / "cut.mp4").whole == 1


def test_what_one_picture_shows_moves_in_no_other(tmp_path: Path) -> None:
    names = [picture(tmp_path / "one.png"), picture(tmp_path / "two.png", (300, 60))]
    assert detect_files(names, mask=MaskSettings(kinds=["motion"])) == {"one.png": [], "two.png": []}


def test_a_folder_stands_for_its_pictures(tmp_path: Path) -> None:
    picture(tmp_path / "b%03d.png")
    shutil.copy(tmp_path / "b%03d.png", tmp_path / "a*?.PNG")
    (tmp_path / "notes.txt").write_text("no picture", encoding="utf-8")
    done: list[int] = []
    found = detect_files([tmp_path], progress=done.append)
    assert list(found) == ["a*?.PNG", "b%03d.png"]
    assert found["a*?.PNG"] == found["b%03d.png"] != []
    assert done == [1, 2]


def test_a_sound_picture_without_a_face_has_none(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "grey.png"), np.full((97, 131, 3), 128, np.uint8))
    portrait()  # skips when there are no detectors
    assert detect_files([tmp_path / "grey.png"]) == {"grey.png": []}


def test_two_pictures_of_one_name_are_refused_before_any_work(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    one = picture(tmp_path / "one.png")
    two = picture(tmp_path / "sub" / "one.png")
    done: list[int] = []
    with pytest.raises(ConfigError, match=r"one\.png") as caught:
        detect_files([one, two], progress=done.append)
    assert caught.value.mend
    assert done == []


@pytest.mark.parametrize("name", ["notes.txt", "notes.jpg", "notes.png", "notes.nfo", "notes"])
@pytest.mark.parametrize("content", [b"", b"These are notes.\n" * 100, b"\xff\xd8\xff\xe0cut off"])
def test_what_is_no_picture_is_named(name: str, content: bytes, tmp_path: Path) -> None:
    portrait()  # skips when there are no detectors
    (tmp_path / name).write_bytes(content)
    with pytest.raises(NotVideo, match=name) as caught:
        detect_files([tmp_path / name])
    assert "picture" in caught.value.mend


def test_an_absent_picture_is_named(tmp_path: Path) -> None:
    portrait()
    with pytest.raises(Unreachable, match=r"nosuch\.png"):
        detect_files([tmp_path / "nosuch.png"])


def test_a_detector_that_fails_is_an_error_and_not_an_empty_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise DetectError("The detector has failed")

    analyst = Analyst(MaskSettings().kinds)
    monkeypatch.setattr(analyst, "analyse", fail)
    with pytest.raises(DetectError):
        still(picture(tmp_path / "one.png"), MaskSettings(), analyst)


@pytest.mark.parametrize("kind", ["face", "head", "person"])
def test_each_kind_of_a_person_can_be_asked_for_alone(tmp_path: Path, kind: str) -> None:
    portrait()
    found = detect_files([picture(tmp_path / "one.png")], mask=MaskSettings.model_validate({"kinds": [kind]}))
    assert kind in {box[5] for box in found["one.png"]}


@pytest.mark.parametrize("kind", ["plate", "vehicle", "plate_band"])
def test_each_kind_of_a_vehicle_can_be_asked_for_alone(kind: str) -> None:
    portrait()
    folder = Path(os.environ.get("GARIM_EVAL", Path(__file__).parents[3] / "shared" / "eval")) / "plates"
    if not folder.is_dir():
        pytest.skip("no labelled footage here; set GARIM_EVAL")
    some = sorted(folder.glob("*.jpg"))[::40]
    found = detect_files(some, mask=MaskSettings.model_validate({"kinds": [kind]}))
    with_kind = sum(any(box[5] == kind for box in boxes) for boxes in found.values())
    assert with_kind >= len(some) / 2


def test_files_are_masked_by_the_rules_of_every_hour(tmp_path: Path) -> None:
    portrait()
    rule = {"name": "a minute", "hours": "03:00-03:01", "kinds": ["person"]}
    settings = MaskSettings.model_validate({"kinds": ["face"], "rule": [rule]})
    found = detect_files([picture(tmp_path / "one.png")], mask=settings)
    assert {"face", "person"} <= {box[5] for box in found["one.png"]}


def test_a_never_zone_clears_the_face_that_lies_in_it(tmp_path: Path) -> None:
    portrait()
    whole = [(-0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)]
    cornered = [(0.0, 0.0), (0.3, 0.0), (0.3, 1.0), (0.0, 1.0)]
    for points, masks_it in ((whole, False), (cornered, True)):
        zone = {"name": "poster", "points": points}
        settings = MaskSettings.model_validate({"kinds": ["face"], "never": [zone]})
        (boxes,) = detect_files([picture(tmp_path / "one.png")], mask=settings).values()
        assert bool(boxes) is masks_it
