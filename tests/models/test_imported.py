from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.analyst import Analyst
from models.boxes import overlaps
from models.imported import FixedPass, imported, shelf_of, unite, useless
from models.manifest import weights
from models.runtime import Pixels, Runtime
from models.shelf import Shelf
from models.yolo import Layout
from tests.support.yolonet import add, network, scene
from vcam.base.errors import ConfigError, DetectError, WeightsError
from vcam.base.media import Analysis, Kind, Picture
from vcam.base.settings import MaskKind, MaskSettings, ModelKind, SiteSettings

MakePicture = Callable[[Pixels], Picture]

PATCH = (96, 64, 224, 160)


def covers(analysis: Analysis, patch: tuple[int, int, int, int], kind: Kind) -> bool:
    boxes = [one for one in analysis.detections if one.kind is kind]
    if not boxes:
        return False
    return (
        min(one.x1 for one in boxes) <= patch[0]
        and min(one.y1 for one in boxes) <= patch[1]
        and max(one.x2 for one in boxes) >= patch[2]
        and max(one.y2 for one in boxes) >= patch[3]
    )


@pytest.mark.parametrize("engine", ["openvino", "onnxruntime"])
@pytest.mark.parametrize("layout", ["v8", "v5", "end"])
@pytest.mark.parametrize("size", [None, (640, 640), (320, 192)])
def test_it_looks_along_with_the_shipped_ones(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    picture_of: MakePicture,
    *,
    engine: str,
    layout: Layout,
    size: tuple[int, int] | None,
) -> None:
    runtime: Runtime = request.getfixturevalue(engine)
    one = add(Shelf(tmp_path), layout=layout, size=size)
    picture = picture_of(scene(640, 352, [PATCH]))
    plain = Analyst(["face"], runtime=runtime)
    both = Analyst(["face"], runtime=runtime, extra=[one])
    proving = plain.families["face"]
    # it changes neither the plan nor what proves anything
    assert both.families == plain.families
    assert both.period("face", 25) == plain.period("face", 25)
    assert all(both.plan(step, 25, (640, 352)) == plain.plan(step, 25, (640, 352)) for step in range(60))
    for name in proving:
        assert not covers(plain.analyse(picture, (name,), ()), PATCH, Kind.FACE)
        analysis = both.analyse(picture, (name,), ())
        assert covers(analysis, PATCH, Kind.FACE)
        assert analysis.passes == {name}


def test_it_does_not_look_along_with_others(
    onnxruntime: Runtime, tmp_path: Path, picture_of: MakePicture
) -> None:
    one = add(Shelf(tmp_path))
    analyst = Analyst(["face", "plate"], runtime=onnxruntime, extra=[one])
    picture = picture_of(scene(640, 352, [PATCH]))
    light = [name for name in analyst.plan(6, 25, (640, 352)) if name.startswith("centerface")]
    assert light
    for names in (light, analyst.families["plate"]):
        assert not covers(analyst.analyse(picture, tuple(names), ()), PATCH, Kind.FACE)


@pytest.mark.parametrize(
    ("kind", "asked", "told"), [("person", "head", Kind.HEAD), ("vehicle", "plate_band", Kind.PLATE_BAND)]
)
def test_heads_and_bands_come_of_persons_and_vehicles(
    onnxruntime: Runtime,
    tmp_path: Path,
    picture_of: MakePicture,
    *,
    kind: ModelKind,
    asked: MaskKind,
    told: Kind,
) -> None:
    one = add(Shelf(tmp_path), kind=kind)
    analyst = Analyst([asked], runtime=onnxruntime, extra=[one])
    seen = analyst.analyse(picture_of(scene(640, 352, [PATCH])), ("object:416",), ()).detections
    assert {found.kind for found in seen} == {told}


def test_an_altered_file_stops_the_look(onnxruntime: Runtime, tmp_path: Path, picture_of: MakePicture) -> None:
    one = add(Shelf(tmp_path))
    (tmp_path / "magenta.onnx").write_bytes(network("v5").SerializeToString())
    analyst = Analyst(["face"], runtime=onnxruntime, extra=[one])
    with pytest.raises(WeightsError, match="altered"):
        analyst.load(640, 352)
    (name,) = analyst.families["face"]
    with pytest.raises(WeightsError, match="altered"):
        analyst.analyse(picture_of(scene(640, 352, [])), (name,), ())


def test_shipped_boxes_stay_as_they_are(
    onnxruntime: Runtime, tmp_path: Path, portrait: Pixels, picture_of: MakePicture
) -> None:
    # magenta over the face, so that both find something there
    pixels = portrait.copy()
    pixels[64:160, 160:288, 1] = 0
    plain = Analyst(["face"], runtime=onnxruntime)
    both = Analyst(["face"], runtime=onnxruntime, extra=[add(Shelf(tmp_path))])
    (name,) = plain.families["face"]
    for picture in (picture_of(pixels), picture_of(portrait)):
        before = plain.analyse(picture, (name, "centerface:640"), ()).detections
        after = both.analyse(picture, (name, "centerface:640"), ()).detections
        boxes = {(one.x1, one.y1, one.x2, one.y2): one.score for one in after}
        for one in before:
            assert boxes[one.x1, one.y1, one.x2, one.y2] >= one.score


_boxes = st.lists(
    st.tuples(
        st.floats(0, 90, width=32),
        st.floats(0, 90, width=32),
        st.floats(1, 60, width=32),
        st.floats(1, 60, width=32),
        st.floats(0.125, 1, width=32),
    ),
    max_size=8,
)


@given(shipped=_boxes, others=_boxes)
def test_nothing_is_taken_away(shipped: list[tuple[float, ...]], others: list[tuple[float, ...]]) -> None:
    def united(rows: list[tuple[float, ...]], own: int) -> dict[tuple[float, ...], float]:
        data = np.array(rows, np.float32).reshape(-1, 5)
        boxes = np.concatenate((data[:, :2], data[:, :2] + data[:, 2:4]), axis=1)
        flags = np.arange(len(rows)) < own
        kept, scores = unite(boxes, data[:, 4], flags, counts=0.3, limit=0.6)
        return {tuple(boxes[at].tolist()): float(scores[at]) for at in kept}

    alone = united(shipped, len(shipped))
    both = united([*shipped, *others], len(shipped))
    for box, score in alone.items():
        assert both[box] >= score
    # and what the imported one alone saw is there, but for what a kept box of the same place stands for
    assert len(both) <= len(shipped) + len(others)
    for box in united(others, 0):
        place = np.array([box], np.float32)
        kept = np.array(list(both), np.float32).reshape(-1, 4)
        assert float(overlaps(place, kept).max()) > 0


def test_two_that_agree_make_a_weak_finding_count() -> None:
    boxes = np.array([[0, 0, 40, 40], [30, 30, 50, 50], [80, 80, 90, 90]], np.float32)
    scores = np.array([0.15, 0.9, 0.2], np.float32)
    _, raised = unite(boxes, scores, np.array([True, False, True]), counts=0.3, limit=0.6)
    assert raised.tolist() == pytest.approx([0.3, 0.9, 0.2])


@given(
    width=st.integers(2, 8000),
    height=st.integers(2, 8000),
    bounds=st.tuples(st.integers(1, 40), st.integers(1, 40)),
)
def test_what_is_analysed_fits_into_a_fixed_network(width: int, height: int, bounds: tuple[int, int]) -> None:
    limits = bounds[0] * 32, bounds[1] * 32
    across, down = FixedPass("a", "face", "a", max(limits), (), bounds=limits).size(width, height)
    assert 32 <= across <= limits[0]
    assert 32 <= down <= limits[1]
    assert across % 32 == down % 32 == 0


def test_names_are_looked_up(tmp_path: Path) -> None:
    site = SiteSettings(state=tmp_path)
    add(shelf_of(site))
    add(shelf_of(site), "plates", "plate")
    assert imported(MaskSettings(), site) == ()
    mask = MaskSettings(models=["plates", "magenta"])
    assert [one.name for one in imported(mask, site)] == ["imported/plates", "imported/magenta"]
    with pytest.raises(ConfigError, match="none"):
        imported(MaskSettings(models=["none"]), site)
    with pytest.raises(ConfigError, match="not masked") as caught:
        imported(MaskSettings(kinds=["face"], models=["plates"]), site)
    assert "mask.kinds" in caught.value.mend


@pytest.mark.parametrize(
    ("kind", "kinds", "useful"),
    [
        ("person", ["head"], True),
        ("person", ["person", "face"], True),
        ("person", ["vehicle", "face"], False),
        ("vehicle", ["plate_band"], True),
        ("plate", ["plate_band"], False),
        ("face", ["head"], False),
    ],
)
def test_what_it_finds_must_be_masked(
    tmp_path: Path, kind: ModelKind, kinds: list[MaskKind], useful: bool
) -> None:
    assert (not useless(add(Shelf(tmp_path), kind=kind).entry, kinds)) is useful


def test_its_name_is_never_a_shipped_ones(
    onnxruntime: Runtime, tmp_path: Path, portrait: Pixels, picture_of: MakePicture
) -> None:
    one = add(Shelf(tmp_path), "yunet")
    analyst = Analyst(["face"], runtime=onnxruntime, extra=[one])
    (name,) = analyst.families["face"]
    assert weights("yunet").is_file()
    assert name != one.look().name
    with pytest.raises(DetectError):
        analyst.analyse(picture_of(portrait), ("yunet",), ())
